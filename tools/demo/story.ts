/**
 * The demo's story: manifests become resources, a run starts and ends, an edit in the web application is repaired, and
 * a job that was created there appears in Kubernetes.
 *
 * @module
 */
import { parseAllDocuments } from "yaml";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { toCrd } from "../../src/generate/crd.ts";
import type { KubeClient, KubeObject, ResourcePath } from "../../src/kubernetes/client.ts";
import { GROUP, VERSION } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import type { Row, Screen } from "./screen.ts";

/** The time limit of a step (ms). */
const PATIENCE = 60_000;
/** The time after which cleanup removes finalizers (ms). */
const TIDY = 15_000;
/** The interval between reads (ms). */
const LOOK = 200;

/** The story's environment. */
export interface Stage {
  readonly kube: KubeClient;
  readonly namespace: string;
  readonly workspace: MockWorkspace;
  /** The address of the workspace. */
  readonly url: string;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Applies the CRDs, the settings and every manifest in a folder. */
export async function setUp(stage: Stage, examples: string): Promise<void> {
  const { kube, namespace } = stage;
  for (const resource of resources) {
    const crd = toCrd(resource);
    await kube.patch(CRDS, crd.metadata.name, crd, { type: "apply", force: true });
  }
  await until(stage, "the CRDs are served", async () => {
    const served = await kube.discover(GROUP, VERSION);
    return resources.every(({ plural }) => served.has(plural));
  });
  for (const object of await manifests(stage, examples)) {
    const path = pathOf(object, namespace);
    await kube.patch(path, object.metadata.name ?? "", { ...object, metadata: { ...object.metadata, namespace } }, {
      type: "apply",
      force: true,
      fieldManager: "demo",
    });
  }
}

const CRDS: ResourcePath = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

function pathOf({ kind }: KubeObject, namespace: string): ResourcePath {
  const resource = resources.find((one) => one.kind === kind);
  if (resource !== undefined) return { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  return { group: "", version: "v1", plural: `${kind?.toLowerCase()}s`, namespace };
}

/** The manifests of a folder, with settings that use the demo's workspace and short intervals. */
async function manifests({ url }: Stage, folder: string): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !name.endsWith(".yaml")) continue;
    for (const document of parseAllDocuments(await Deno.readTextFile(`${folder}/${name}`))) {
      objects.push(document.toJS());
    }
  }
  for (const { metadata, ...object } of objects) {
    const [data, stringData] = [object.data, object.stringData] as Record<string, string>[];
    if (metadata.name === "databricks-kube-operator" && data !== undefined) {
      Object.assign(data, { default_requeue_interval: "2", status_poll_interval: "1" });
    }
    if (stringData?.databricks_url !== undefined) stringData.databricks_url = url;
  }
  // A Secret must exist before the objects that refer to it; otherwise, the first visible event would be an error.
  return objects.sort((a, b) => Number(a.apiVersion !== "v1") - Number(b.apiVersion !== "v1"));
}

/** Plays the story. */
export async function play(stage: Stage): Promise<void> {
  const { workspace, screen } = stage;
  screen.say("→ applying the manifests of examples/; the operator creates their resources");
  await until(stage, "everything is Ready", async () => {
    const rows = await look(stage);
    return rows.length >= 7 && rows.every(({ ready }) => ready === "True");
  });
  screen.say("✓ everything is Ready");
  screen.say("→ requesting a run in the manifest of nightly-report (spec.run)");
  await untilStatus(stage, "nightly-report", "TERMINATED SUCCESS");
  screen.say("✓ the run ended, and kubectl shows it");
  await repair(stage);
  await ingest(stage);
  screen.say(`✓ the story ended after ${workspace.ledger.calls.length} calls to Databricks`);
}

async function repair(stage: Stage): Promise<void> {
  const { workspace, screen } = stage;
  const id = jobNamed(workspace, "nightly-report");
  screen.say("→ somebody changes the schedule of nightly-report to 4 o'clock in the webapp, and adds a tag");
  workspace.jobs.edit(id, (settings) => {
    settings.schedule = { ...settings.schedule as object, quartz_cron_expression: "0 0 4 * * ?" };
    settings.tags = { ...settings.tags as object, by_hand: "yes" };
  });
  await until(stage, "the edit is reverted", async () => {
    await look(stage);
    const { schedule, tags } = workspace.jobs.get(id)?.settings as { schedule: Record<string, string>; tags: object };
    return schedule.quartz_cron_expression === "0 0 3 * * ?" && !("by_hand" in tags);
  });
  screen.say("✓ the operator reverted both changes; kubectl describe names the fields");
}

async function ingest(stage: Stage): Promise<void> {
  const { workspace, screen } = stage;
  screen.say('→ somebody creates a job "Ad hoc analysis" in the webapp');
  workspace.jobs.add({
    name: "Ad hoc analysis",
    tasks: [{ task_key: "main", notebook_task: { notebook_path: "/Shared/x" } }],
  });
  await until(
    stage,
    "it has an object",
    async () => (await look(stage)).some(({ name }) => name === "ad-hoc-analysis"),
  );
  screen.say('✓ the operator created DatabricksJob ad-hoc-analysis with owner "api": its spec follows the job');
}

function jobNamed(workspace: MockWorkspace, name: string): string {
  return workspace.jobs.ids().find((id) => workspace.jobs.get(id)?.settings.name === name) ?? "";
}

async function untilStatus(stage: Stage, name: string, status: string): Promise<void> {
  await until(stage, `${name} is ${status}`, async () => {
    return (await look(stage)).some((row) => row.name === name && row.status === status);
  });
}

/** Deletes the demo's objects from a cluster that outlives it. The operator must still be running. */
export async function tidyUp(stage: Stage): Promise<void> {
  const { kube, namespace, screen } = stage;
  screen.say("→ deleting the demo's objects and its namespace");
  for (const { plural } of resources) {
    const path = { group: GROUP, version: VERSION, plural, namespace };
    for (const { metadata } of (await kube.list(path)).items) await kube.delete(path, metadata.name ?? "");
  }
  for (const deadline = performance.now() + TIDY; performance.now() < deadline;) {
    if ((await look(stage)).length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  // An earlier demo's objects belong to a workspace that no longer exists, so nothing else removes their finalizers.
  for (const { plural } of resources) {
    const path = { group: GROUP, version: VERSION, plural, namespace };
    for (const { metadata } of (await kube.list(path)).items) {
      await kube.patch(path, metadata.name ?? "", { metadata: { finalizers: null } });
    }
  }
  await kube.delete({ group: "", version: "v1", plural: "namespaces" }, namespace);
}

/** Reads all objects and shows them. */
export async function look({ kube, namespace, screen }: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { kind, plural } of resources) {
    const { items } = await kube.list({ group: GROUP, version: VERSION, plural, namespace });
    rows.push(...items.map((object) => toRow(kind, object)));
  }
  screen.show(rows);
  return rows;
}

interface ShownStatus {
  conditions?: { type: string; status: string; reason: string; message: string }[];
  latest_run_state?: { life_cycle_state: string; result_state?: string };
  owner?: string;
}

function toRow(kind: string, { metadata, status = {} }: KubeObject): Row {
  const { conditions = [], latest_run_state, owner } = status as ShownStatus;
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const [ready, synced] = [find("Ready"), find("Synced")];
  return {
    kind,
    name: metadata.name ?? "",
    ready: ready?.status ?? "",
    status: [latest_run_state?.life_cycle_state, latest_run_state?.result_state].filter(Boolean).join(" "),
    note: noteOf(ready?.status === "True" ? undefined : ready?.reason, synced, owner),
  };
}

/** The reason why an object is not Ready, or its owner. */
function noteOf(reason = "", synced: { status: string; message: string } | undefined, owner: string | undefined) {
  if (synced?.status === "False") return synced.message.slice(0, 60);
  return reason !== "" ? reason : owner === "api" ? "owned by the API" : "";
}

async function until({ signal }: Stage, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!await isSo()) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error(`Timed out after ${PATIENCE / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
