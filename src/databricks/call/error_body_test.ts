import assert from "node:assert/strict";
import { answer, clientOver, scripted } from "../../../tests/support/clients.ts";
import { endpoint } from "../../resource.ts";
import { readError } from "./error_body.ts";

const table: [what: string, body: Record<string, unknown>, code: string, message: string][] = [
  ["the REST API's", { error_code: "BAD_REQUEST", message: "No" }, "BAD_REQUEST", "No"],
  ["SCIM's", { detail: "No such user", status: "404", schemas: [] }, "SCIM_404", "No such user"],
  ["SCIM's with a type", { detail: "Taken", status: 409, scimType: "uniqueness" }, "SCIM_409", "uniqueness Taken"],
  ["a newer API's", { error: { code: "BAD_REQUEST", message: "No" } }, "BAD_REQUEST", "No"],
  ["Google's", { error: { code: 404, status: "NOT_FOUND", message: "No" } }, "NOT_FOUND", "No"],
  ["an object without a message", { error: { why: "x" } }, "", '{"why":"x"}'],
  ["OAuth's", { error: "invalid_client", error_description: "wrong secret" }, "", "invalid_client: wrong secret"],
  ["API 1.2's", { error: "ClusterNotFoundException: 7" }, "", "ClusterNotFoundException: 7"],
  ["a message that is an object", { message: { a: 1 } }, "", '{"a":1}'],
  ["nothing", {}, "", ""],
];
for (const [what, body, code, message] of table) {
  Deno.test(`${what} error body is read, and never shown as [object Object]: ${JSON.stringify(body)}`, () => {
    assert.deepEqual(readError(body), { code, message });
  });
}

Deno.test("the error of a call that SCIM rejects contains SCIM's detail", async () => {
  const transport = scripted(answer(400, { detail: "Bad filter", status: "400" }));
  await assert.rejects(
    clientOver(transport).call(endpoint("GET /api/2.0/preview/scim/v2/Me")),
    /400 SCIM_400: Bad filter/,
  );
});
