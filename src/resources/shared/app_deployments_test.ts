import assert from "node:assert/strict";
import { deploymentOf, isDeployment, newestIn, newestOf } from "./app_deployments.ts";

const SUCCEEDED = { state: "SUCCEEDED" };

Deno.test("a deployment matches the request, whatever fields the response omits or adds", () => {
  const code = { source_code_path: "/Workspace/Shared/shop" };
  const git = { git_source: { branch: "main", source_code_path: "app" } };
  const same: [object, object | null][] = [
    [code, null],
    [code, { source_code_path: "/Shared/shop/" }],
    [{ ...code, revision: "2" }, { ...code, mode: "SNAPSHOT" }],
    [{ ...code, command: ["python", "app.py"] }, { ...code, command: "python app.py" }],
    [{ ...code, env_vars: [{ name: "A", value: "1" }] }, { ...code, env_vars: [{ name: "A" }, { name: "B" }] }],
    [git, { git_source: { branch: "main", source_code_path: "app", commit: "0a1b" }, source_code_path: "/x" }],
  ];
  for (const [asked, answered] of same) assert.ok(isDeployment(asked, answered), JSON.stringify([asked, answered]));
});

Deno.test("a deployment with another path, mode, command or variable differs", () => {
  const code = { source_code_path: "/Workspace/Shared/shop" };
  const git = { git_source: { tag: "v1" } };
  const others: [object, object | undefined][] = [
    [code, undefined],
    [code, {}],
    [code, { source_code_path: "/Workspace/Shared/shop/v2" }],
    [{ ...code, mode: "AUTO_SYNC" }, { ...code, mode: "SNAPSHOT" }],
    [{ ...code, command: ["python", "app.py"] }, { ...code, command: ["python", "main.py"] }],
    [{ ...code, env_vars: [{ name: "A", value: "1" }] }, { ...code, env_vars: [{ name: "B" }] }],
    [git, code],
    [git, { git_source: { tag: "v2" } }],
    [git, { git_source: { branch: "v1" } }],
  ];
  for (const [asked, answered] of others) assert.ok(!isDeployment(asked, answered), JSON.stringify([asked, answered]));
});

Deno.test("the newest deployment is the later one, and without times the pending one", () => {
  const one = { deployment_id: "1", create_time: "2026-01-01T00:00:00Z" };
  const two = { deployment_id: "2", create_time: "2026-01-02T00:00:00Z" };
  assert.equal(newestIn([one, undefined, two])?.deployment_id, "2");
  assert.equal(newestIn([])?.deployment_id, undefined);
  assert.equal(newestOf({ active_deployment: two, pending_deployment: one })?.deployment_id, "2");
  const untold = { active_deployment: { deployment_id: "1" }, pending_deployment: { deployment_id: "2" } };
  assert.equal(newestOf(untold)?.deployment_id, "2");
});

Deno.test("the code of an app is compared while it runs; Databricks' own copy is compared by its source", () => {
  const active_deployment = { source_code_path: "/Workspace/Users/app/copy", status: SUCCEEDED };
  const app = { active_deployment, default_source_code_path: "/Workspace/Shared/shop" };
  const of = (state: string, more = {}) => deploymentOf({ ...more, compute_status: { state } });
  assert.deepEqual(of("STOPPED", app), { deployment: null });
  assert.deepEqual(of("STOPPED"), { deployment: null });
  assert.deepEqual(of("STARTING", app), { deployment: null });
  assert.deepEqual(of("STARTING"), {}, "the first deployment follows the first start");
  const told = of("ACTIVE", app).deployment;
  assert.ok(isDeployment({ source_code_path: "/Workspace/Shared/shop" }, told));
  assert.ok(!isDeployment({ source_code_path: "/Workspace/Shared/shop" }, of("ACTIVE").deployment));
});
