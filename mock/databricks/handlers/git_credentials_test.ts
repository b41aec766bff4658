import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const path = "/api/2.0/git-credentials";
const input = { git_provider: "gitHub", git_username: "octo", personal_access_token: "ghp_1", name: "main" };

Deno.test("a credential is created, read, changed and deleted, and its token is never returned", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const created = await ask(`POST ${path}`, { ...input, is_default_for_provider: true, git_email: "o@x" });
  const id = String(created.body.credential_id);
  const wanted = { git_provider: "gitHub", git_username: "octo", git_email: "o@x", name: "main" };
  const shown = { credential_id: BigInt(id), ...wanted, is_default_for_provider: true };
  assert.deepEqual(created.body, shown);
  assert.equal(workspace.credentials.token(id), "ghp_1");
  await ask(`PATCH ${path}/${id}`, { git_provider: "gitHub", personal_access_token: "ghp_2" });
  assert.equal(workspace.credentials.token(id), "ghp_2");
  assert.deepEqual((await ask(`GET ${path}/${id}`)).body, shown);
  assert.deepEqual((await ask(`GET ${path}`)).body, { credentials: [shown] });
  assert.equal((await ask(`DELETE ${path}/${id}`)).status, 200);
  assert.deepEqual((await ask(`GET ${path}`)).body, {});
  assert.equal(workspace.credentials.token(id), undefined);
});

Deno.test("an update needs the provider", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.credentials.add(input);
  const { status, body } = await asker(workspace)(`PATCH ${path}/${id}`, { git_username: "x" });
  assert.deepEqual([status, body.error_code], [400, "INVALID_PARAMETER_VALUE"]);
  assert.equal(workspace.credentials.get(id)?.git_username, "octo");
});

for (const status of ["400", "409"] as const) {
  Deno.test(`a second credential of the same provider and user is rejected with ${status}`, async () => {
    const workspace = new MockWorkspace({ doubts: { duplicateCredential: status } });
    workspace.credentials.add(input);
    const answer = await asker(workspace)(`POST ${path}`, { ...input, git_provider: "GITHUB" });
    assert.deepEqual([String(answer.status), answer.body.error_code], [status, "RESOURCE_ALREADY_EXISTS"]);
    assert.equal((await asker(workspace)(`POST ${path}`, { ...input, git_username: "other" })).status, 200);
  });
}

Deno.test("a provider has one default credential", () => {
  const { credentials } = new MockWorkspace();
  const first = credentials.add({ ...input, is_default_for_provider: true });
  credentials.add({ ...input, git_username: "b", is_default_for_provider: true });
  assert.equal(credentials.get(first)?.is_default_for_provider, false);
});

Deno.test("unknown providers and ids are rejected", async () => {
  const ask = asker(new MockWorkspace());
  assert.equal((await ask(`POST ${path}`, { git_provider: "sourceForge" })).status, 400);
  assert.equal((await ask(`POST ${path}`, {})).status, 400);
  for (const method of ["GET", "DELETE", "PATCH"]) {
    const body = method === "PATCH" ? { git_provider: "gitHub" } : undefined;
    assert.equal((await ask(`${method} ${path}/9`, body)).body.error_code, "RESOURCE_DOES_NOT_EXIST");
  }
});
