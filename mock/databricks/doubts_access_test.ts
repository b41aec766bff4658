/** Tests every answer to the doubts about credentials, Git folders, secrets and permissions. */
import assert from "node:assert/strict";
import { type Ask, asker } from "./ask.ts";
import type { Doubts } from "./doubts.ts";
import { MockWorkspace } from "./workspace.ts";

function workspaceWith(doubts: Partial<Doubts>): { workspace: MockWorkspace; ask: Ask } {
  const workspace = new MockWorkspace({ doubts });
  return { workspace, ask: asker(workspace) };
}

const secrets = "/api/2.0/secrets";

Deno.test("a second credential is rejected with either code", async () => {
  for (const duplicateCredentialCode of ["RESOURCE_ALREADY_EXISTS", "CREDENTIAL_ALREADY_EXISTS"] as const) {
    const { ask, workspace } = workspaceWith({ duplicateCredentialCode });
    workspace.credentials.add({ git_provider: "gitHub" });
    const { body } = await ask("POST /api/2.0/git-credentials", { git_provider: "gitHub" });
    assert.equal(body.error_code, duplicateCredentialCode);
  }
});

Deno.test("a Git folder at an occupied path is rejected with each status and code", async () => {
  for (
    const takenRepoPath of [
      "400 RESOURCE_ALREADY_EXISTS",
      "400 INVALID_PARAMETER_VALUE",
      "409 RESOURCE_ALREADY_EXISTS",
    ] as const
  ) {
    const { ask, workspace } = workspaceWith({ takenRepoPath });
    workspace.repos.add({ url: "https://x/y", path: "/Repos/a/b" });
    const repo = { url: "https://x/y", provider: "gitHub", path: "/Repos/a/b" };
    const { status, body } = await ask("POST /api/2.0/repos", repo);
    assert.equal(`${status} ${body.error_code}`, takenRepoPath);
    assert.match(body.message, /\/Repos\/a\/b/);
  }
});

Deno.test("a taken scope name is rejected with either status", async () => {
  for (const takenScope of ["400", "409"] as const) {
    const { ask, workspace } = workspaceWith({ takenScope });
    workspace.secrets.addScope("a");
    const { status, body } = await ask(`POST ${secrets}/scopes/create`, { scope: "a" });
    assert.deepEqual([String(status), body.error_code], [takenScope, "RESOURCE_ALREADY_EXISTS"]);
  }
});

Deno.test("a deleted job's permissions are gone, or are still returned", async () => {
  for (const [permissionsOfMissing, expected] of [["404", 404], ["its last list", 200]] as const) {
    const { ask, workspace } = workspaceWith({ permissionsOfMissing });
    const id = workspace.jobs.add({ name: "a" });
    workspace.jobs.remove(id);
    assert.equal((await ask(`GET /api/2.0/permissions/jobs/${id}`)).status, expected);
    assert.equal((await ask("GET /api/2.0/permissions/jobs/7")).status, 404);
  }
});

Deno.test("names of scopes are case-sensitive, or are listed as written or in lower case", async () => {
  for (
    const [scopeNames, status, listed] of [
      ["respect case", 200, ["App", "app"]],
      ["ignore case; listed as made", 400, ["App"]],
      ["ignore case; listed in lower case", 400, ["app"]],
    ] as const
  ) {
    const { ask } = workspaceWith({ scopeNames });
    await ask(`POST ${secrets}/scopes/create`, { scope: "App" });
    assert.equal((await ask(`POST ${secrets}/scopes/create`, { scope: "app" })).status, status);
    const { scopes } = (await ask(`GET ${secrets}/scopes/list`)).body;
    assert.deepEqual(scopes.map(({ name }: { name: string }) => name), listed);
    const deleted = await ask(`POST ${secrets}/scopes/delete`, { scope: "APP" });
    assert.equal(deleted.status, scopeNames === "respect case" ? 404 : 200);
  }
});

Deno.test("keys of secrets are case-sensitive, or not", async () => {
  for (const [secretKeys, keys] of [["respect case", ["Key", "key"]], ["ignore case", ["Key"]]] as const) {
    const { ask, workspace } = workspaceWith({ secretKeys });
    workspace.secrets.addScope("a");
    for (const key of ["Key", "key"]) await ask(`POST ${secrets}/put`, { scope: "a", key, string_value: key });
    const { body } = await ask(`GET ${secrets}/list?scope=a`);
    assert.deepEqual(body.secrets.map(({ key }: { key: string }) => key), keys);
    const { value } = (await ask(`GET ${secrets}/get?scope=a&key=Key`)).body;
    assert.equal(atob(value), keys.length === 1 ? "key" : "Key");
    assert.equal(
      (await ask(`POST ${secrets}/delete`, { scope: "a", key: "KEY" })).status,
      keys.length === 1 ? 200 : 404,
    );
  }
});

Deno.test("principals are listed as written, or in lower case and found in any case", async () => {
  for (const [principals, name] of [["as written", "Data Team"], ["lower case", "data team"]] as const) {
    const { ask, workspace } = workspaceWith({ principals });
    workspace.secrets.addScope("a", { manager: "Data Team" });
    assert.equal((await ask(`GET ${secrets}/acls/list?scope=a`)).body.items[0].principal, name);
    assert.equal((await ask(`POST ${secrets}/acls/delete`, { scope: "a", principal: name })).status, 200);
  }
});

Deno.test("a Git folder is returned as written, or in Databricks' spelling", async () => {
  const input = { url: "https://me:token@example.com/x/y.git", provider: "github", path: "/Repos/a/b" };
  const own = { url: "https://example.com/x/y", provider: "gitHub", path: "/Workspace/Repos/a/b" };
  const doubts = { repoUrl: "without .git and user", repoProviderCase: "Databricks' own", repoPath: "yes" } as const;
  for (const [setting, spelt] of [[{}, input], [doubts, own]] as const) {
    const { ask } = workspaceWith(setting);
    const made = (await ask("POST /api/2.0/repos", input)).body;
    const got = (await ask(`GET /api/2.0/repos/${made.id}`)).body;
    const [listed] = (await ask("GET /api/2.0/repos")).body.repos;
    for (const { url, provider, path } of [made, got, listed]) assert.deepEqual({ url, provider, path }, spelt);
  }
});

Deno.test("the list of scopes contains backend and tenant, or not", async () => {
  const keyvault = { resource_id: "r", dns_name: "d", tenant_id: "t" };
  for (const answer of ["yes", "no"] as const) {
    const { ask, workspace } = workspaceWith({ scopeBackend: answer, keyVaultTenant: answer });
    workspace.secrets.addScope("a");
    workspace.secrets.addScope("b", { backend: "AZURE_KEYVAULT", keyvault });
    const [own, vault] = (await ask(`GET ${secrets}/scopes/list`)).body.scopes;
    assert.equal(own.backend_type, answer === "yes" ? "DATABRICKS" : undefined);
    assert.equal(vault.backend_type, "AZURE_KEYVAULT");
    assert.equal(vault.keyvault_metadata.tenant_id, answer === "yes" ? "t" : undefined);
  }
});

Deno.test("an empty git_email clears it, or is ignored", async () => {
  for (const [emptyStringClears, left] of [["yes", undefined], ["no", "a@example.com"]] as const) {
    const { ask, workspace } = workspaceWith({ emptyStringClears });
    const id = workspace.credentials.add({ git_provider: "gitHub", git_email: "a@example.com" });
    await ask(`PATCH /api/2.0/git-credentials/${id}`, { git_provider: "gitHub", git_email: "" });
    assert.equal((await ask(`GET /api/2.0/git-credentials/${id}`)).body.git_email, left);
  }
});

Deno.test("SCIM returns errors in its own form, or in the form of the other APIs", async () => {
  for (const [errorForm, field] of [["error_code", "message"], ["SCIM detail", "detail"]] as const) {
    const { workspace } = workspaceWith({ errorForm });
    const { status, body } = await asker(workspace, "wrong")("GET /api/2.0/preview/scim/v2/Me");
    assert.equal(status, 401);
    assert.match(body[field], /Credential/);
  }
});

Deno.test("the caller's SCIM entry has a header with the workspace, which Terraform and the Go SDK read", async () => {
  const { headers } = await workspaceWith({}).ask("GET /api/2.0/preview/scim/v2/Me");
  assert.match(headers.get("x-databricks-org-id") ?? "", /^\d+$/);
});
