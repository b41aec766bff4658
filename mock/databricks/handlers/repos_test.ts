import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const path = "/api/2.0/repos";
const input = { url: "https://github.com/acme/etl.git", provider: "gitHub" };

Deno.test("a repo is created under its user's folder, on branch main", async () => {
  const ask = asker(new MockWorkspace());
  const { body } = await ask(`POST ${path}`, input);
  assert.deepEqual([body.path, body.branch, body.url], ["/Repos/operator@example.com/etl", "main", input.url]);
  assert.match(body.head_commit_id, /^[0-9a-f]{40}$/);
  assert.equal(typeof body.id, "bigint");
  assert.equal((await ask(`GET ${path}/${body.id}`)).body.path, body.path);
  assert.equal((await ask(`DELETE ${path}/${body.id}`)).status, 200);
  assert.equal((await ask(`GET ${path}/${body.id}`)).body.error_code, "RESOURCE_DOES_NOT_EXIST");
});

Deno.test("a branch is checked out, a tag detaches the head, and both move the commit", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const id = workspace.repos.add(input);
  const seen = new Set([workspace.repos.get(id)?.head_commit_id]);
  for (const [change, branch] of [[{ branch: "dev" }, "dev"], [{ tag: "v1" }, undefined]] as const) {
    assert.equal((await ask(`PATCH ${path}/${id}`, change)).status, 200);
    assert.equal((await ask(`GET ${path}/${id}`)).body.branch, branch);
    seen.add(workspace.repos.get(id)?.head_commit_id);
  }
  assert.equal(seen.size, 3);
  assert.equal((await ask(`PATCH ${path}/${id}`, { branch: "a", tag: "b" })).status, 400);
});

Deno.test("sparse checkout stays as created, and cannot be turned on later", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const { body } = await ask(`POST ${path}`, { ...input, sparse_checkout: { patterns: ["a"] } });
  await ask(`PATCH ${path}/${body.id}`, { sparse_checkout: { patterns: ["b"] } });
  assert.deepEqual((await ask(`GET ${path}/${body.id}`)).body.sparse_checkout, { patterns: ["b"] });
  const id = workspace.repos.add({ ...input, path: "/Repos/x/y" });
  assert.equal((await ask(`PATCH ${path}/${id}`, { sparse_checkout: { patterns: ["b"] } })).status, 400);
});

Deno.test("list returns pages of 20 under a prefix, by default under /Repos", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  for (let index = 0; index < 25; index++) workspace.repos.add({ ...input, path: `/Users/me/r${index}` });
  workspace.repos.add({ ...input, path: "/Repos/team/r" });
  assert.equal((await ask(`GET ${path}`)).body.repos.length, 1);
  const first = (await ask(`GET ${path}?path_prefix=/Workspace/Users/me`)).body;
  const query = `path_prefix=/Workspace/Users/me&next_page_token=${first.next_page_token}`;
  const second = (await ask(`GET ${path}?${query}`)).body;
  assert.deepEqual([first.repos.length, second.repos.length, second.next_page_token], [20, 5, undefined]);
  assert.deepEqual((await ask(`GET ${path}?path_prefix=/none`)).body, {});
});

Deno.test("a repo of the Git CLI is found by id and path, but not in the list", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const id = workspace.repos.add({ ...input, path: "/Repos/team/r", gitCli: true });
  assert.deepEqual((await ask(`GET ${path}?path_prefix=/Repos`)).body, {});
  assert.equal((await ask(`GET ${path}/${id}`)).body.git_cli_enabled, true);
  const { body } = await ask("GET /api/2.0/workspace/get-status?path=/Repos/team/r");
  assert.deepEqual(body, { object_type: "REPO", path: "/Repos/team/r", object_id: BigInt(id) });
});

Deno.test("a path that a repo or folder occupies is rejected", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.repos.addFolder("/Repos/team/folder");
  workspace.repos.add({ ...input, path: "/Repos/team/repo" });
  for (const taken of ["/Repos/team/folder", "/Repos/team/repo", "/Workspace/Repos/team/repo"]) {
    const { status, body } = await ask(`POST ${path}`, { ...input, path: taken });
    assert.deepEqual([status, body.error_code], [400, "RESOURCE_ALREADY_EXISTS"]);
  }
  const { body } = await ask("POST /api/2.0/workspace/mkdirs", { path: "/Repos/team/repo" });
  assert.equal(body.error_code, "RESOURCE_ALREADY_EXISTS");
});

Deno.test("a parent folder must exist only if the mock is configured so", async () => {
  const ask = asker(new MockWorkspace({ requireParentFolders: true }));
  const create = () => ask(`POST ${path}`, { ...input, path: "/Shared/team/etl" });
  assert.equal((await create()).body.error_code, "RESOURCE_DOES_NOT_EXIST");
  assert.equal((await ask("POST /api/2.0/workspace/mkdirs", { path: "/Shared/team" })).status, 200);
  assert.equal((await create()).status, 200);
});

Deno.test("requests without url, provider or valid path are rejected", async () => {
  const ask = asker(new MockWorkspace());
  const bad = [{ url: input.url }, { provider: "gitHub" }, { ...input, path: "x" }, { ...input, path: "/Repos/a/b/c" }];
  for (const body of bad) assert.equal((await ask(`POST ${path}`, body)).body.error_code, "INVALID_PARAMETER_VALUE");
});

Deno.test("get-status finds folders, and nothing at other paths", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.repos.addFolder("/Shared/a/b");
  assert.equal((await ask("GET /api/2.0/workspace/get-status?path=/Shared/a")).body.object_type, "DIRECTORY");
  assert.equal((await ask("GET /api/2.0/workspace/get-status?path=/no")).status, 404);
  assert.equal((await ask("GET /api/2.0/workspace/get-status?path=no")).status, 400);
});
