import assert from "node:assert/strict";
import { databricksJob } from "../../resources/databricks_job.ts";
import { settingsDoubts, settingsIssues } from "./job_settings.ts";

const times = (quartz_cron_expression: string, timezone_id = "UTC") => ({ quartz_cron_expression, timezone_id });

Deno.test("a wrong schedule does not pass in a trigger either", () => {
  const issues = settingsIssues({ triggers: [{}, { schedule: times("0 0 25 * * ?", "Berlin") }] });
  assert.deepEqual(issues.map(({ path }) => path), [
    "spec.job.settings.triggers[1].schedule.quartz_cron_expression",
    "spec.job.settings.triggers[1].schedule.timezone_id",
  ]);
});

Deno.test("a doubtful field is not rejected, and a rejected field is not also doubtful", () => {
  const settings = { schedule: times("0 0 3 * * *", "Berlin") };
  assert.deepEqual(settingsIssues(settings).map(({ path }) => path), ["spec.job.settings.schedule.timezone_id"]);
  assert.deepEqual(settingsDoubts(settings).map(({ path }) => path), [
    "spec.job.settings.schedule.quartz_cron_expression",
  ]);
});

Deno.test("the error for a cycle of many tasks names a few of them", () => {
  const tasks = Array.from({ length: 30 }, (_, index) => ({
    task_key: `t${index}`,
    notebook_task: { notebook_path: "/a" },
    depends_on: [{ task_key: `t${(index + 1) % 30}` }],
  }));
  const [issue] = settingsIssues({ tasks });
  assert.equal(issue?.path, "spec.job.settings.tasks[0].depends_on[0].task_key");
  assert.match(issue.message, /in a circle, t0 → t1 → t2 → t3 → t4 → … → t0: remove one of these$/);
});

Deno.test("git_source without git_provider is rejected, with the field's path", () => {
  const parsed = databricksJob.spec.safeParse({ job: { settings: { git_source: { git_url: "https://x/y" } } } });
  assert.deepEqual(parsed.error?.issues.map(({ path }) => path.join(".")), ["job.settings.git_source.git_provider"]);
});
