import assert from "node:assert/strict";
import { object } from "../../../tests/support/passes.ts";
import { FakeClock } from "../../base/clock_fake.ts";
import { databricksJob } from "../../resources/databricks_job.ts";
import type { Failure } from "../object/outcome.ts";
import { Backoff } from "../../base/backoff.ts";
import { Grace } from "./grace.ts";
import type { Pass } from "./pass.ts";

const MISSING: Failure = { kind: "terminal", reason: "SecretMissing", message: 'Secret "x" does not exist' };

/** A pass over an object of this UID, always of the same name, whose status cannot be written. */
function passOf(uid: string): Pass {
  const pass = object(databricksJob, {}).pass();
  pass.object.metadata.uid = uid;
  return Object.assign(pass, { trySave: () => Promise.resolve() });
}

Deno.test("an object does not inherit the grace period or the delays of an earlier one of its name", async () => {
  const clock = new FakeClock();
  const delays: number[] = [];
  const state = { enqueueAfter: (_key: string, ms: number) => void delays.push(ms) };
  const backoff = new Backoff({ random: () => 0.5 });
  const grace = new Grace({ clock, timings: { graceMs: 10_000 }, state, backoff } as never);
  for (let attempt = 0; attempt < 3; attempt++) assert.equal(await grace.awaits(passOf("former"), MISSING), true);
  assert.deepEqual(delays, [1000, 2000, 4000]);
  await clock.advance(10_000);
  assert.equal(await grace.awaits(passOf("former"), MISSING), false, "it was missing for long enough");
  assert.equal(await grace.awaits(passOf("later"), MISSING), true);
  assert.deepEqual(delays.at(-1), 1000);
});
