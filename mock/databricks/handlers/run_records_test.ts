import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import { MockWorkspace } from "../workspace.ts";

const path = "/api/2.2/jobs/runs";
const task = (task_key: string) => ({ task_key, notebook_task: { notebook_path: "/a" } });

function withRun(keys: string[]) {
  const workspace = new MockWorkspace();
  const job = workspace.jobs.add({ name: "a", tasks: keys.map(task) });
  return { workspace, job, run: workspace.runs.start(job), ask: asker(workspace) };
}

Deno.test("the output of a run is read by its task's run, or by its own id if it has one task", async () => {
  const { workspace, run, ask } = withRun(["a"]);
  workspace.runs.finish(run, "FAILED", "it broke");
  const { tasks } = (await ask(`GET ${path}/get?run_id=${run}`)).body;
  for (const id of [run, tasks[0].run_id]) {
    const { error, metadata } = (await ask(`GET ${path}/get-output?run_id=${id}`)).body;
    assert.deepEqual([error, String(metadata.run_id)], ["it broke", run]);
  }
  const several = withRun(["a", "b"]);
  const refused = await several.ask(`GET ${path}/get-output?run_id=${several.run}`);
  assert.deepEqual([refused.status, refused.body.error_code], [400, "INVALID_PARAMETER_VALUE"]);
});

Deno.test("a run can be deleted after its end, and its idempotency token then starts none", async () => {
  const { workspace, job, ask } = withRun(["a"]);
  workspace.jobs.edit(job, (settings) => void (settings.max_concurrent_runs = 5));
  const start = { job_id: job, idempotency_token: "t" };
  const { run_id } = (await ask("POST /api/2.2/jobs/run-now", start)).body;
  assert.equal((await ask(`POST ${path}/delete`, { run_id })).body.error_code, "INVALID_STATE");
  workspace.runs.finish(String(run_id));
  assert.equal((await ask(`POST ${path}/delete`, { run_id })).status, 200);
  assert.equal((await ask(`GET ${path}/get?run_id=${run_id}`)).status, 400);
  assert.equal((await ask("POST /api/2.2/jobs/run-now", start)).status, 400);
});

Deno.test("cancel-all ends the runs of one job, or queued runs", async () => {
  const { workspace, job, run, ask } = withRun(["a"]);
  const other = workspace.runs.start(workspace.jobs.add({ name: "b" }));
  const queued = workspace.runs.start(job, { state: "QUEUED" });
  const result = (id: string) => workspace.runs.get(id)?.state.result_state;
  await ask(`POST ${path}/cancel-all`, { all_queued_runs: true });
  assert.deepEqual([run, queued, other].map(result), [undefined, "CANCELED", undefined]);
  await ask(`POST ${path}/cancel-all`, { job_id: job });
  assert.deepEqual([run, queued, other].map(result), ["CANCELED", "CANCELED", undefined]);
  assert.equal((await ask(`POST ${path}/cancel-all`, {})).status, 400);
});

Deno.test("the export of a run consists of views", async () => {
  const { run, ask } = withRun(["a"]);
  const { views } = (await ask(`GET ${path}/export?run_id=${run}`)).body;
  assert.deepEqual(views.map(({ name, type }: { name: string; type: string }) => [name, type]), [["a", "NOTEBOOK"]]);
});
