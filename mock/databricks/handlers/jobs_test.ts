import assert from "node:assert/strict";
import { asker } from "../ask.ts";
import type { Settings } from "../job_settings.ts";
import { MockWorkspace } from "../workspace.ts";

const jobs = "/api/2.2/jobs";

function notebook(task_key: string, more: Settings = {}): Settings {
  return { task_key, notebook_task: { notebook_path: "/etl" }, ...more };
}

function many(count: number, name = "t"): Settings[] {
  return Array.from({ length: count }, (_, index) => notebook(`${name}${index}`));
}

Deno.test("a created job is returned with the server's defaults and a sorted depends_on", async () => {
  const ask = asker(new MockWorkspace({ doubts: { serverDefaults: "job and task" } }));
  const depends_on = [{ task_key: "b" }, { task_key: "a" }];
  const tasks = [notebook("a"), notebook("b"), notebook("c", { depends_on, timeout_seconds: 9 })];
  const created = await ask(`POST ${jobs}/create`, { name: "etl", tasks });
  const { body } = await ask(`GET ${jobs}/get?job_id=${created.body.job_id}`);
  const defaults = { email_notifications: {}, webhook_notifications: {}, timeout_seconds: 0 };
  const settings = { ...defaults, max_concurrent_runs: 1, format: "MULTI_TASK", name: "etl", queue: { enabled: true } };
  const { tasks: answered, ...rest } = body.settings;
  assert.deepEqual(rest, settings);
  assert.deepEqual(answered[0], { ...notebook("a"), ...defaults, run_if: "ALL_SUCCESS" });
  assert.deepEqual(answered[2].depends_on, [{ task_key: "a" }, { task_key: "b" }]);
  assert.equal(answered[2].timeout_seconds, 9);
  assert.equal(body.creator_user_name, "operator@example.com");
});

Deno.test("ids are int64 literals on the wire, beyond the range of a number", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const { text, body } = await ask(`POST ${jobs}/create`, { name: "a" });
  assert.equal(text, '{"job_id":901234567890123456}');
  assert.equal(typeof body.job_id, "bigint");
  await ask(`POST ${jobs}/create`, { name: "b" });
  assert.equal((await ask(`GET ${jobs}/get?job_id=901234567890123457`)).body.settings.name, "b");
  await ask(`POST ${jobs}/delete`, '{"job_id": 901234567890123457}');
  await ask(`POST ${jobs}/delete`, { job_id: "901234567890123456" });
  assert.deepEqual(workspace.jobs.ids(), []);
});

Deno.test("fields that the server adds are returned but not stored", async () => {
  const workspace = new MockWorkspace({ serverFields: { performance_target: "STANDARD" } });
  const id = workspace.jobs.add({ name: "a" });
  const { body } = await asker(workspace)(`GET ${jobs}/get?job_id=${id}`);
  assert.equal(body.settings.performance_target, "STANDARD");
  assert.equal(workspace.jobs.get(id)?.settings.performance_target, undefined);
});

Deno.test("unknown fields are stored if the doubt keeps them; null fields are not", async () => {
  const ask = asker(new MockWorkspace({ doubts: { unknownFields: "kept" } }));
  const { body } = await ask(`POST ${jobs}/create`, { name: "a", brand_new: { x: 1 }, description: null });
  const { settings } = (await ask(`GET ${jobs}/get?job_id=${body.job_id}`)).body;
  assert.deepEqual(settings.brand_new, { x: 1 });
  assert.equal("description" in settings, false);
});

Deno.test("reset replaces everything except an omitted run_as", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const run_as = { service_principal_name: "sp" };
  const job_id = workspace.jobs.add({ name: "a", tags: { x: "y" }, run_as });
  assert.equal((await ask(`POST ${jobs}/reset`, { job_id, new_settings: { name: "b" } })).status, 200);
  const { settings } = workspace.jobs.get(job_id)!;
  assert.deepEqual([settings.name, settings.tags, settings.run_as], ["b", undefined, run_as]);
  assert.equal((await ask(`GET ${jobs}/get?job_id=${job_id}`)).body.run_as_user_name, "sp");
});

Deno.test("update merges top-level fields and removes the named ones", async () => {
  const workspace = new MockWorkspace();
  const job_id = workspace.jobs.add({ name: "a", tags: { x: "y" }, description: "d", tasks: [notebook("a")] });
  const change = { job_id, new_settings: { tags: { z: "1" } }, fields_to_remove: ["description", "tasks/a"] };
  assert.equal((await asker(workspace)(`POST ${jobs}/update`, change)).status, 200);
  const { name, tags, description, tasks } = workspace.jobs.get(job_id)!.settings;
  assert.deepEqual({ name, tags, description, tasks }, {
    name: "a",
    tags: { z: "1" },
    description: undefined,
    tasks: [],
  });
});

Deno.test("update merges tasks and job clusters by their keys, and replaces other arrays", async () => {
  const workspace = new MockWorkspace();
  const cluster = (job_cluster_key: string, num_workers = 1) => ({ job_cluster_key, new_cluster: { num_workers } });
  const task = (task_key: string, description = "") => ({ task_key, description, notebook_task: {} });
  const job_id = workspace.jobs.add({
    tasks: [task("a"), task("b")],
    job_clusters: [cluster("x"), cluster("y")],
    parameters: [{ name: "p" }, { name: "q" }],
  });
  const new_settings = {
    tasks: [task("a", "new"), task("c")],
    job_clusters: [cluster("y", 2)],
    parameters: [{ name: "r" }],
  };
  assert.equal((await asker(workspace)(`POST ${jobs}/update`, { job_id, new_settings })).status, 200);
  const { tasks, job_clusters, parameters } = workspace.jobs.get(job_id)!.settings;
  assert.deepEqual(tasks.map((one: typeof tasks[0]) => one.task_key + one.description), ["anew", "b", "c"]);
  assert.deepEqual(job_clusters, [cluster("x"), cluster("y", 2)]);
  assert.deepEqual(parameters, [{ name: "r" }]);
});

Deno.test("get returns pages of 100 elements in 2.2, and only the first 100 in 2.1", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  const job_clusters = many(120, "c").map(({ task_key }) => ({ job_cluster_key: task_key }));
  const id = workspace.jobs.add({ name: "a", tasks: many(250), job_clusters });
  const sizes = [];
  let token = "";
  do {
    const { body } = await ask(`GET ${jobs}/get?job_id=${id}${token && `&page_token=${token}`}`);
    assert.equal(body.settings.name, "a");
    sizes.push([body.settings.tasks.length, body.settings.job_clusters?.length ?? 0]);
    token = body.next_page_token ?? "";
  } while (token);
  assert.deepEqual(sizes, [[100, 100], [100, 20], [50, 0]]);
  const old = (await ask(`GET /api/2.1/jobs/get?job_id=${id}`)).body;
  assert.deepEqual([old.settings.tasks.length, old.next_page_token, old.has_more], [100, undefined, undefined]);
});

Deno.test("list returns the newest jobs first, in pages with tokens in both directions", async () => {
  const workspace = new MockWorkspace({ firstId: 1 });
  const ask = asker(workspace);
  for (let index = 1; index <= 45; index++) workspace.jobs.add({ name: `job ${index}`, tasks: [notebook("a")] });
  const first = (await ask(`GET ${jobs}/list`)).body;
  assert.deepEqual([first.jobs.length, first.jobs[0].job_id, first.jobs[0].settings.tasks], [20, 45, undefined]);
  workspace.jobs.add({ name: "late" });
  workspace.jobs.remove("26");
  const second = (await ask(`GET ${jobs}/list?page_token=${first.next_page_token}&expand_tasks=true`)).body;
  assert.deepEqual([second.jobs[0].job_id, second.jobs[0].settings.tasks.length, second.has_more], [25, 1, true]);
  const back = (await ask(`GET ${jobs}/list?page_token=${second.prev_page_token}`)).body;
  assert.equal(back.jobs.at(-1).job_id, 27);
  const last = (await ask(`GET ${jobs}/list?limit=100&offset=40`)).body;
  assert.deepEqual([last.jobs.length, last.has_more, last.next_page_token], [5, false, undefined]);
});

Deno.test("list cuts expanded arrays at 100, and says so only in 2.2", async () => {
  const workspace = new MockWorkspace();
  workspace.jobs.add({ name: "a", tasks: many(101) });
  for (const [version, more] of [["2.2", true], ["2.1", undefined]] as const) {
    const { body } = await asker(workspace)(`GET /api/${version}/jobs/list?expand_tasks=true`);
    assert.deepEqual([body.jobs[0].settings.tasks.length, body.jobs[0].has_more], [100, more]);
  }
});

Deno.test("list filters by the exact name in any case, and omits an empty list", async () => {
  const workspace = new MockWorkspace();
  const ask = asker(workspace);
  for (const name of ["ETL", "etl", "etl 2"]) workspace.jobs.add({ name });
  assert.equal((await ask(`GET ${jobs}/list?name=Etl`)).body.jobs.length, 2);
  assert.deepEqual((await ask(`GET ${jobs}/list?name=none`)).body, { has_more: false });
});

for (const query of ["limit=0", "limit=101", "offset=1001", "limit=x", "page_token=!!", "page_token=abcd"]) {
  Deno.test(`list rejects ${query}`, async () => {
    const { status, body } = await asker(new MockWorkspace())(`GET ${jobs}/list?${query}`);
    assert.deepEqual([status, body.error_code], [400, "INVALID_PARAMETER_VALUE"]);
  });
}

for (const path of ["GET get?job_id=5", "POST reset", "POST update", "POST delete", "POST run-now"]) {
  Deno.test(`${path} of a missing job returns either status`, async () => {
    const [method, rest] = path.split(" ");
    const body = method === "POST" ? { job_id: 5, new_settings: { name: "a" } } : undefined;
    for (const [status, code] of [["400", "INVALID_PARAMETER_VALUE"], ["404", "RESOURCE_DOES_NOT_EXIST"]] as const) {
      const ask = asker(new MockWorkspace({ doubts: { missingJob: status } }));
      const answer = await ask(`${method} ${jobs}/${rest}`, body);
      assert.deepEqual([String(answer.status), answer.body.error_code], [status, code]);
      assert.equal(answer.body.message, "Job 5 does not exist.");
    }
  });
}

const refused: [string, Settings, RegExp][] = [
  ["a task without a known type", { tasks: [{ task_key: "x", magic_task: {} }] }, /Task x .*task type/],
  ["a task without a key", { tasks: [{ notebook_task: {} }] }, /tasks\[0\]\.task_key/],
  ["two tasks with one key", { tasks: [notebook("x"), notebook("x")] }, /Duplicate task key: x/],
  ["an unknown dependency", { tasks: [notebook("x", { depends_on: [{ task_key: "y" }] })] }, /unknown task y/],
  [
    "a job cluster that is not defined",
    { tasks: [notebook("x", { job_cluster_key: "big" })], job_clusters: [{ job_cluster_key: "small" }] },
    /^Job cluster 'big' is not defined in field 'job_clusters'\.$/,
  ],
  [
    "a job cluster that is not defined, in a loop",
    { tasks: [{ task_key: "x", for_each_task: { inputs: "[1]", task: notebook("y", { job_cluster_key: "big" }) } }] },
    /Job cluster 'big' is not defined/,
  ],
  ["more than 1000 tasks", { tasks: many(1001) }, /1000/],
  ["a cron of five fields", { schedule: { quartz_cron_expression: "* * * * *" } }, /Invalid quartz cron expression/],
  ["26 tags", { tags: Object.fromEntries(many(26).map(({ task_key }) => [task_key, "1"])) }, /25 tags/],
  ["a tag that is not a string", { tags: { a: 2 } }, /map of strings/],
  ["a name over 4096 bytes", { name: "é".repeat(2049) }, /4096/],
  ["max_concurrent_runs over 1000", { max_concurrent_runs: 1001 }, /max_concurrent_runs/],
  ["tasks that are no array", { tasks: {} }, /START_ARRAY/],
];
for (const [what, settings, message] of refused) {
  Deno.test(`create and reset reject ${what}`, async () => {
    const workspace = new MockWorkspace();
    const ask = asker(workspace);
    const job_id = workspace.jobs.add({ name: "before" });
    for (const [path, body] of [["create", settings], ["reset", { job_id, new_settings: settings }]] as const) {
      const answer = await ask(`POST ${jobs}/${path}`, body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, message);
    }
    assert.deepEqual(workspace.jobs.ids(), [job_id]);
    assert.equal(workspace.jobs.get(job_id)?.settings.name, "before");
  });
}

for (const text of ["{", "[]", "null", "<html>"]) {
  Deno.test(`a body of ${text} is malformed`, async () => {
    const { status, body } = await asker(new MockWorkspace())(`POST ${jobs}/create`, text);
    assert.deepEqual([status, body.error_code], [400, "MALFORMED_REQUEST"]);
  });
}

const notebookTask = { notebook_task: { notebook_path: "/a" } };
const daily = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" };

for (
  const [what, settings, named] of [
    ["a circle of tasks", {
      tasks: [
        { ...notebookTask, task_key: "a", depends_on: [{ task_key: "b" }] },
        { ...notebookTask, task_key: "b", depends_on: [{ task_key: "a" }] },
        { ...notebookTask, task_key: "c" },
      ],
    }, /cycle: a, b$/],
    ["a task that waits for itself", {
      tasks: [{ ...notebookTask, task_key: "a", depends_on: [{ task_key: "a" }] }],
    }, /cycle: a$/],
    ["a schedule beside continuous", { schedule: daily, continuous: {} }, /schedule and continuous/],
    ["an unknown time zone", { schedule: { ...daily, timezone_id: "Europe/Nowhere" } }, /Europe\/Nowhere/],
    ["a Git source without its provider", { git_source: { git_url: "https://x/y" } }, /git_source\.git_provider/],
  ] as const
) {
  Deno.test(`create and reset reject ${what}`, async () => {
    const workspace = new MockWorkspace();
    const job_id = workspace.jobs.add({ name: "before" });
    for (const [path, sent] of [["create", settings], ["reset", { job_id, new_settings: settings }]] as const) {
      const { status, body } = await asker(workspace)(`POST ${jobs}/${path}`, sent);
      assert.deepEqual([status, body.error_code], [400, "INVALID_PARAMETER_VALUE"]);
      assert.match(body.message, named);
    }
  });
}
