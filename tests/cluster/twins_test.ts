/** Twins: jobs with the tag of an object that manages another job are reported, and never touched. */
import assert from "node:assert/strict";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, condition, eventually, job, pathOf, problem, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
const TAG = "databricks-kube-operator";

/** Creates a managed job, and a clone of it with its tags. */
async function cloned(world: World, creator: string): Promise<{ id: string; twin: string }> {
  await world.apply(job("x"));
  const id = String((await world.ready("DatabricksJob", "x")).status?.id);
  const settings = structuredClone(world.workspace.jobs.require(id).settings);
  const twin = world.workspace.jobs.add({ ...settings, name: "x (copy)" }, { creator });
  return { id, twin };
}

async function synced(world: World, name = "x") {
  return condition(await world.get("DatabricksJob", name), "Synced");
}

/** Waits until the message of `Synced` names the twin. */
async function told(world: World, twin: string): Promise<string> {
  return await eventually("Synced names the twin", async () => {
    const { status, message = "" } = await synced(world) ?? {};
    return status === "True" && message.includes(twin) ? message : problem(message);
  });
}

for (const creator of ["operator@example.com", "anna@example.com"]) {
  clusterTest(
    `a second job with our object's tag is reported (made by ${creator})`,
    async (world) => {
      const metrics = new Metrics();
      await world.startOperator({ metrics });
      const { id, twin } = await cloned(world, creator);
      const said = `job ${twin} carries the tag "${TAG}" of this object too, which manages job ${id} only: ` +
        "take the tag off what somebody cloned, and delete only what nobody needs";
      assert.equal(await told(world, twin), said);
      assert.equal(await world.event("x", "DuplicateExternalResource"), `DuplicateExternalResource: ${said}`);
      const line = 'databricks_duplicate_external_resources{kind="DatabricksJob"}';
      await eventually("the metric counts one", async () => (await metrics.text()).includes(`${line} 1`));
      const before = structuredClone(world.workspace.jobs.get(twin));
      await sweeps(world.workspace, JOBS, 3);
      assert.deepEqual(world.workspace.jobs.get(twin), before, "nobody touched it");
      const events = (await world.events("x")).filter((event) => event.startsWith("Duplicate"));
      assert.equal(events.length, 1, "it is reported once");
      // Follows the message's advice.
      world.workspace.jobs.edit(twin, ({ tags: _tags, ...settings }) => settings);
      await eventually("Synced no longer names it", async () => (await synced(world))?.message === "");
      await eventually("the metric counts none", async () => (await metrics.text()).includes(`${line} 0`));
      await eventually("it is ingested", async () => (await world.list("DatabricksJob")).length === 2);
      assert.deepEqual(world.workspace.jobs.ids(), [id, twin]);
    },
    { start: false },
  );
}

clusterTest("a clone by a person is ingested like any other job, with its tag", async (world) => {
  const { id, twin } = await cloned(world, "anna@example.com");
  const copy = await world.ready("DatabricksJob", "x-copy");
  assert.deepEqual([copy.status?.id, copy.status?.owner], [twin, "api"]);
  await told(world, twin);
  world.workspace.jobs.edit(twin, (settings) => void (settings.max_concurrent_runs = 3));
  await eventually("it is followed", async () => {
    const { spec } = await world.get("DatabricksJob", "x-copy") ?? {};
    const text = stringifyJson(spec ?? {});
    return text.includes('"max_concurrent_runs":3') || problem(text);
  });
  assert.equal(
    world.workspace.jobs.get(twin)?.settings.tags?.[TAG],
    world.workspace.jobs.get(id)?.settings.tags?.[TAG],
  );
  await world.delete("DatabricksJob", "x");
  await world.gone("DatabricksJob", "x");
  assert.deepEqual(world.workspace.jobs.ids(), [twin], "the person's clone is nobody's to delete");
});

clusterTest(
  "a twin that our own create left is not ingested",
  async (world) => {
    const { twin } = await cloned(world, "operator@example.com");
    await told(world, twin);
    await sweeps(world.workspace, JOBS, 2);
    assert.equal((await world.list("DatabricksJob")).length, 1);
  },
);

clusterTest("a create that takes effect long after its timeout is reported as a twin", async (world) => {
  const { ledger, faults, jobs } = world.workspace;
  const cut = faults.add({ match: "jobs/create", cut: "before-headers", times: 1 });
  await world.apply(job("x"));
  const id = String((await world.ready("DatabricksJob", "x")).status?.id);
  assert.equal(cut.hits, 1);
  // The server completed it after all, when nobody waited any more.
  const [late] = ledger.find("POST", "jobs/create");
  const twin = jobs.add(structuredClone(late?.body as Record<string, unknown>));
  await told(world, twin);
  await world.event("x", "DuplicateExternalResource");
  assert.deepEqual(jobs.ids(), [id, twin]);
});

/** Time that passes only in the next test: its result must not depend on the speed of the machine. */
const time = new FakeClock(Date.now());
/** Longer than any delay of a slow machine between two steps of the test (ms). */
const [LIMIT, SETTLES] = [600_000, 700_000];

clusterTest(
  "a create that takes effect after our time limit and the settle time is not repeated",
  async (world) => {
    const { ledger, faults, jobs } = world.workspace;
    const passes = async (what: string, condition: () => boolean | Promise<boolean>, ms = 0) => {
      await eventually(what, async () => {
        await time.advance(ms);
        return await condition();
      });
    };
    const looks = () => ledger.find("GET", JOBS).filter(({ query }) => query.name === "x").length;
    const timings = { settleMs: SETTLES, missMs: 777, baselineMs: 100, uninstallMs: 50 };
    await world.startOperator({ clock: time, timings });
    const hung = faults.add({ match: "jobs/create", hang: true, times: 1 });
    await world.apply(job("x"));
    await passes("the create hangs", () => hung.hits === 1);
    await time.advance(LIMIT);
    await passes("it was looked for", () => looks() >= 1, 1000);
    await passes("it is to be looked for again", () => time.waits.includes(timings.missMs));
    // Long after the settling time since the announcement, but not yet since the end of the attempt.
    await time.advance(LIMIT / 2);
    await passes("it was looked for again", () => looks() >= 2);
    assert.deepEqual([hung.hits, jobs.ids()], [1, []]);
    const [late] = ledger.find("POST", "jobs/create");
    const made = jobs.add(structuredClone(late?.body as Record<string, unknown>));
    const isReady = async () => condition(await world.get("DatabricksJob", "x"), "Ready")?.status === "True";
    await passes("it is Ready", isReady, 50_000);
    const swept = ledger.count("GET", JOBS);
    await passes("it was swept twice", () => ledger.count("GET", JOBS) >= swept + 2, LIMIT);
    assert.deepEqual([jobs.ids(), (await world.get("DatabricksJob", "x"))?.status?.id], [[made], made]);
  },
  {
    start: false,
    settings: {
      default_timeout_seconds: `${LIMIT / 1000}`,
      default_requeue_interval: "3600",
      status_poll_interval: "3600",
    },
    mock: { now: () => time.now() },
  },
);

for (const advice of ["adopt", "the tag"] as const) {
  clusterTest(
    `a clone of a deleted job is not taken over after a lost status, and the advice about ${advice} works`,
    async (world) => {
      const first = await world.startOperator();
      const { id, twin } = await cloned(world, "anna@example.com");
      await world.stopOperator(first);
      world.workspace.jobs.remove(id);
      await world.kube.patch(pathOf("DatabricksJob", world.namespace), "x", { status: null }, {
        type: "merge",
        subresource: "status",
      });
      world.workspace.jobs.edit(twin, (settings) => void (settings.name = "x"));
      const before = structuredClone(world.workspace.jobs.get(twin));
      world.workspace.settle();
      await world.startOperator();
      const { message } = await world.blocked("DatabricksJob", "x", "AlreadyExists");
      assert.match(
        message,
        new RegExp(`job ${twin} carries the tag .* another user made it: .*adopt: "true"; .*take the tag off`),
      );
      assert.deepEqual(world.workspace.jobs.get(twin), before, "nobody touched it");
      if (advice === "adopt") await world.annotate("DatabricksJob", "x", "adopt", "true");
      else {
        world.workspace.jobs.edit(twin, ({ tags: _tags, ...settings }) => settings);
        await world.annotate("DatabricksJob", "x", "deletion-policy", "delete");
      }
      const { status } = await world.ready("DatabricksJob", "x");
      const made = world.workspace.jobs.ids().filter((one) => one !== twin);
      assert.deepEqual([status?.id], advice === "adopt" ? [twin] : made);
    },
    { settings: { ingest: "false" }, start: false },
  );
}

clusterTest("a twin with an unknown creator does not stop the ingest of others", async (world) => {
  const denied = { status: 403, body: { error_code: "PERMISSION_DENIED", message: "no" } };
  world.workspace.faults.add({ match: "/scim/v2/Me", ...denied });
  const { twin } = await cloned(world, "anna@example.com");
  const told = await eventually("the twin is reported", async () => {
    const { status, message = "" } = await synced(world) ?? {};
    return message.includes(twin) ? `${status} ${message}` : problem(message);
  });
  assert.match(told, /^True /);
  world.workspace.jobs.add({ name: "another" }, { creator: "anna@example.com" });
  await world.ready("DatabricksJob", "another");
  await sweeps(world.workspace, JOBS, 2);
  assert.equal((await world.list("DatabricksJob")).length, 2, "the twin may be our own");
  assert.equal((await synced(world))?.status, "True");
});
