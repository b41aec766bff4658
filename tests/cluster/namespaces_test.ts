/** Watched namespaces that may not be read, and namespaces that come and go. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { type KubeClient, KubeError, type ResourcePath } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, job, notebook, problem, sweeps, type World } from "../support/harness.ts";

const unstarted = { start: false };

/** A client that may not list certain paths. */
function forbidding(client: KubeClient, isForbidden: (path: ResourcePath) => boolean): KubeClient {
  const refusal = () => Promise.reject(new KubeError("Cannot list: forbidden", { status: 403, reason: "Forbidden" }));
  return altered(client, (client) => ({
    list: (path, options) => isForbidden(path) ? refusal() : client.list(path, options),
    async *watch(path, options) {
      if (isForbidden(path)) await refusal();
      yield* client.watch(path, options);
    },
  }));
}

/** Adds a connected namespace, with a job in each of the two. */
async function neighbour(world: World): Promise<string> {
  const other = await world.addNamespace("forbidden");
  await world.connect({ namespace: other });
  await world.apply(job("theirs"), other);
  await world.apply(job("ours"));
  return other;
}

/** Waits for the neighbour's job; a Stalled condition does not end the wait. */
async function becomesReady(world: World, other: string): Promise<void> {
  await eventually("their job is created", () => world.workspace.jobs.ids().length === 2);
  await world.ready("DatabricksJob", "theirs", other);
}

clusterTest(
  "a namespace without read permission blocks no other, and is reconciled once it has it",
  async (world) => {
    const other = await neighbour(world);
    let isForbidden = true;
    const client = forbidding(world.kube, ({ namespace }) => isForbidden && namespace === other);
    await world.startOperator({ client, namespaces: [other, world.namespace] });
    await world.ready("DatabricksJob", "ours");
    assert.deepEqual(world.workspace.jobs.all().map(({ settings }) => settings.name), ["ours"]);
    isForbidden = false;
    // It is listed again within half a minute.
    await becomesReady(world, other);
  },
  unstarted,
);

clusterTest(
  "objects of a namespace whose connections cannot be listed say so, and are reconciled once they can",
  async (world) => {
    const other = await neighbour(world);
    let isForbidden = true;
    const client = forbidding(
      world.kube,
      ({ namespace, plural }) => isForbidden && namespace === other && plural === "databricksconnections",
    );
    await world.startOperator({ client, namespaces: [other, world.namespace] });
    await world.ready("DatabricksJob", "ours");
    const { message } = await world.blocked("DatabricksJob", "theirs", "SettingsMissing", other);
    assert.match(
      message,
      /^the DatabricksConnection objects of namespace ".*" may not be listed: give the operator the Role/,
    );
    isForbidden = false;
    // There are no such objects, so only the list shows that the ConfigMap counts.
    await becomesReady(world, other);
  },
  unstarted,
);

clusterTest("nothing is ingested into a namespace whose objects may not be listed", async (world) => {
  const [other, elsewhere] = [await world.addNamespace("other"), new MockWorkspace()];
  await world.connect({ namespace: other, workspace: elsewhere });
  world.workspace.jobs.add({ name: "theirs", ...notebook() });
  const client = forbidding(
    world.kube,
    ({ namespace, plural }) => namespace === world.namespace && plural === "databricksjobs",
  );
  await world.startOperator({
    client,
    namespaces: [world.namespace, other],
    workspaces: [world.workspace, elsewhere],
  });
  await sweeps(world.workspace, "/api/2.0/repos", 3);
  assert.deepEqual(await world.list("DatabricksJob"), []);
}, unstarted);

clusterTest("an empty namespace ends its sweeps and the watch of its Secret", async (world) => {
  const other = await world.addNamespace("other");
  await world.connect({ namespace: other });
  await world.apply(job("theirs"), other);
  const watched = new Map<string, number>();
  const client = altered(world.kube, (client) => ({
    async *watch(path, options) {
      const key = `${path.plural} ${path.namespace}`;
      watched.set(key, (watched.get(key) ?? 0) + 1);
      try {
        yield* client.watch(path, options);
      } finally {
        watched.set(key, (watched.get(key) ?? 0) - 1);
      }
    },
  }));
  const operator = await world.startOperator({ client, namespaces: [world.namespace, other] });
  await world.ready("DatabricksJob", "theirs", other);
  assert.deepEqual(operator.kept(), [world.namespace, other]);
  await world.delete("DatabricksJob", "theirs", other);
  await world.gone("DatabricksJob", "theirs", other);
  await world.delete("ConfigMap", "databricks-kube-operator", other);
  await eventually("nothing of it is kept", () => {
    const open = watched.get(`secrets ${other}`);
    return (operator.kept().join() === world.namespace && open === 0) || problem(`${operator.kept()}, ${open}`);
  });
  await comesBack(world, other);
}, unstarted);

async function comesBack(world: World, namespace: string): Promise<void> {
  await world.connect({ namespace });
  await world.apply(job("again"), namespace);
  await world.ready("DatabricksJob", "again", namespace);
}
