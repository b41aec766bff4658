/** Writes whose answer is empty. */
import assert from "node:assert/strict";
import { confirmed } from "./confirmed.ts";
import { EmptyAnswerError, PermissionDeniedError } from "./errors.ts";

const failure = { endpoint: "POST /create", status: 200, code: "", message: "the answer is empty", host: "x" };

Deno.test("a look that is refused does not make a refusal of a write whose answer is empty", async () => {
  const empty = Promise.reject(new EmptyAnswerError(failure));
  const denied = () =>
    Promise.reject(new PermissionDeniedError({ ...failure, status: 403, code: "PERMISSION_DENIED" }));
  await assert.rejects(confirmed(empty, denied), EmptyAnswerError);
});

Deno.test("a write that is refused is not looked for", async () => {
  const refused = Promise.reject(new PermissionDeniedError({ ...failure, status: 403, code: "PERMISSION_DENIED" }));
  let looks = 0;
  await assert.rejects(confirmed(refused, () => Promise.resolve(++looks > 0)), PermissionDeniedError);
  assert.equal(looks, 0);
});
