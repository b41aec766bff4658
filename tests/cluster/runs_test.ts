/** Runs: the status of the newest one, and the one that spec.run requests. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { doubts } from "../../mock/databricks/doubts.ts";
import type { World } from "../support/harness.ts";
import { clusterTest, condition, eventually, job, notebook, pathOf, problem, sweeps } from "../support/harness.ts";

const RUNS = "/runs/list";

/** A job that requests a run. */
function withRun(
  name: string,
  run: Record<string, unknown> | undefined,
  settings: Record<string, unknown> = {},
): KubeObject {
  const object = job(name, settings);
  if (run !== undefined) (object.spec as Record<string, unknown>).run = run;
  return object;
}

async function state(world: World, name: string, wanted: Record<string, unknown>): Promise<KubeObject> {
  return await eventually(`${name} shows ${JSON.stringify(wanted)}`, async () => {
    const object = await world.get("DatabricksJob", name);
    const now = (object?.status?.latest_run_state ?? {}) as Record<string, unknown>;
    const isThere = Object.entries(wanted).every(([field, value]) => now[field] === value);
    return isThere ? object : problem(JSON.stringify(now));
  });
}

clusterTest("kubectl get shows NO_RUNS, RUNNING, then TERMINATED and SUCCESS", async (world) => {
  await world.apply(job("etl"));
  const object = await state(world, "etl", { life_cycle_state: "NO_RUNS" });
  const runId = world.workspace.runs.start(String(object.status?.id));
  await state(world, "etl", { life_cycle_state: "RUNNING" });
  world.workspace.runs.finish(runId, "SUCCESS", "all good");
  const done = await state(world, "etl", {
    life_cycle_state: "TERMINATED",
    result_state: "SUCCESS",
    state_message: "all good",
  });
  assert.equal((done.status?.latest_run as Record<string, unknown>).run_id, runId);
  assert.match(
    await world.kubectl(["get", "databricksjobs"]),
    /NAME\s+STATUS\s+RESULT\s+READY\s+REASON\s+AGE\netl\s+TERMINATED\s+SUCCESS\s+True/,
  );
  const wide = await world.kubectl(["get", "databricksjobs", "-o", "wide"]);
  assert.match(wide, /OWNER\s+WORKSPACE\s+PRINCIPAL\s+JOB ID\s+URL/);
  assert.match(
    wide,
    new RegExp(`operator\\s+${world.workspace.host}\\s+pat of Secret \\S+\\s+${object.status?.id}\\s+`),
  );
}, { needs: ["kubectl"] });

clusterTest(
  "a run that ended before the operator started is shown, and a run of an unmanaged job is not",
  async (world) => {
    await world.apply(job("etl"));
    const first = await world.startOperator();
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    await world.stopOperator(first);
    const stranger = world.workspace.jobs.add({ name: "stranger", ...notebook() });
    world.workspace.runs.start(stranger);
    world.workspace.runs.finish(world.workspace.runs.start(id), "FAILED", "no such table");
    await world.startOperator();
    await state(world, "etl", { life_cycle_state: "TERMINATED", result_state: "FAILED" });
  },
  { start: false, settings: { ingest: "false" }, mock: { doubts: { failedRunState: "TERMINATED" } } },
);

clusterTest("spec.run runs once per change: A, B, A are three runs", async (world) => {
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await world.ready("DatabricksJob", "etl");
  for (const [count, run] of [[1, { day: 1 }], [2, { day: 2 }], [3, { day: 1 }]] as const) {
    await world.apply(withRun("etl", { job_parameters: run }));
    await eventually(`${count} runs`, () => world.workspace.runs.list().length === count);
  }
  await sweeps(world.workspace, RUNS, 2);
  assert.equal(world.workspace.runs.list().length, 3, "nothing runs without a change");
  const submitted = condition(await world.get("DatabricksJob", "etl"), "RunSubmitted");
  assert.equal(submitted?.reason, "RunStarted");
}, { mock: {} });

clusterTest("a run whose start lost its response is not started twice", async (world) => {
  const lost = world.workspace.faults.add({ match: "run-now", effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await eventually("the response was lost", () => lost.hits === 1);
  await eventually("the run is known", async () => {
    const request = (await world.get("DatabricksJob", "etl"))?.status?.run_request as
      | Record<string, unknown>
      | undefined;
    return request?.run_id !== undefined;
  });
  assert.equal(world.workspace.runs.list().length, 1);
});

/** The tokens of the run-now calls. */
function tokens({ workspace }: World): unknown[] {
  return workspace.ledger.calls.filter(({ path }) => path.endsWith("/run-now"))
    .map(({ body }) => (body as Record<string, unknown> | undefined)?.idempotency_token);
}

async function submitted(world: World, name: string, reason: string) {
  return await eventually(`RunSubmitted is ${reason}`, async () => {
    const found = condition(await world.get("DatabricksJob", name), "RunSubmitted");
    return found?.reason === reason ? found : problem(JSON.stringify(found));
  });
}

clusterTest(
  "a continuous job rejects the run, and a condition says so",
  async (world) => {
    await world.apply(withRun("stream", { job_parameters: {} }, { continuous: { pause_status: "UNPAUSED" } }));
    const object = await world.ready("DatabricksJob", "stream");
    const refused = await submitted(world, "stream", "ContinuousJob");
    assert.equal(refused.status, "False");
    assert.match(
      refused.message,
      /remove spec\.run; or set continuous\.pause_status to PAUSED, and then change spec\.run/,
    );
    assert.deepEqual(tokens(world), [], "run-now would cancel the active run");
    await world.apply(withRun("stream", { job_parameters: {} }, { continuous: { pause_status: "PAUSED" } }));
    await eventually("the job is paused", () => {
      const job = world.workspace.jobs.get(String(object.status?.id));
      return job?.settings.continuous.pause_status === "PAUSED";
    });
    await world.ready("DatabricksJob", "stream");
    assert.deepEqual(tokens(world), [], "a rejected run is not started later");
    await world.apply(withRun("stream", { job_parameters: { day: 1 } }, { continuous: { pause_status: "PAUSED" } }));
    await submitted(world, "stream", "RunStarted");
    assert.equal(world.workspace.runs.list().length, 1);
  },
  { settings: { ingest: "false" } },
);

const passing: [what: string, answer: { status: number; body: unknown }, reason: string][] = [
  [
    "401 while a token expires",
    { status: 401, body: { error_code: "UNAUTHENTICATED", message: "expired" } },
    "Unauthenticated",
  ],
  [
    "an intermittent 403",
    { status: 403, body: { error_code: "PERMISSION_DENIED", message: "not yet" } },
    "PermissionDenied",
  ],
  ["a gateway's 303", { status: 303, body: "<html>See other</html>" }, "Unavailable"],
  ["409 already in progress", {
    status: 409,
    body: { error_code: "RESOURCE_CONFLICT", message: "already in progress" },
  }, "ExternalConflict"],
  [
    "something that is not there yet",
    { status: 400, body: { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster 7 doesn't exist" } },
    "InvalidRequest",
  ],
  [
    "a job that is being made again",
    { status: 400, body: { error_code: "INVALID_PARAMETER_VALUE", message: "Job 7 does not exist." } },
    "InvalidRequest",
  ],
];
for (const [what, answer, reason] of passing) {
  clusterTest(`spec.run survives ${what}: it runs once, with the same token`, async (world) => {
    const fault = world.workspace.faults.add({ match: "run-now", ...answer });
    await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
    const refused = await submitted(world, "etl", reason);
    assert.match(refused.message, /it is tried again for as long as spec\.run asks for it$/);
    await world.ready("DatabricksJob", "etl");
    fault.remove();
    await submitted(world, "etl", "RunStarted");
    assert.ok(tokens(world).length > 1);
    assert.equal(new Set(tokens(world)).size, 1);
    assert.equal(world.workspace.runs.list().length, 1);
  }, { settings: { ingest: "false" } });
}

clusterTest("spec.run survives a gateway's 404 page", async (world) => {
  const body = "<html><h1>404 Not Found</h1></html>";
  const fault = world.workspace.faults.add({ match: "run-now", status: 404, body });
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await eventually("the page was returned", () => fault.hits > 0);
  fault.remove();
  await submitted(world, "etl", "RunStarted");
  assert.equal(new Set(tokens(world)).size, 1);
});

clusterTest("a run that Databricks rejects as invalid is requested once", async (world) => {
  const body = { error_code: "INVALID_PARAMETER_VALUE", message: "No such parameter" };
  const fault = world.workspace.faults.add({ match: "run-now", status: 400, body });
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  const refused = await submitted(world, "etl", "RunRefused");
  assert.match(refused.message, /change spec\.run to try again$/);
  fault.remove();
  await sweeps(world.workspace, RUNS, 2);
  assert.equal(tokens(world).length, 1);
  await world.apply(withRun("etl", { job_parameters: { day: 2 } }));
  await submitted(world, "etl", "RunStarted");
  assert.equal(world.workspace.runs.list().length, 1);
});

clusterTest('a response without a run_id is not taken for run "undefined"', async (world) => {
  world.workspace.faults.add({ match: "run-now", effect: "kept", status: 200, body: {}, times: 1 });
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await submitted(world, "etl", "RunStarted");
  const object = await world.get("DatabricksJob", "etl");
  const [run] = world.workspace.runs.list();
  assert.equal((object?.status?.run_request as Record<string, unknown>).run_id, run?.run_id);
  assert.equal(world.workspace.runs.list().length, 1);
});

clusterTest("a job that is invisible for a while does not show NO_RUNS", async (world) => {
  await world.apply(job("etl"));
  const first = await world.startOperator();
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  world.workspace.runs.finish(world.workspace.runs.start(id), "FAILED");
  await state(world, "etl", { result_state: "FAILED" });
  await world.stopOperator(first);
  world.workspace.permissions.hideJobs(new RegExp(id));
  await world.startOperator();
  await world.blocked("DatabricksJob", "etl", "PermissionDenied");
  await sweeps(world.workspace, RUNS, 3);
  await state(world, "etl", { result_state: "FAILED" });
}, { start: false, settings: { ingest: "false" } });

clusterTest("a started run is shown immediately, not after the poll interval", async (world) => {
  await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
  await eventually("a run is shown", async () => {
    const latest = (await world.get("DatabricksJob", "etl"))?.status?.latest_run as Record<string, unknown> | undefined;
    return latest?.run_id !== undefined;
  });
}, { settings: { status_poll_interval: "3600" } });

for (const runState of doubts.runState.answers) {
  clusterTest(`with runs that have ${runState}, every run is seen from its start to its end`, async (world) => {
    await world.apply(job("etl"));
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    const runId = world.workspace.runs.start(id);
    await state(world, "etl", { life_cycle_state: "RUNNING" });
    world.workspace.runs.finish(runId, "FAILED", "no such table");
    await state(world, "etl", { life_cycle_state: "TERMINATED", result_state: "FAILED" });
    await world.apply(job("never"));
    await state(world, "never", { life_cycle_state: "NO_RUNS" });
  }, { mock: { doubts: { runState, failedRunState: "TERMINATED" } }, settings: { ingest: "false" } });
}

for (const missingRunMessage of doubts.missingRunMessage.answers) {
  clusterTest(`"${missingRunMessage}" does not keep the runs of other jobs from being shown`, async (world) => {
    await world.apply(job("gone"));
    await world.apply(job("etl"));
    const ids = await Promise.all(
      ["gone", "etl"].map(async (name) => (await world.ready("DatabricksJob", name)).status?.id),
    );
    const [lost, ours] = ids.map((id) => world.workspace.runs.start(String(id)));
    for (const name of ["gone", "etl"]) await state(world, name, { life_cycle_state: "RUNNING" });
    world.workspace.runs.require(lost ?? "").start_time = 0;
    world.workspace.runs.require(lost ?? "").state.life_cycle_state = "TERMINATED";
    const error_code = "INVALID_PARAMETER_VALUE";
    const message = missingRunMessage.replace("Run 1", `Run ${lost}`);
    world.workspace.faults.add({ match: "runs/get", status: 400, times: 1, body: { error_code, message } });
    world.workspace.runs.finish(ours ?? "", "SUCCESS");
    await state(world, "etl", { life_cycle_state: "TERMINATED", result_state: "SUCCESS" });
  }, { mock: { doubts: { missingRunMessage } }, settings: { ingest: "false" } });
}

for (const idempotencyTokenLife of doubts.idempotencyTokenLife.answers) {
  clusterTest(
    `with a token that lasts ${idempotencyTokenLife}, a run whose response was lost hours ago is not started twice`,
    async (world) => {
      const lost = world.workspace.faults.add({ match: "run-now", effect: "kept", status: 502, body: "<html></html>" });
      const first = await world.startOperator();
      await world.apply(withRun("etl", { job_parameters: { day: 1 } }));
      await submitted(world, "etl", "Unavailable");
      await world.stopOperator(first);
      lost.remove();
      const [run, ...others] = world.workspace.runs.list();
      assert.deepEqual([others.length, run === undefined], [0, false]);
      const hours = 3 * 60 * 60_000;
      (run as { start_time: number }).start_time -= hours;
      const since = new Date(Date.now() - hours).toISOString();
      await world.kube.patch(pathOf("DatabricksJob", world.namespace), "etl", { status: { run_request: { since } } }, {
        type: "merge",
        subresource: "status",
      });
      await world.startOperator();
      const { message } = await submitted(world, "etl", "RunStarted");
      assert.equal(message, `Run ${run?.run_id} was started for spec.run`);
      assert.equal(world.workspace.runs.list().length, 1);
    },
    { start: false, mock: { doubts: { idempotencyTokenLife } }, settings: { ingest: "false" } },
  );
}
