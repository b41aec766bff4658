/** Two operators that share the workspaces. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/workspace.ts";
import type { TransportFactory } from "../../src/databricks/transport.ts";
import { Shard } from "../../src/reconcile/shard.ts";
import { clusterTest, job, sweeps } from "../harness.ts";

/** Workspaces of which each of two shards has some. */
function workspacesOfBoth(): MockWorkspace[] {
  const [ours, theirs]: MockWorkspace[][] = [[], []];
  while ((ours?.length ?? 0) < 2 || (theirs?.length ?? 0) < 2) {
    const workspace = new MockWorkspace();
    (Shard.parse("0/2").owns(workspace.host) ? ours : theirs)?.push(workspace);
  }
  return [...ours?.slice(0, 2) ?? [], ...theirs?.slice(0, 2) ?? []];
}

clusterTest("two shards work on all workspaces, and on none both", async (world) => {
  const workspaces = workspacesOfBoth();
  const namespaces: string[] = [];
  for (const [index, workspace] of workspaces.entries()) {
    const namespace = await world.addNamespace(`n${index}`);
    await world.connect({ workspace, namespace });
    await world.apply(job(`job-${index}`), namespace);
    namespaces.push(namespace);
  }
  // A second namespace with the first workspace: whoever has that has both.
  const shared = await world.addNamespace("shared");
  const [first] = workspaces;
  assert.ok(first);
  await world.connect({ workspace: first, namespace: shared });
  await world.apply(job("shared-job"), shared);
  namespaces.push(shared);

  const asked: Set<string>[] = [];
  for (const text of ["0/2", "1/2"]) {
    const hosts = new Set<string>();
    const transport: TransportFactory = (host) => ({
      send: (request) => {
        hosts.add(host);
        const workspace = workspaces.find((one) => one.host === host);
        return workspace?.transport.send(request) ?? Promise.reject(new TypeError("no such workspace"));
      },
    });
    await world.startOperator({ namespaces, transport, shard: Shard.parse(text) });
    asked.push(hosts);
  }
  for (const [index, namespace] of namespaces.slice(0, -1).entries()) {
    await world.ready("DatabricksJob", `job-${index}`, namespace);
  }
  await world.ready("DatabricksJob", "shared-job", shared);
  for (const workspace of workspaces) await sweeps(workspace, "/jobs/list", 2);
  const hosts = workspaces.map(({ host }) => host);
  assert.deepEqual(asked.map((set) => [...set].sort()), [hosts.slice(0, 2).sort(), hosts.slice(2).sort()]);
  assert.equal(first.jobs.ids().length, 2, "one job for each of the objects of two namespaces");
}, { start: false });

clusterTest("an object whose workspace comes into another share is told about by that one alone", async (world) => {
  const workspaces = workspacesOfBoth();
  const [mine, theirs] = [workspaces[0], workspaces[2]];
  assert.ok(mine && theirs);
  await world.connect({ workspace: mine });
  await world.apply(job("etl"));
  for (const text of ["0/2", "1/2"]) await world.startOperator({ workspaces, shard: Shard.parse(text) });
  await world.ready("DatabricksJob", "etl");
  await world.connect({ workspace: theirs });
  await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  await sweeps(theirs, "/jobs/list", 2);
  mine.ledger.clear();
  await sweeps(theirs, "/jobs/list", 2);
  assert.deepEqual([mine.ledger.calls, theirs.ledger.writes()], [[], []]);
  await world.connect({ workspace: mine });
  await world.ready("DatabricksJob", "etl");
}, { start: false, settings: null });
