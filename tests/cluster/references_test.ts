/** References between objects by name: in any order, across changes of ids, and the mistakes in them. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const JOB = "DatabricksJob";
const WAREHOUSE = "DatabricksSQLWarehouse";

type Fields = Record<string, unknown>;

const tasks = (name: string, ...list: Fields[]) => manifest(JOB, name, { job: { settings: { name, tasks: list } } });
const load = () => tasks("load", { task_key: "load", notebook_task: { notebook_path: "/load" } });
const running = (name: string, task: Fields) => tasks(name, { task_key: "run", run_job_task: task });
const query = (warehouse: Fields) =>
  tasks("report", { task_key: "query", sql_task: { file: { path: "/q.sql", source: "WORKSPACE" }, ...warehouse } });

async function idOf(world: World, kind: string, name: string): Promise<string> {
  return String((await world.ready(kind, name)).status?.id);
}

/** The first task of a job, as Databricks holds it. */
async function taskOf(world: World, name: string): Promise<Fields> {
  const { tasks } = world.workspace.jobs.require(await idOf(world, JOB, name)).settings;
  return (tasks as Fields[])[0] ?? {};
}

clusterTest("a job that runs another one by name waits for it, and is sent with only its id", async (world) => {
  await world.apply(running("all", { job_ref: { name: "load" } }));
  const { message } = await world.blocked(JOB, "all", "ReferenceNotReady");
  assert.match(
    message,
    /^spec\.job\.settings\.tasks\[0\]\.run_job_task\.job_ref: DatabricksJob "load" does not exist: create it/,
  );
  assert.equal(world.workspace.ledger.count("POST", "/jobs/create"), 0);
  assert.equal(condition(await world.get(JOB, "all"), "Stalled"), undefined);
  await world.apply(load());
  const id = await idOf(world, JOB, "load");
  assert.deepEqual((await taskOf(world, "all")).run_job_task, { job_id: BigInt(id) });
  assert.deepEqual((await world.ready(JOB, "all")).status?.references, { "DatabricksJob/load": id });
  await sweeps(world.workspace, "/api/2.2/jobs/list");
  assert.equal(world.workspace.ledger.count("POST", "/jobs/reset"), 0);
});

clusterTest("a job follows the id of the job that it names", async (world) => {
  await world.apply(load());
  await world.apply(running("all", { job_ref: { name: "load" } }));
  const before = await idOf(world, JOB, "load");
  await idOf(world, JOB, "all");
  world.workspace.jobs.remove(before);
  await world.event("load", "ExternalResourceMissing");
  await eventually("the new id is written", async () => {
    const id = await idOf(world, JOB, "load");
    const { run_job_task } = await taskOf(world, "all");
    const held = String((run_job_task as Fields).job_id);
    return id !== before && held === id || problem(`${held} is not ${id}`);
  });
  await sweeps(world.workspace, "/api/2.2/jobs/list", 3);
  assert.equal(world.workspace.ledger.count("POST", "/jobs/reset"), 1, "it is written once");
});

/** A workspace in which a warehouse finishes its start only when the test lets time pass. */
const clock = { ms: 0 };
const slow = { mock: { startMs: 3_600_000, now: () => Date.now() + clock.ms } };

clusterTest(
  "a task waits until its warehouse is usable at first, but not when it starts again",
  async (world) => {
    await world.apply(query({ warehouse_ref: { name: "reports" } }));
    await world.apply(manifest(WAREHOUSE, "reports", { warehouse: { cluster_size: "Small", auto_stop_mins: 10 } }));
    const { message } = await eventually("it waits for the start", async () => {
      const told = condition(await world.get(JOB, "report"), "Ready");
      return told?.message.includes("(Starting)") ? told : problem(JSON.stringify(told));
    });
    assert.match(message, /DatabricksSQLWarehouse "reports" is not Ready yet \(Starting\): see kubectl describe/);
    clock.ms += 3_600_000;
    const id = await idOf(world, WAREHOUSE, "reports");
    assert.equal(((await taskOf(world, "report")).sql_task as Fields).warehouse_id, id);
    const { warehouses } = world.workspace.kinds;
    warehouses.stop(id);
    warehouses.start(id);
    await eventually("it starts again", async () => {
      const ready = condition(await world.get(WAREHOUSE, "reports"), "Ready");
      return ready?.reason === "Starting" || problem(JSON.stringify(ready));
    });
    await sweeps(world.workspace, "/api/2.2/jobs/list");
    assert.equal(condition(await world.get(JOB, "report"), "Synced")?.status, "True");
  },
  slow,
);

clusterTest("objects in a cycle of references get a condition that names the cycle", async (world) => {
  await world.apply(running("a", { job_ref: { name: "b" } }));
  await world.apply(running("b", { job_ref: { name: "a" } }));
  const { message } = await eventually("the cycle is reported", async () => {
    for (const name of ["a", "b"]) {
      const told = condition(await world.get(JOB, name), "Synced");
      if (told?.message.includes("refers back")) return told;
    }
    return problem("nobody tells");
  });
  assert.match(
    message,
    /\(DatabricksJob (a → DatabricksJob b → DatabricksJob a|b → DatabricksJob a → DatabricksJob b)\)/,
  );
  await world.apply(load());
  await world.apply(running("b", { job_ref: { name: "load" } }));
  await idOf(world, JOB, "b");
  await idOf(world, JOB, "a");
});

clusterTest("the API server rejects an id beside a name, and a missing required one", async (world) => {
  await assert.rejects(
    world.apply(running("x", { job_id: 7, job_ref: { name: "load" } })),
    /say either job_id or job_ref/,
  );
  await assert.rejects(world.apply(running("x", {})), /say either job_id or job_ref/);
  const both = {
    task_key: "a",
    existing_cluster_id: "1",
    existing_cluster_ref: { name: "c" },
    ...{ notebook_task: { notebook_path: "/a" } },
  };
  await assert.rejects(
    world.apply(tasks("x", both)),
    /existing_cluster_id and existing_cluster_ref exclude each other/,
  );
});

clusterTest("a reference to another namespace, or to an unmanaged kind, is rejected", async (world) => {
  await world.apply(running("far", { job_ref: { name: "load", namespace: "other" } }));
  assert.match(
    (await world.blocked(JOB, "far", "InvalidSpec")).message,
    /"other\/load" is in another namespace; references stay/,
  );
  await world.apply(tasks("unmanaged", { task_key: "a", pipeline_task: { pipeline_ref: { name: "p" } } }));
  const told = await eventually("it is reported", async () => {
    const synced = condition(await world.get(JOB, "unmanaged"), "Synced");
    return synced?.status === "False" && /pipeline/i.test(synced.message) ? synced : problem(JSON.stringify(synced));
  });
  assert.match(told.message, /pipeline_ref: DatabricksPipeline "p"/);
});

clusterTest("an object can still be deleted after the object that it refers to", async (world) => {
  await world.apply(load());
  await world.apply(running("all", { job_ref: { name: "load" } }));
  await idOf(world, JOB, "all");
  await world.delete(JOB, "load");
  await world.gone(JOB, "load");
  await world.blocked(JOB, "all", "ReferenceNotReady");
  assert.equal(condition(await world.get(JOB, "all"), "Ready")?.status, "True", "the applied state persists");
  await world.delete(JOB, "all");
  await world.gone(JOB, "all");
  assert.deepEqual(world.workspace.jobs.ids(), []);
});

clusterTest("a job that refers to an object in deletion is not created, and both remedies work", async (world) => {
  await world.apply(load());
  const before = await idOf(world, JOB, "load");
  const fault = world.workspace.faults.add({ match: "jobs/delete", status: 500 });
  await world.delete(JOB, "load");
  await eventually("its deletion is blocked", () => fault.hits > 0);
  for (const name of ["later", "without"]) await world.apply(running(name, { job_ref: { name: "load" } }));
  for (const name of ["later", "without"]) {
    const { message } = await world.blocked(JOB, name, "ReferenceNotReady");
    assert.match(message, /DatabricksJob "load" is being deleted: remove the reference, or create it again/);
  }
  await world.apply(tasks("without", { task_key: "run", notebook_task: { notebook_path: "/own" } }));
  await world.ready(JOB, "without");
  fault.remove();
  await world.gone(JOB, "load");
  await world.apply(load());
  const id = await idOf(world, JOB, "load");
  assert.notEqual(id, before);
  assert.deepEqual((await taskOf(world, "later")).run_job_task, { job_id: BigInt(id) });
});

clusterTest("an existing job does not fail while the job that it runs is being deleted", async (world) => {
  await world.apply(load());
  await world.apply(running("all", { job_ref: { name: "load" } }));
  await idOf(world, JOB, "all");
  const fault = world.workspace.faults.add({ match: "jobs/delete", status: 500 });
  await world.delete(JOB, "load");
  await eventually("its deletion is blocked", () => fault.hits > 0);
  const edit = running("all", { job_ref: { name: "load" } });
  (edit.spec as { job: { settings: Fields } }).job.settings.max_concurrent_runs = 7;
  await world.apply(edit);
  const { run_job_task } = await taskOf(world, "all");
  assert.deepEqual(run_job_task, { job_id: BigInt((await world.get(JOB, "load"))?.status?.id as string) });
  await eventually("the edit is made", async () => {
    return world.workspace.jobs.require(await idOf(world, JOB, "all")).settings.max_concurrent_runs === 7;
  });
});
