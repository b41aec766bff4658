/** Two operators that divide the workspaces. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { TransportFactory } from "../../src/databricks/call/transport.ts";
import { Shard } from "../../src/reconcile/connect/shard.ts";
import { clusterTest, eventually, job, problem, secret, sweeps } from "../support/harness.ts";
import { Replica } from "../support/replica.ts";

/** Creates four workspaces, two for each of two shards. */
function workspacesOfBoth(): MockWorkspace[] {
  const [ours, theirs]: MockWorkspace[][] = [[], []];
  while ((ours?.length ?? 0) < 2 || (theirs?.length ?? 0) < 2) {
    const workspace = new MockWorkspace();
    (Shard.parse("0/2").owns(workspace.host) ? ours : theirs)?.push(workspace);
  }
  return [...ours?.slice(0, 2) ?? [], ...theirs?.slice(0, 2) ?? []];
}

clusterTest("two shards cover all workspaces, each exactly once", async (world) => {
  const workspaces = workspacesOfBoth();
  const namespaces: string[] = [];
  for (const [index, workspace] of workspaces.entries()) {
    const namespace = await world.addNamespace(`n${index}`);
    await world.connect({ workspace, namespace });
    await world.apply(job(`job-${index}`), namespace);
    namespaces.push(namespace);
  }
  // A second namespace with the first workspace: the same shard owns both.
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

clusterTest("an object whose workspace moves to another shard is reported only by that one", async (world) => {
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

clusterTest(
  "objects are counted by one shard only, so that sums over shards are correct",
  async (world) => {
    const [mine, theirs] = [workspacesOfBoth()[0], workspacesOfBoth()[2]];
    assert.ok(mine && theirs);
    const add = (suffix: string) => world.addNamespace(suffix);
    const namespaces = [await add("a"), await add("b"), await add("none")] as const;
    const [a, b, none] = namespaces;
    const metrics: Metrics[] = [];
    await world.connect({ workspace: mine, namespace: a });
    await world.connect({ workspace: theirs, namespace: b });
    for (const [index, text] of ["0/2", "1/2"].entries()) {
      const counted = metrics[index] = new Metrics();
      const shard = Shard.parse(text);
      await world.startOperator({ namespaces, workspaces: [mine, theirs], metrics: counted, shard });
    }
    for (const namespace of namespaces) await world.apply(job("etl"), namespace);
    for (const namespace of namespaces.slice(0, 2)) await world.ready("DatabricksJob", "etl", namespace);
    await world.blocked("DatabricksJob", "etl", "SettingsMissing", none);
    await eventually("each object is counted once", async () => {
      const counted = (await Promise.all(metrics.map((one) => managed(one)))).flat();
      const sum = counted.reduce((total, one) => total + one, 0);
      return sum === namespaces.length || problem(String(counted));
    });
  },
  { start: false, settings: null },
);

/** The values of `databricks_managed_resources` for jobs. */
async function managed(metrics: Metrics): Promise<number[]> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => /^databricks_managed_resources\{.*"DatabricksJob"/.test(line))
    .map((line) => Number(line.split(" ").at(-1)));
}

clusterTest(
  "a namespace with an unknown host belongs to exactly one shard, also after restarts",
  async (world) => {
    // The workspace is in one shard, and the namespace, which counts while it has no workspace, in the other.
    const namespace = await world.addNamespace("moves");
    const byName = Shard.parse("0/2").owns(namespace) ? 0 : 1;
    const [first, , third] = workspacesOfBoth();
    const workspace = byName === 0 ? third : first;
    assert.ok(workspace);
    const metrics: Metrics[] = [];
    const start = (index: number) => {
      const counted = metrics[index] = new Metrics();
      const shard = Shard.parse(`${index}/2`);
      return world.startOperator({ namespaces: [namespace], workspaces: [workspace], shard, metrics: counted });
    };
    const operators = [await start(0), await start(1)];
    await world.connect({ workspace, namespace });
    await world.apply(job("before"), namespace);
    await world.ready("DatabricksJob", "before", namespace);
    await world.delete("Secret", "databricks-api-secret", namespace);
    await world.blocked("DatabricksJob", "before", "CredentialsMissing", namespace);
    for (const restarted of [0, 1]) {
      const name = `after-${restarted}`;
      await world.stopOperator(operators[restarted] as Awaited<ReturnType<typeof start>>);
      operators[restarted] = await start(restarted);
      const before = await Promise.all(metrics.map(passes));
      await world.apply(job(name), namespace);
      await world.blocked("DatabricksJob", name, "CredentialsMissing", namespace);
      const after = await Promise.all(metrics.map(passes));
      const worked = after.map((count, index) => count > (before[index] ?? 0));
      assert.deepEqual(worked, byName === 0 ? [true, false] : [false, true], `share ${restarted} was restarted`);
    }
  },
  { start: false, settings: null },
);

/** Counts the passes over jobs. */
async function passes(metrics: Metrics): Promise<number> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => /^controller_runtime_reconcile_total\{.*"databricksjobs"/.test(line))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

clusterTest(
  "two processes with a share each both work, each with its own lease and workspace",
  async (world) => {
    const hosts = Array.from({ length: 50 }, (_, index) => `http://w${index}.test`);
    const shares = ["0/2", "1/2"];
    const namespaces: string[] = [];
    for (const [index, share] of shares.entries()) {
      const host = hosts.find((host) => Shard.parse(share).owns(host)) ?? "";
      const namespace = await world.addNamespace(`n${index}`);
      await world.apply(secret("databricks-api-secret", { databricks_url: host, access_token: "token" }), namespace);
      await world.configure({ ingest: "false" }, namespace);
      namespaces.push(namespace);
    }
    const args = (share: string) => ["--shard", share, "--watch-namespaces", namespaces.join(",")];
    await using first = await Replica.start(world, args("0/2"));
    await using second = await Replica.start(world, args("1/2"));
    await Promise.all([first.leads(), second.leads()]);
    for (const [index, namespace] of namespaces.entries()) {
      await world.apply(job(`job-${index}`), namespace);
      await world.ready("DatabricksJob", `job-${index}`, namespace);
    }
    const creates = (replica: Replica) => replica.writes.map(({ path }) => path);
    const created = ["/api/2.2/jobs/create"];
    assert.deepEqual([creates(first), creates(second)], [created, created]);

    // A shard that ends does not affect the other, and nobody does its work in the meantime.
    first.send("SIGTERM");
    assert.equal(await first.ended(), 0);
    const [ours = "", theirs = ""] = namespaces;
    await world.apply(job("waits"), ours);
    await world.apply(job("goes-on"), theirs);
    await world.ready("DatabricksJob", "goes-on", theirs);
    assert.equal((await world.get("DatabricksJob", "waits", ours))?.status?.id, undefined);
    await using again = await Replica.start(world, args("0/2"));
    await again.leads();
    await eventually("the share is taken up again", async () => {
      const status = (await world.get("DatabricksJob", "waits", ours))?.status;
      return typeof status?.id === "string" || problem(JSON.stringify(status));
    });
    assert.deepEqual(creates(second), [...created, ...created]);
  },
  { start: false, settings: null },
);
