import assert from "node:assert/strict";
import { UnavailableError } from "../../databricks/errors.ts";
import { attempt, causeOf } from "./attempt.ts";
import { outcome } from "./outcome.ts";

const away = new UnavailableError({
  endpoint: "POST /api/2.2/jobs/reset",
  status: 503,
  code: "",
  message: "later",
  host: "prod.example",
});
const fail = () => Promise.reject(away);
const errorOf = (promise: Promise<unknown>) => promise.then(() => assert.fail("it did not fail"), (error) => error);
const told = (error: unknown) => outcome(error, 'Cannot reconcile job "etl"').message.split(":")[0];

Deno.test("an earlier success is not reported as failed", async () => {
  const step = async () => {
    await attempt('Cannot read job "etl"', () => "a job");
    await fail();
  };
  assert.equal(told(await errorOf(step())), 'Cannot reconcile job "etl"');
});

Deno.test("of nested attempts the innermost names the failure", async () => {
  const error = await errorOf(attempt("Cannot delete", () => attempt("Cannot read", fail)));
  assert.equal(told(error), "Cannot read");
  assert.equal(causeOf(error), away);
});

Deno.test("an error that two objects share names each object in its own message", async () => {
  const [one, two] = await Promise.all(["a", "b"].map((name) => errorOf(attempt(`Cannot create job "${name}"`, fail))));
  assert.deepEqual([told(one), told(two)], ['Cannot create job "a"', 'Cannot create job "b"']);
  assert.deepEqual([causeOf(one), causeOf(two)], [away, away]);
});
