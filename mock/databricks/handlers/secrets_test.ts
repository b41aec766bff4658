import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const root = "/api/2.0/secrets";

Deno.test("a scope is created, listed and deleted, and its creator manages it", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  assert.deepEqual((await ask(`GET ${root}/scopes/list`)).body, {});
  assert.equal((await ask(`POST ${root}/scopes/create`, { scope: "etl" })).status, 200);
  const scopes = [{ name: "etl", backend_type: "DATABRICKS" }];
  assert.deepEqual((await ask(`GET ${root}/scopes/list`)).body, { scopes });
  const items = [{ principal: "operator@example.com", permission: "MANAGE" }];
  assert.deepEqual((await ask(`GET ${root}/acls/list?scope=etl`)).body, { items });
  assert.equal((await ask(`POST ${root}/scopes/create`, { scope: "etl" })).body.error_code, "RESOURCE_ALREADY_EXISTS");
  assert.equal((await ask(`POST ${root}/scopes/delete`, { scope: "etl" })).status, 200);
  assert.deepEqual(workspace.secrets.scopes(), []);
});

Deno.test("initial_manage_principal accepts only users", async () => {
  const workspace = new MockWorkspace();
  const create = (initial_manage_principal: string) =>
    asker(workspace)(`POST ${root}/scopes/create`, { scope: "s", initial_manage_principal });
  assert.equal((await create("admins")).body.error_code, "BAD_REQUEST");
  assert.equal((await create("users")).status, 200);
  assert.deepEqual(workspace.secrets.acls("s"), [{ principal: "users", permission: "MANAGE" }]);
});

Deno.test("a value is set as text or bytes, listed without it, and read as base64", async () => {
  const workspace = new MockWorkspace({ now: () => 1000 });
  const ask = asker(workspace);
  workspace.secrets.addScope("s");
  await ask(`POST ${root}/put`, { scope: "s", key: "a", string_value: "é" });
  await ask(`POST ${root}/put`, { scope: "s", key: "b", bytes_value: "AP8=" });
  const first = (await ask(`GET ${root}/list?scope=s`)).body.secrets;
  assert.deepEqual(first, [{ key: "a", last_updated_timestamp: 1000 }, { key: "b", last_updated_timestamp: 1001 }]);
  assert.deepEqual([...workspace.secrets.value("s", "b")!], [0, 255]);
  assert.deepEqual((await ask(`GET ${root}/get?scope=s&key=a`)).body, { key: "a", value: "w6k=" });
  await ask(`POST ${root}/put`, { scope: "s", key: "a", string_value: "é" });
  assert.equal(workspace.secrets.keys("s")[0]?.last_updated_timestamp, 1002);
  assert.equal((await ask(`POST ${root}/delete`, { scope: "s", key: "a" })).status, 200);
  assert.equal(workspace.secrets.value("s", "a"), undefined);
});

Deno.test("acls are put, read and deleted", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.secrets.addScope("s");
  const acl = { principal: "analysts", permission: "READ" };
  assert.equal((await ask(`POST ${root}/acls/put`, { scope: "s", ...acl })).status, 200);
  assert.deepEqual((await ask(`GET ${root}/acls/get?scope=s&principal=analysts`)).body, acl);
  assert.equal((await ask(`POST ${root}/acls/put`, { scope: "s", principal: "x", permission: "OWN" })).status, 400);
  assert.equal((await ask(`POST ${root}/acls/delete`, { scope: "s", principal: "analysts" })).status, 200);
  for (const line of [`GET ${root}/acls/get?scope=s&principal=analysts`, `POST ${root}/acls/delete`]) {
    const body = line.startsWith("POST") ? { scope: "s", principal: "analysts" } : undefined;
    assert.equal((await ask(line, body)).body.error_code, "RESOURCE_DOES_NOT_EXIST");
  }
});

const big = "x".repeat(128 * 1024 + 1);
const wrong: [string, string, Record<string, unknown>, number, string][] = [
  ["a bad scope name", "scopes/create", { scope: "a b" }, 400, "INVALID_PARAMETER_VALUE"],
  ["a long scope name", "scopes/create", { scope: "a".repeat(129) }, 400, "INVALID_PARAMETER_VALUE"],
  ["no scope name", "scopes/create", {}, 400, "INVALID_PARAMETER_VALUE"],
  ["an unknown scope to delete", "scopes/delete", { scope: "no" }, 404, "RESOURCE_DOES_NOT_EXIST"],
  ["an unknown scope", "put", { scope: "no", key: "a", string_value: "x" }, 404, "RESOURCE_DOES_NOT_EXIST"],
  ["no value", "put", { scope: "s", key: "a" }, 400, "MALFORMED_REQUEST"],
  ["two values", "put", { scope: "s", key: "a", string_value: "", bytes_value: "" }, 400, "MALFORMED_REQUEST"],
  ["bad base64", "put", { scope: "s", key: "a", bytes_value: "%" }, 400, "MALFORMED_REQUEST"],
  ["a bad key", "put", { scope: "s", key: "a/b", string_value: "x" }, 400, "INVALID_PARAMETER_VALUE"],
  ["a big value", "put", { scope: "s", key: "a", string_value: big }, 400, "INVALID_PARAMETER_VALUE"],
  ["an unknown key", "delete", { scope: "s", key: "a" }, 404, "RESOURCE_DOES_NOT_EXIST"],
  ["a write to a key vault", "put", { scope: "kv", key: "a", string_value: "x" }, 400, "BAD_REQUEST"],
];
for (const [what, path, body, status, code] of wrong) {
  Deno.test(`secrets/${path} rejects ${what}`, async () => {
    const workspace = new MockWorkspace();
    workspace.secrets.addScope("s");
    workspace.secrets.addScope("kv", { backend: "AZURE_KEYVAULT" });
    const answer = await asker(workspace)(`POST ${root}/${path}`, body);
    assert.deepEqual([answer.status, answer.body.error_code], [status, code]);
  });
}
