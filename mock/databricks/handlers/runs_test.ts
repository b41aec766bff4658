import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const jobs = "/api/2.2/jobs";
const start = 1_700_000_000_000;

Deno.test("a run stays active until a test finishes it", async () => {
  const workspace = new MockWorkspace({ now: () => start });
  const ask = asker(workspace);
  const job_id = workspace.jobs.add({ name: "etl", tasks: [{ task_key: "a", notebook_task: {} }] });
  const { body, text } = await ask(`POST ${jobs}/run-now`, { job_id });
  assert.match(text, /"run_id":801234567890123456\b/);
  const pending = (await ask(`GET ${jobs}/runs/get?run_id=${body.run_id}`)).body;
  assert.equal(pending.state.life_cycle_state, "PENDING");
  assert.deepEqual([pending.run_name, pending.run_type, pending.end_time], ["etl", "JOB_RUN", 0]);
  workspace.runs.finish(String(body.run_id), "FAILED", "boom");
  const ended = (await ask(`GET ${jobs}/runs/get?run_id=${body.run_id}`)).body;
  assert.deepEqual(ended.state, {
    life_cycle_state: "TERMINATED",
    result_state: "FAILED",
    state_message: "boom",
    user_cancelled_or_timedout: false,
  });
  assert.deepEqual([ended.end_time, ended.tasks[0].task_key], [start, "a"]);
});

Deno.test("with runSeconds a run progresses by the clock when it is read", async () => {
  let now = start;
  const workspace = new MockWorkspace({ now: () => now, runSeconds: 10 });
  const ask = asker(workspace);
  const id = workspace.runs.start(workspace.jobs.add({ name: "etl" }), { state: "PENDING" });
  const state = async () => (await ask(`GET ${jobs}/runs/get?run_id=${id}`)).body.state.life_cycle_state;
  assert.equal(await state(), "PENDING");
  now += 1;
  assert.equal(await state(), "RUNNING");
  now += 60_000;
  assert.equal(await state(), "TERMINATED");
  assert.equal(workspace.runs.get(id)?.end_time, start + 10_000);
});

Deno.test("one idempotency token gives one run", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const job_id = workspace.jobs.add({ name: "etl" });
  const first = await ask(`POST ${jobs}/run-now`, { job_id, idempotency_token: "t" });
  const again = await ask(`POST ${jobs}/run-now`, { job_id, idempotency_token: "t" });
  assert.equal(first.body.run_id, again.body.run_id);
  const tooLong = await ask(`POST ${jobs}/run-now`, { job_id, idempotency_token: "t".repeat(65) });
  assert.equal(tooLong.status, 400);
  assert.equal(workspace.runs.list().length, 1);
});

Deno.test("run-now of a continuous job conflicts unless the job is paused", async () => {
  const workspace = new MockWorkspace({ doubts: { runNowContinuous: "409" } });
  const ask = asker(workspace);
  const job_id = workspace.jobs.add({ name: "etl", continuous: { pause_status: "UNPAUSED" } });
  const { status, body } = await ask(`POST ${jobs}/run-now`, { job_id });
  assert.deepEqual([status, body.error_code], [409, "RESOURCE_CONFLICT"]);
  workspace.jobs.edit(job_id, (settings) => void (settings.continuous.pause_status = "PAUSED"));
  assert.equal((await ask(`POST ${jobs}/run-now`, { job_id })).status, 200);
});

Deno.test("a run over max_concurrent_runs is skipped, or queued if the job has a queue", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  for (const [queue, state] of [[undefined, "SKIPPED"], [{ enabled: true }, "QUEUED"]] as const) {
    const job_id = workspace.jobs.add({ name: "etl", queue });
    const first = workspace.runs.start(job_id);
    const second = String((await ask(`POST ${jobs}/run-now`, { job_id })).body.run_id);
    const { life_cycle_state, result_state } = workspace.runs.get(second)!.state;
    assert.equal(life_cycle_state, state);
    assert.equal(result_state, queue ? undefined : "MAXIMUM_CONCURRENT_RUNS_REACHED");
    workspace.runs.finish(first);
    if (queue) assert.equal(workspace.runs.get(second)?.state.life_cycle_state, "PENDING");
  }
});

Deno.test("runs/list shows the whole workspace, the newest first, in pages", async () => {
  let now = start;
  const workspace = new MockWorkspace({ now: () => now });
  const ask = asker(workspace);
  const ids = ["a", "b"].map((name) => workspace.jobs.add({ name }));
  const runs = Array.from({ length: 30 }, (_, index) => (now += 1, workspace.runs.start(ids[index % 2]!)));
  const first = (await ask(`GET ${jobs}/runs/list`)).body;
  assert.deepEqual([first.runs.length, String(first.runs[0].run_id), first.has_more], [20, runs.at(-1), true]);
  const second = (await ask(`GET ${jobs}/runs/list?page_token=${first.next_page_token}`)).body;
  assert.deepEqual([second.runs.length, second.has_more], [10, false]);
  assert.equal((await ask(`GET ${jobs}/runs/list?job_id=${ids[0]}&limit=25`)).body.runs.length, 15);
  const span = `start_time_from=${start + 5}&start_time_to=${start + 6}`;
  assert.equal((await ask(`GET ${jobs}/runs/list?${span}`)).body.runs.length, 2);
});

Deno.test("runs/list distinguishes active from completed runs", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const job = workspace.jobs.add({ name: "a" });
  const done = workspace.runs.start(job);
  const queued = workspace.runs.start(job, { state: "QUEUED" });
  workspace.runs.finish(done);
  workspace.runs.start(job, { state: "SKIPPED" });
  const active = (await ask(`GET ${jobs}/runs/list?active_only=true`)).body.runs;
  assert.deepEqual(active.map((run: { run_id: bigint }) => String(run.run_id)), [queued]);
  assert.equal((await ask(`GET ${jobs}/runs/list?completed_only=true`)).body.runs.length, 2);
  for (const query of ["active_only=true&completed_only=true", "limit=26"]) {
    assert.equal((await ask(`GET ${jobs}/runs/list?${query}`)).body.error_code, "INVALID_PARAMETER_VALUE");
  }
});

Deno.test("runs vanish after 60 days", async () => {
  let now = start;
  const workspace = new MockWorkspace({ now: () => now });
  workspace.runs.start(workspace.jobs.add({ name: "a" }));
  now += 61 * 24 * 3600 * 1000;
  assert.deepEqual((await asker(workspace)(`GET ${jobs}/runs/list`)).body, { has_more: false });
});

Deno.test("runs/get returns tasks in pages of 100", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const tasks = Array.from({ length: 150 }, (_, index) => ({ task_key: `t${index}`, notebook_task: {} }));
  const id = workspace.runs.start(workspace.jobs.add({ name: "a", tasks }));
  const first = (await ask(`GET ${jobs}/runs/get?run_id=${id}`)).body;
  const second = (await ask(`GET ${jobs}/runs/get?run_id=${id}&page_token=${first.next_page_token}`)).body;
  assert.deepEqual([first.tasks.length, second.tasks.length, second.next_page_token], [100, 50, undefined]);
  assert.ok(second.tasks[49].run_id < 2n ** 63n);
  const listed = (await ask(`GET ${jobs}/runs/list?expand_tasks=true`)).body.runs[0];
  assert.deepEqual([listed.tasks.length, listed.has_more], [100, true]);
});

Deno.test("a submitted run has a job id without a job", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const { body } = await ask(`POST ${jobs}/runs/submit`, { run_name: "once", tasks: [] });
  const run = (await ask(`GET ${jobs}/runs/get?run_id=${body.run_id}`)).body;
  assert.deepEqual([run.run_name, run.run_type], ["once", "SUBMIT_RUN"]);
  assert.equal((await ask(`GET ${jobs}/get?job_id=${run.job_id}`)).status, 400);
});

Deno.test("cancel ends an active run and leaves an ended one", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const run_id = workspace.runs.start(workspace.jobs.add({ name: "a" }));
  assert.equal((await ask(`POST ${jobs}/runs/cancel`, { run_id })).status, 200);
  assert.equal(workspace.runs.get(run_id)?.state.result_state, "CANCELED");
  assert.equal(workspace.runs.get(run_id)?.state.user_cancelled_or_timedout, true);
  workspace.runs.finish(run_id, "FAILED");
  await ask(`POST ${jobs}/runs/cancel`, { run_id });
  assert.equal(workspace.runs.get(run_id)?.state.result_state, "FAILED");
});

Deno.test("a repair runs a finished run again, and a second repair names the first", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const run_id = workspace.runs.start(workspace.jobs.add({ name: "a" }));
  const repair = (more = {}) => ask(`POST ${jobs}/runs/repair`, { run_id, rerun_all_failed_tasks: true, ...more });
  assert.equal((await repair()).body.error_code, "INVALID_STATE");
  workspace.runs.finish(run_id, "FAILED");
  assert.equal((await repair({ rerun_tasks: ["a"] })).body.error_code, "INVALID_PARAMETER_VALUE");
  const { repair_id } = (await repair()).body;
  assert.equal(workspace.runs.get(run_id)?.state.life_cycle_state, "PENDING");
  workspace.runs.finish(run_id, "FAILED");
  assert.equal((await repair()).status, 400);
  assert.equal((await repair({ latest_repair_id: repair_id })).status, 200);
  const get = `GET ${jobs}/runs/get?run_id=${run_id}`;
  assert.equal((await ask(get)).body.repair_history, undefined);
  const { repair_history } = (await ask(`${get}&include_history=true`)).body;
  assert.deepEqual(repair_history.map((item: { type: string }) => item.type), ["ORIGINAL", "REPAIR", "REPAIR"]);
});

Deno.test("a missing run gets the same response as a missing job", async () => {
  const { status, body } = await asker(new MockWorkspace({ doubts: { missingJob: "404" } }))(
    `GET ${jobs}/runs/get?run_id=7`,
  );
  assert.deepEqual([status, body.message], [404, "Run 7 does not exist."]);
});
