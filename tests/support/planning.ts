/**
 * Runs the commands `plan` and `diff` for tests: as a program, and in this process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import { type ClusterState, clusterState } from "../../src/commands/plan/cluster_state.ts";
import { offline, plansOf } from "../../src/commands/plan/plan.ts";
import type { Planned } from "../../src/commands/plan/planned.ts";
import type { Plans } from "../../src/commands/plan/show.ts";
import { readSubjects } from "../../src/commands/plan/subjects.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { DEFAULT_CONFIG_MAP } from "../../src/reconcile/connect/settings.ts";
import type { World, WorldOptions } from "./harness.ts";
import { settled } from "./plans.ts";

/** The token of the worlds' workspaces. */
export const TOKEN = "token";
/** A workspace with a name that only the command's proxy resolves; the status of objects has the same name. */
export const AUTO = {
  mock: { host: "http://plan.localhost" },
  settings: { ingest: "false" },
  start: false,
} satisfies WorldOptions;

/** The result of a program. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command on objects in a file, or on files; with the cluster unless `isOffline`. */
export async function run(
  world: World,
  objects: readonly (KubeObject | string)[],
  { command = "plan", args = [], isOffline = false, token = TOKEN }: {
    readonly command?: "plan" | "diff";
    readonly args?: readonly string[];
    readonly isOffline?: boolean;
    readonly token?: string;
  } = {},
): Promise<Ran> {
  await using served = await serve(world.workspace);
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    file,
    objects.map((one) => typeof one === "string" ? one : stringifyJson(one)).join("\n---\n"),
  );
  const cluster = isOffline ? ["--no-cluster"] : ["--kubeconfig", world.kubeconfig];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-qA", "--no-check", "src/main.ts", command, "-f", file, "--namespace", world.namespace],
      ...cluster,
      ...args,
    ],
    env: {
      ...{ DATABRICKS_HOST: world.workspace.host, DATABRICKS_TOKEN: token, HOME: "/nonexistent", NO_COLOR: "1" },
      ...{ HTTP_PROXY: served.url, NO_PROXY: "127.0.0.1" },
    },
    stdin: "null",
  }).output();
  await Deno.remove(file);
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out.replaceAll(file, "job.yaml"), err: err.replaceAll(file, "job.yaml") };
}

/** Returns the command's result for objects, computed in this process. */
export async function plans(
  { kube, namespace, workspace }: World,
  objects: readonly KubeObject[],
  { isOffline = false, state = clusterState(kube, DEFAULT_CONFIG_MAP) }: {
    readonly isOffline?: boolean;
    readonly state?: ClusterState;
  } = {},
): Promise<Plans> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(file, objects.map((one) => stringifyJson(one)).join("\n---\n"));
  const subjects = await readSubjects([file], namespace);
  await Deno.remove(file);
  assert.deepEqual(subjects.problems, []);
  return await plansOf(subjects, {
    cluster: isOffline ? offline : { state, namespace, isAsked: true },
    profile: { keys: { host: workspace.host, token: TOKEN }, from: "the test" },
    transport: () => workspace.transport,
    timeoutMs: 60_000,
  });
}

/** The plans of the objects only. */
export async function planned(...args: Parameters<typeof plans>): Promise<readonly Planned[]> {
  return (await plans(...args)).objects;
}

/** Starts the operator, applies a job, and waits until Databricks has it. */
export async function existing(world: World, object: KubeObject): Promise<string> {
  await world.startOperator({ allowLoopback: true });
  await world.apply(object);
  const { status } = await settled(world, String(object.metadata.name));
  world.workspace.ledger.clear();
  return String(status?.id);
}

/** Calls the API as another program would. */
export async function call({ workspace }: World, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const request = new Request(`${workspace.host}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return parseJson(await (await workspace.fetch(request)).text() || "{}") as Record<string, unknown>;
}
