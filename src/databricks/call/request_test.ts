import assert from "node:assert/strict";
import { endpoint } from "../../resource.ts";
import { addressOf } from "./request.ts";

const workspace = { host: "https://prod.example.com", jobsApiVersion: "2.2" };

Deno.test("a query field is not in the body, and an undefined field is in neither", () => {
  const update = endpoint("PATCH /api/2.0/alerts/{id}", { query: ["update_mask", "force"] });
  const { url, body } = addressOf(
    update,
    { id: 7n, update_mask: "a,b", force: undefined, a: 1, b: undefined },
    workspace,
  );
  assert.equal(url, "https://prod.example.com/api/2.0/alerts/7?update_mask=a%2Cb");
  assert.equal(body, '{"a":1}');
});

Deno.test("a wrapped body contains the input in its field and other fields beside it, without path parameters", () => {
  const update = endpoint("PATCH /api/2.0/sql/queries/{id}", { wrap: "query", beside: ["update_mask"] });
  const { url, body } = addressOf(update, { id: "q", update_mask: "*", display_name: "sales" }, workspace);
  assert.equal(url, "https://prod.example.com/api/2.0/sql/queries/q");
  assert.deepEqual(JSON.parse(body ?? ""), { query: { display_name: "sales" }, update_mask: "*" });
});

Deno.test("the query of a get stays a query if the endpoint names further fields", () => {
  const get = endpoint("GET /api/2.0/alerts", { query: ["page_size"] });
  assert.deepEqual(addressOf(get, { page_size: 5, filter: "x" }, workspace), {
    url: "https://prod.example.com/api/2.0/alerts?page_size=5&filter=x",
  });
});
