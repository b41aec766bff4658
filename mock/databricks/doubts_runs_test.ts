/** Tests every answer to the doubts about runs. */
import assert from "node:assert/strict";
import { asker } from "./ask.ts";
import type { Doubts } from "./doubts.ts";
import { MockWorkspace } from "./workspace.ts";

const jobs = "/api/2.2/jobs";
const task = { task_key: "a", notebook_task: { notebook_path: "/a" } };

function withRun(doubts: Partial<Doubts>, settings: Record<string, unknown> = {}) {
  const workspace = new MockWorkspace({ doubts });
  const job = workspace.jobs.add({ name: "a", tasks: [task], ...settings });
  return { workspace, job, run: workspace.runs.start(job), ask: asker(workspace) };
}

Deno.test("a run of 2.2 has state, status or both; a run of 2.1 has state", async () => {
  for (
    const [runState, fields] of [
      ["state only", ["state"]],
      ["both", ["state", "status"]],
      ["status only", ["status"]],
    ] as const
  ) {
    const { ask, run } = withRun({ runState });
    const { body } = await ask(`GET ${jobs}/runs/get?run_id=${run}&include_history=true`);
    const [row] = (await ask(`GET ${jobs}/runs/list`)).body.runs;
    for (const seen of [body, body.tasks[0], body.repair_history[0], row]) {
      assert.deepEqual(["state", "status"].filter((field) => seen[field] !== undefined), fields);
    }
    const { body: old } = await ask(`GET /api/2.1/jobs/runs/get?run_id=${run}`);
    assert.deepEqual(["state", "status"].filter((field) => old[field] !== undefined), ["state"]);
  }
});

Deno.test("status contains the same information as state", async () => {
  for (
    const [result, code, type] of [
      ["SUCCESS", "SUCCESS", "SUCCESS"],
      ["FAILED", "RUN_EXECUTION_ERROR", "CLIENT_ERROR"],
      ["CANCELED", "USER_CANCELED", "SUCCESS"],
    ] as const
  ) {
    const { ask, run, workspace } = withRun({});
    assert.deepEqual((await ask(`GET ${jobs}/runs/get?run_id=${run}`)).body.status, { state: "RUNNING" });
    workspace.runs.finish(run, result, "why");
    const { status } = (await ask(`GET ${jobs}/runs/get?run_id=${run}`)).body;
    assert.deepEqual(status, { state: "TERMINATED", termination_details: { code, type, message: "why" } });
  }
});

Deno.test("a failed run is TERMINATED or INTERNAL_ERROR, with result FAILED", async () => {
  for (const failedRunState of ["TERMINATED", "INTERNAL_ERROR"] as const) {
    const { ask, run, workspace } = withRun({ failedRunState });
    workspace.runs.finish(run, "FAILED");
    const { state } = (await ask(`GET ${jobs}/runs/get?run_id=${run}`)).body;
    assert.deepEqual([state.life_cycle_state, state.result_state], [failedRunState, "FAILED"]);
  }
});

Deno.test("a missing run returns either message", async () => {
  for (
    const [missingRunMessage, message] of [
      ["Run 1 does not exist.", "Run 7 does not exist."],
      ["Run: 1 in job: 2 doesn't exist", "Run: 7 in job: 0 doesn't exist"],
    ] as const
  ) {
    const { body } = await withRun({ missingRunMessage }).ask(`GET ${jobs}/runs/get?run_id=7`);
    assert.deepEqual(body, { error_code: "INVALID_PARAMETER_VALUE", message });
  }
});

Deno.test("a task's run cannot be got by its id, and every attempt has its own ids", async () => {
  const { ask, run, workspace } = withRun({});
  workspace.runs.finish(run, "FAILED");
  workspace.runs.repair(run);
  const { body } = await ask(`GET ${jobs}/runs/get?run_id=${run}&include_history=true`);
  const [first, second] = body.repair_history;
  assert.notDeepEqual(first.task_run_ids, second.task_run_ids);
  assert.deepEqual(second.task_run_ids, [body.tasks[0].run_id]);
  const refused = await ask(`GET ${jobs}/runs/get?run_id=${body.tasks[0].run_id}`);
  assert.deepEqual([refused.status, refused.body.error_code], [400, "INVALID_PARAMETER_VALUE"]);
});

Deno.test("run-now of an active continuous job is rejected, or ends its run and starts another", async () => {
  const continuous = { continuous: { pause_status: "UNPAUSED" } };
  const refused = withRun({ runNowContinuous: "409" }, continuous);
  assert.equal((await refused.ask(`POST ${jobs}/run-now`, { job_id: refused.job })).status, 409);
  assert.equal(refused.workspace.runs.list().length, 1);
  const { ask, job, run, workspace } = withRun({ runNowContinuous: "restarts" }, continuous);
  const { status, body } = await ask(`POST ${jobs}/run-now`, { job_id: job });
  assert.equal(status, 200);
  assert.equal(workspace.runs.get(run)?.state.result_state, "CANCELED");
  assert.equal(workspace.runs.get(String(body.run_id))?.state.life_cycle_state, "PENDING");
});

Deno.test("a continuous job restarts only once at a time: run-now is rejected while the previous run is ending", async () => {
  const doubts = { runNowContinuous: "restarts", cancelEnd: "TERMINATING first" } as const;
  const { ask, job, run, workspace } = withRun(doubts, { continuous: { pause_status: "UNPAUSED" } });
  const { status, body } = await ask(`POST ${jobs}/run-now`, { job_id: job });
  assert.equal(status, 200);
  assert.equal(workspace.runs.get(run)?.state.life_cycle_state, "TERMINATING");
  assert.equal(workspace.runs.get(String(body.run_id))?.state.life_cycle_state, "PENDING");
  const raced = await ask(`POST ${jobs}/run-now`, { job_id: job });
  assert.deepEqual([raced.status, raced.body.error_code], [409, "RESOURCE_CONFLICT"]);
  assert.equal(workspace.runs.list().length, 2);
});

Deno.test("an idempotency token returns its run forever, or for an hour", async () => {
  for (const [idempotencyTokenLife, same] of [["for ever", true], ["an hour", false]] as const) {
    let now = 1_000_000;
    const workspace = new MockWorkspace({ doubts: { idempotencyTokenLife }, now: () => now });
    const job_id = workspace.jobs.add({ name: "a", max_concurrent_runs: 5 });
    const start = async () =>
      (await asker(workspace)(`POST ${jobs}/run-now`, { job_id, idempotency_token: "t" })).body.run_id;
    const first = await start();
    assert.equal(await start(), first);
    now += 3_600_001;
    assert.equal(await start() === first, same);
  }
});

Deno.test("a run's page has the address that the request used", async () => {
  const { workspace, run } = withRun({});
  const request = new Request(`http://127.0.0.1:8099${jobs}/runs/get?run_id=${run}`, {
    headers: { authorization: "Bearer token" },
  });
  assert.match((await (await workspace.fetch(request)).json()).run_page_url, /^http:\/\/127\.0\.0\.1:8099\/#job/);
});
