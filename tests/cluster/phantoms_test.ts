/** Twenty sweeps over one object of each kind write nothing, whatever the answers to doubts are. */
import assert from "node:assert/strict";
import { resources } from "../../src/resources/mod.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, condition, eventually, pathOf, problem, sweeps, type World } from "../support/harness.ts";
import { oneOfEach } from "../support/one_of_each.ts";

const SWEEPS = 20;
/** The name of each object. */
const NAME = "one";
/** The number of sweeps without a write that count as calm. */
const CALM = 4;

/** The versions of all objects: each write changes one, even a write of a status. */
async function versions(world: World): Promise<Record<string, string>> {
  const all = await Promise.all(resources.map(async ({ kind, plural }) => {
    const { items } = await world.kube.list({ ...pathOf(kind, world.namespace), plural });
    return items.map(({ metadata: { name, resourceVersion = "" } }) => [`${kind} ${name}`, resourceVersion]);
  }));
  return Object.fromEntries(all.flat());
}

/** Waits until writes have stopped: Databricks may add fields some time after a create. */
async function calm(world: World): Promise<Record<string, string>> {
  return await eventually("nothing more is written", async () => {
    const before = await versions(world);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, "/jobs/list", CALM);
    const writes = world.workspace.ledger.writes().map(({ path }) => path);
    const changed = changedIn(before, await versions(world));
    return writes.length + changed.length === 0 ? before : problem([...writes, ...changed].join());
  }, { patience: 90_000 });
}

function changedIn(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
}

for (const [which, at] of [["first", 0], ["last", -1]] as const) {
  clusterTest(
    `twenty sweeps over the ${which} example of each kind write nothing and repair nothing`,
    async (world) => {
      const metrics = new Metrics();
      await world.startOperator({ metrics });
      for (const object of await oneOfEach(world.workspace, NAME, at)) await world.apply(object);
      await Promise.all(resources.map(({ kind }) =>
        eventually(`${kind} is applied`, async () => {
          const synced = condition(await world.get(kind, NAME), "Synced");
          return synced?.status === "True" || problem(JSON.stringify(synced));
        })
      ));
      const before = await calm(world);
      const repairs = async () =>
        (await metrics.text()).split("\n").filter((line) => /^databricks_drift_repairs/.test(line));
      const repaired = await repairs();
      world.workspace.ledger.clear();
      await sweeps(world.workspace, "/jobs/list", SWEEPS);
      assert.deepEqual(world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), []);
      assert.deepEqual(changedIn(before, await versions(world)), [], "no status is written");
      assert.deepEqual(await repairs(), repaired);
      assert.deepEqual(repaired, [], "nothing was reverted before");
      const made = Object.keys(before).length;
      assert.equal(made, resources.length, "an object of each kind, and none was ingested");
    },
    { start: false, settings: { ingest: "false" } },
  );
}
