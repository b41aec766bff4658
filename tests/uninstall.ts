/**
 * Takes the operator away with everything that it brought, and looks at what becomes of Databricks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MockWorkspace } from "../mock/workspace.ts";
import { type KubeClient, KubeError } from "../src/kubernetes/client.ts";
import { GROUP } from "../src/resource.ts";
import { resources } from "../src/resources/mod.ts";
import { installCrds } from "./harness.ts";
import { job, manifest, secret } from "./objects.ts";
import { eventually, problem } from "./waiting.ts";
import { World } from "./world.ts";

const CRDS = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };

/** How the operator is taken away. */
export interface Uninstall {
  /** An administrator's way in. */
  readonly admin: KubeClient;
  /** The operator's, with the rights that it has. */
  readonly operator: KubeClient;
  /** It exists. */
  readonly namespace: string;
  /** Whether the operator is there when the CRDs are deleted, or comes back only later. */
  readonly isRunning: boolean;
}

/** One object of each kind; then all CRDs are deleted. Everything must go from Kubernetes, and nothing from Databricks. */
export async function uninstall({ admin, operator: client, namespace, isRunning }: Uninstall): Promise<void> {
  const workspace = new MockWorkspace();
  const world = new World({ kube: admin, namespace, workspace, kubeconfig: "" });
  await world.connect({ settings: { ingest: "false" } });
  const operator = await world.startOperator({ client });
  await applyAll(world);
  const held = left(workspace);
  workspace.ledger.clear();
  if (!isRunning) await world.stopOperator(operator);
  for (const { plural } of resources) await admin.delete(CRDS, `${plural}.${GROUP}`);
  if (!isRunning) {
    await eventually("the objects are about to go", async () => {
      const object = await world.get("DatabricksJob", "x");
      return object?.metadata.deletionTimestamp !== undefined;
    });
    void world.startOperator({ client });
  }
  await eventually("the CRDs are gone", async () => {
    const rest = await Promise.all(resources.map(({ plural }) => exists(admin, `${plural}.${GROUP}`)));
    return rest.every((one) => !one) || problem(rest.join());
  });
  assert.deepEqual(left(workspace), held, "nothing is gone from Databricks");
  assert.deepEqual(workspace.ledger.writes(), []);
  await installCrds(admin);
  await eventually("the kinds can be listed again", async () => {
    for (const { kind } of resources) await world.list(kind);
    return true;
  });
  await world.end();
}

async function applyAll(world: World): Promise<void> {
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub" };
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", { personal_access_token: "ghp_one" }));
  await world.apply(job("x"));
  await world.apply(manifest("GitCredential", "x", { credential, secret_name: "source" }));
  await world.apply(manifest("Repo", "x", { repository }));
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "own" } }));
  await world.apply(manifest("DatabricksSecret", "x", { scope: "team", secret_name: "source" }));
  for (const { kind } of resources) await world.ready(kind, "x");
}

function left({ jobs, credentials, repos, secrets }: MockWorkspace): unknown {
  return {
    jobs: jobs.ids(),
    credentials: credentials.all(),
    repos: repos.all(),
    scopes: secrets.scopes(),
    keys: secrets.keys("team"),
  };
}

async function exists(client: KubeClient, name: string): Promise<boolean> {
  try {
    return await client.get(CRDS, name) !== undefined;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
