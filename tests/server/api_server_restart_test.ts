/** The API server is killed and restarted on its data, or on older data: the operator continues correctly. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { changesNothing, lifeAfterBackup } from "../support/backup.ts";
import { OwnServer } from "../support/own_server.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { eventually, installCrds, job, sweeps, World } from "../support/harness.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : "";

/** Runs a test in a world with its own API server. */
async function onOwnServer(test: (world: World, server: OwnServer) => Promise<void>): Promise<void> {
  await using server = new OwnServer(binary ?? "", await Deno.makeTempDir({ prefix: "restart-" }));
  await server.start();
  const { client } = await connect({ kubeconfig: server.kubeconfig });
  await installCrds(client);
  const world = new World({
    kube: client,
    namespace: "restart",
    workspace: new MockWorkspace(),
    kubeconfig: server.kubeconfig,
  });
  await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: world.namespace } });
  try {
    await world.connect();
    await world.startOperator();
    await test(world, server);
  } finally {
    // If the test failed, the server may be dead, and the test's error is the one to report.
    await world.end().catch(() => {});
  }
}

const tests = new SideBySide(4);

/** Registers a test. The tests of this file run at the same time, since a server takes seconds to start. */
function restartTest(name: string, test: (world: World, server: OwnServer) => Promise<void>): void {
  tests.test({ name: `${name}${needs}`, ignore: binary === undefined, fn: () => onOwnServer(test) });
}

restartTest("after a restart of the API server, edits and new objects are seen", async (world, server) => {
  await world.apply(job("before"));
  const id = String((await world.ready("DatabricksJob", "before")).status?.id);
  await sweeps(world.workspace, "/jobs/list", 2);
  await server.kill();
  world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 99));
  await eventually("drift is repaired without an API server", () => {
    return world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 1;
  });
  await server.start();
  await world.apply(job("after"));
  await world.ready("DatabricksJob", "after");
  await world.apply(job("before", { description: "edited" }));
  assert.equal((await world.ready("DatabricksJob", "before")).status?.id, id);
  assert.equal(world.workspace.jobs.get(id)?.settings.description, "edited");
  await world.delete("DatabricksJob", "after");
  await world.gone("DatabricksJob", "after");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
});

restartTest("jobs whose creates a kill of the API server interrupted are made once", async (world, server) => {
  const names = Array.from({ length: 30 }, (_, index) => `job-${index}`);
  await Promise.all(names.map((name) => world.apply(job(name))));
  await eventually("some are created", () => world.workspace.ledger.count("POST", "jobs/create") >= 3);
  await server.kill();
  await server.start();
  for (const name of names) await world.ready("DatabricksJob", name);
  const made = world.workspace.jobs.all().map(({ settings }) => settings.name).sort();
  assert.deepEqual(made, names.toSorted());
});

restartTest(
  "restoring an older state and applying from Git again change nothing",
  async (world, server) => {
    const ids = await lifeAfterBackup(world, server);
    await world.stopOperators();
    await server.restore();
    world.workspace.ledger.clear();
    await world.startOperator();
    await changesNothing(world, ids);
  },
);

restartTest("restoring an older state under a working operator changes nothing", async (world, server) => {
  const ids = await lifeAfterBackup(world, server);
  world.workspace.ledger.clear();
  await server.restore();
  await changesNothing(world, ids);
});
