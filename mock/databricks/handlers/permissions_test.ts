import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const path = "/api/2.0/permissions/jobs";
const owner = { user_name: "me", permission_level: "IS_OWNER" };
const viewers = { group_name: "analysts", permission_level: "CAN_VIEW" };

function levels(body: { access_control_list: { all_permissions: { permission_level: string }[] }[] }): string[] {
  return body.access_control_list.map((access) => access.all_permissions[0]!.permission_level);
}

Deno.test("a job belongs to its creator at first", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.jobs.add({ name: "a" }, { creator: "ann" });
  const { body } = await asker(workspace)(`GET ${path}/${id}`);
  assert.deepEqual([body.object_id, body.object_type], [`/jobs/${id}`, "job"]);
  assert.equal(body.access_control_list[0].user_name, "ann");
  assert.deepEqual(levels(body), ["IS_OWNER", "CAN_MANAGE"]);
});

Deno.test("a PUT replaces the list and needs exactly one owner", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const id = workspace.jobs.add({ name: "a" });
  const put = (access_control_list: unknown[]) => ask(`PUT ${path}/${id}`, { access_control_list });
  assert.deepEqual(levels((await put([owner, viewers])).body), ["IS_OWNER", "CAN_VIEW", "CAN_MANAGE"]);
  for (const list of [[], [viewers], [owner, { ...owner, user_name: "you" }], [{ ...owner, user_name: undefined }]]) {
    assert.equal((await put(list)).body.error_code, "INVALID_PARAMETER_VALUE");
  }
  assert.equal((await put([owner, { user_name: "x", permission_level: "CAN_DANCE" }])).status, 400);
  assert.deepEqual(workspace.permissions.access(workspace.jobs.get(id)!), [owner, viewers]);
});

Deno.test("a PATCH adds to the list", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.jobs.add({ name: "a" });
  const { body } = await asker(workspace)(`PATCH ${path}/${id}`, { access_control_list: [viewers] });
  assert.deepEqual(levels(body), ["IS_OWNER", "CAN_VIEW", "CAN_MANAGE"]);
});

Deno.test("permissions of a missing job are missing", async () => {
  const { status, body } = await asker(new MockWorkspace())(`GET ${path}/5`);
  assert.deepEqual([status, body.error_code], [404, "RESOURCE_DOES_NOT_EXIST"]);
});

Deno.test("hidden jobs are not listed, and a get of one is denied before its existence is checked", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const id = workspace.jobs.add({ name: "a" });
  workspace.runs.start(id);
  workspace.permissions.hideJobs(true);
  assert.deepEqual((await ask("GET /api/2.2/jobs/list")).body, { has_more: false });
  assert.deepEqual((await ask("GET /api/2.2/jobs/runs/list")).body, { has_more: false });
  for (const job of [id, "5"]) {
    const { status, body } = await ask(`GET /api/2.2/jobs/get?job_id=${job}`);
    assert.deepEqual([status, body.error_code], [403, "PERMISSION_DENIED"]);
  }
  workspace.permissions.allowAll();
  assert.equal((await ask(`GET /api/2.2/jobs/get?job_id=${id}`)).status, 200);
});

Deno.test("some jobs can be hidden by name", async () => {
  const workspace = new MockWorkspace();
  for (const name of ["etl", "secret"]) workspace.jobs.add({ name });
  workspace.permissions.hideJobs(/secret/);
  assert.equal((await asker(workspace)("GET /api/2.2/jobs/list")).body.jobs.length, 1);
});

Deno.test("an endpoint can be denied", async () => {
  const workspace = new MockWorkspace();
  workspace.permissions.deny(/^POST .*secrets/);
  const ask = asker(workspace);
  assert.equal((await ask("POST /api/2.0/secrets/scopes/create", { scope: "s" })).status, 403);
  assert.equal((await ask("GET /api/2.0/secrets/scopes/list")).status, 200);
  assert.deepEqual(workspace.secrets.scopes(), []);
});

Deno.test("Git folders and folders have their own permission lists and levels", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const repo = workspace.repos.add({ url: "https://x/y", path: "/Repos/team/r" });
  const folder = workspace.repos.status("/Repos/team").object_id;
  for (const [type, id] of [["repos", repo], ["directories", folder]] as const) {
    const at = `/api/2.0/permissions/${type}/${id}`;
    const list = [{ group_name: "team", permission_level: "CAN_RUN" }];
    assert.deepEqual(levels((await ask(`GET ${at}`)).body), ["CAN_MANAGE", "CAN_MANAGE"]);
    assert.deepEqual(levels((await ask(`PUT ${at}`, { access_control_list: list })).body), ["CAN_RUN", "CAN_MANAGE"]);
    const { permission_levels } = (await ask(`GET ${at}/permissionLevels`)).body;
    assert.ok(permission_levels.some((one: { permission_level: string }) => one.permission_level === "CAN_EDIT"));
    assert.equal((await ask(`PUT ${at}`, { access_control_list: [owner] })).status, 400);
    assert.equal((await ask(`GET /api/2.0/permissions/${type}/7`)).status, 404);
  }
});

Deno.test("entries of people and applications have a display name, those of groups have none", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.jobs.add({ name: "a" });
  const list = [owner, viewers, { service_principal_name: "app", permission_level: "CAN_VIEW" }];
  const { body } = await asker(workspace)(`PUT ${path}/${id}`, { access_control_list: list });
  const names = body.access_control_list.map((one: { display_name?: string }) => one.display_name);
  assert.deepEqual(names, ["me", undefined, "app", undefined]);
});

Deno.test("the last of several levels for one principal wins", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.jobs.add({ name: "a" });
  const list = [owner, viewers, { ...viewers, permission_level: "CAN_MANAGE" }];
  const { body } = await asker(workspace)(`PUT ${path}/${id}`, { access_control_list: list });
  assert.deepEqual(levels(body), ["IS_OWNER", "CAN_MANAGE", "CAN_MANAGE"]);
});

Deno.test("user names are case-insensitive, and a principal that does not exist is rejected", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const id = workspace.jobs.add({ name: "a" });
  workspace.permissions.lists.unknown.add("nobody");
  const upper = { user_name: "ME", permission_level: "CAN_VIEW" };
  assert.equal((await ask(`PUT ${path}/${id}`, { access_control_list: [owner, upper] })).status, 400);
  const nobody = { group_name: "nobody", permission_level: "CAN_VIEW" };
  const { status, body } = await ask(`PATCH ${path}/${id}`, { access_control_list: [nobody] });
  assert.deepEqual([status, body.message], [400, "Principal: GroupName(nobody) does not exist"]);
  workspace.doubts.unknownPrincipal = "404 RESOURCE_DOES_NOT_EXIST";
  assert.equal((await ask(`PATCH ${path}/${id}`, { access_control_list: [nobody] })).status, 404);
});

Deno.test("permissions of admins cannot be changed", async () => {
  const workspace = new MockWorkspace();
  const id = workspace.jobs.add({ name: "a" });
  const admins = { group_name: "admins", permission_level: "CAN_VIEW" };
  const { status } = await asker(workspace)(`PATCH ${path}/${id}`, { access_control_list: [admins] });
  assert.equal(status, 400);
});

Deno.test("with lagging reads, a write returns the new list, and reads return it later", async () => {
  let now = 0;
  const workspace = new MockWorkspace({ now: () => now, listLagMs: 1000, doubts: { permissionLag: "seconds" } });
  const ask = asker(workspace);
  const id = workspace.jobs.add({ name: "a" });
  assert.deepEqual(levels((await ask(`PATCH ${path}/${id}`, { access_control_list: [viewers] })).body).length, 3);
  assert.deepEqual(levels((await ask(`GET ${path}/${id}`)).body).length, 2);
  now = 1001;
  assert.deepEqual(levels((await ask(`GET ${path}/${id}`)).body).length, 3);
});

Deno.test("permissions of warehouses have two paths, and other types reject unknown objects", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  workspace.permissions.objects.set("warehouses", (id) => id === "ab12" ? "ann" : undefined);
  const list = [{ user_name: "ann", permission_level: "IS_OWNER" }, { group_name: "x", permission_level: "CAN_USE" }];
  await ask("PUT /api/2.0/permissions/warehouses/ab12", { access_control_list: list });
  assert.deepEqual(levels((await ask("GET /api/2.0/permissions/sql/warehouses/ab12")).body), [
    "IS_OWNER",
    "CAN_USE",
    "CAN_MANAGE",
  ]);
  assert.equal((await ask("GET /api/2.0/permissions/warehouses/ab13")).status, 404);
});
