/** Writes whose answer is empty. */
import assert from "node:assert/strict";
import { confirmed } from "./confirmed.ts";
import { EmptyAnswerError, PermissionDeniedError } from "./errors.ts";

const failure = { endpoint: "POST /create", status: 200, code: "", message: "the answer is empty", host: "x" };

Deno.test("after an empty response to a write, a rejected look is not a rejected write", async () => {
  const empty = Promise.reject(new EmptyAnswerError(failure));
  const denied = () =>
    Promise.reject(new PermissionDeniedError({ ...failure, status: 403, code: "PERMISSION_DENIED" }));
  await assert.rejects(confirmed(empty, denied), EmptyAnswerError);
});

Deno.test("a rejected write is not verified", async () => {
  const refused = Promise.reject(new PermissionDeniedError({ ...failure, status: 403, code: "PERMISSION_DENIED" }));
  let looks = 0;
  await assert.rejects(confirmed(refused, () => Promise.resolve(++looks > 0)), PermissionDeniedError);
  assert.equal(looks, 0);
});
