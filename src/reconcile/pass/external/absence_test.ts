import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed, object } from "../../../../tests/support/passes.ts";
import { FakeClock } from "../../../base/clock_fake.ts";
import { DatabricksError } from "../../../databricks/errors.ts";
import { Observations } from "../../observe/observations.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { waitForProof } from "./absence.ts";
import { type Context, defaultTimings } from "../context.ts";
import type { Look } from "./observe.ts";
import type { Pass } from "../pass.ts";
import { Work } from "../work.ts";

const { missMs, settleMs } = defaultTimings;

/** Reads that miss a job, whatever the workspace has. */
class Looks {
  readonly clock = new FakeClock();
  readonly workspace = new MockWorkspace();
  readonly missedAt = new Map<string, number>();
  readonly madeAt = new Map<string, number>();
  readonly observations = new Observations();
  kicks = 0;
  readonly #connection = connectionTo(this.workspace);

  pass(uid: string, id: string): Pass {
    const pass = object(databricksJob, { job: { settings: { name: "etl" } } }).having({ id }).pass();
    pass.object.metadata.uid = uid;
    return pass;
  }

  /** The time to wait, or `undefined`. */
  async judge(pass: Pass, seen: Look = "absent"): Promise<number | undefined> {
    const { clock, missedAt, madeAt } = this;
    const here = { observations: this.observations, sweeper: { kick: () => this.kicks++ } };
    const state = { in: () => here };
    const context = { clock, missedAt, madeAt, state, timings: defaultTimings } as unknown as Context;
    return await waitForProof(new Work(context, pass, managed(pass, this.#connection)), seen);
  }
}

Deno.test("the first miss does not count; the second one does if the list agrees", async () => {
  const looks = new Looks();
  const pass = looks.pass("u", "7");
  assert.equal(await looks.judge(pass), missMs);
  assert.equal(looks.workspace.ledger.calls.length, 0, "the list is read after the second miss");
  await looks.clock.advance(missMs - 1);
  assert.equal(await looks.judge(pass), missMs);
  await looks.clock.advance(1);
  assert.equal(await looks.judge(pass), undefined);
  assert.equal(looks.workspace.ledger.count("GET", "/jobs/list"), 1);
});

Deno.test("a listed resource is not gone however often a get misses it, and is looked at less and less often", async () => {
  const looks = new Looks();
  const id = looks.workspace.jobs.add({ name: "etl" });
  const pass = looks.pass("u", id);
  const waits: (number | undefined)[] = [];
  for (let look = 0; look < 8; look++) {
    const wait = await looks.judge(pass);
    waits.push(wait);
    await looks.clock.advance(wait ?? 0);
  }
  assert.deepEqual(waits, [5000, 5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  assert.match(
    pass.status.conditions?.find(({ type }) => type === "Ready")?.message ?? "",
    /is listed, but cannot be read/,
  );
  looks.workspace.jobs.remove(id);
  assert.equal(await looks.judge(pass), undefined);
});

Deno.test("while the list fails no resource counts as gone", async () => {
  const looks = new Looks();
  const pass = looks.pass("u", "7");
  await looks.judge(pass);
  await looks.clock.advance(missMs);
  looks.workspace.faults.add({ match: "/jobs/list", status: 403, body: { error_code: "PERMISSION_DENIED" }, times: 1 });
  await assert.rejects(looks.judge(pass), DatabricksError);
  assert.equal(await looks.judge(pass), undefined);
});

Deno.test("a look that finds the resource resets the misses", async () => {
  const looks = new Looks();
  const pass = looks.pass("u", "7");
  await looks.judge(pass);
  await looks.clock.advance(missMs);
  assert.equal(await looks.judge(pass, {}), undefined);
  assert.equal(await looks.judge(pass), missMs);
});

Deno.test("a resource in the last sweep's list is not gone, whatever its name is, and the next sweep comes at once", async () => {
  const looks = new Looks();
  const pass = looks.pass("u", "7");
  looks.observations.replace([{ id: "7", observed: { settings: { name: "renamed" } } }], looks.observations.begin());
  await looks.judge(pass);
  await looks.clock.advance(missMs);
  assert.equal(await looks.judge(pass), missMs);
  assert.equal(looks.kicks, 1);
  looks.observations.replace([], looks.observations.begin());
  assert.equal(await looks.judge(pass), undefined);
});

Deno.test("a new resource is not gone before lists and gets had time to show it", async () => {
  const looks = new Looks();
  const pass = looks.pass("u", "7");
  looks.madeAt.set("u", looks.clock.monotonic());
  for (let passed = 0; passed < settleMs; passed += missMs) {
    assert.notEqual(await looks.judge(pass), undefined, `${passed} ms after it was made`);
    await looks.clock.advance(missMs);
  }
  assert.equal(await looks.judge(pass), undefined);
});

Deno.test("an object does not inherit the misses of an earlier one of its name", async () => {
  const looks = new Looks();
  await looks.judge(looks.pass("old", "7"));
  await looks.clock.advance(missMs);
  assert.equal(await looks.judge(looks.pass("new", "7")), missMs);
});

Deno.test("an id that another object's resource now has needs no list", async () => {
  const looks = new Looks();
  const id = looks.workspace.jobs.add({ name: "etl" });
  const pass = looks.pass("u", id);
  assert.equal(await looks.judge(pass, "given-away"), missMs);
  await looks.clock.advance(missMs);
  assert.equal(await looks.judge(pass, "given-away"), undefined);
});
