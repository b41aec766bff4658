/** Edits in the webapp, and the operator's repairs. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { World } from "../support/harness.ts";
import { baselineOf, clusterTest, eventually, job, notebook, problem, sweeps } from "../support/harness.ts";

const JOBS = "/jobs/list";
const nightly = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC", pause_status: "UNPAUSED" };

/** Creates a job, and waits until it has a baseline. */
async function settled(world: World, settings: Record<string, unknown> = {}): Promise<string> {
  await world.apply(job("etl", settings));
  const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
  await eventually("the baseline is taken", async () => {
    return baselineOf(await world.get("DatabricksJob", "etl"))?.observed !== undefined;
  });
  return id;
}

clusterTest("an edit in the webapp is reverted, and an event names the field", async (world) => {
  const id = await settled(world, { schedule: nightly });
  world.workspace.jobs.edit(id, (settings) => {
    (settings.schedule as Record<string, unknown>).quartz_cron_expression = "0 0 4 * * ?";
  });
  await eventually("the schedule is back", () => {
    return (world.workspace.jobs.get(id)?.settings.schedule as typeof nightly).quartz_cron_expression === "0 0 3 * * ?";
  });
  assert.match(await world.event("etl", "DriftCorrected"), /schedule\.quartz_cron_expression/);
});

clusterTest("additions in the webapp are removed: a schedule, a task, a tag", async (world) => {
  const id = await settled(world);
  world.workspace.jobs.edit(id, (settings) => {
    settings.schedule = nightly;
    (settings.tasks as unknown[]).push({ task_key: "extra", notebook_task: { notebook_path: "/x" } });
    settings.tags = { ...settings.tags as Record<string, string>, added: "yes" };
  });
  await eventually("the job matches the manifest", () => {
    const { schedule, tasks, tags } = world.workspace.jobs.get(id)?.settings ?? {};
    return schedule === undefined && (tasks as unknown[]).length === 1 && !("added" in (tags as object));
  });
  assert.match(await world.event("etl", "DriftCorrected"), /schedule/);
});

clusterTest("removals in the webapp are reverted", async (world) => {
  const id = await settled(world, { description: "every night", schedule: nightly });
  world.workspace.jobs.edit(id, (settings) => {
    delete settings.schedule;
    delete settings.description;
  });
  await eventually("both are back", () => {
    const { schedule, description } = world.workspace.jobs.get(id)?.settings ?? {};
    return schedule !== undefined && description === "every night";
  });
});

clusterTest("a field removed from the manifest is removed in Databricks", async (world) => {
  const id = await settled(world, { schedule: nightly });
  await world.apply(job("etl"));
  await eventually("the schedule is gone", () => world.workspace.jobs.get(id)?.settings.schedule === undefined);
});

clusterTest("drift during a downtime of the operator is found and named after its start", async (world) => {
  const operator = await world.startOperator();
  const id = await settled(world, { max_concurrent_runs: 4 });
  await world.stopOperator(operator);
  world.workspace.jobs.edit(id, (settings) => {
    settings.max_concurrent_runs = 9;
    settings.queue = { enabled: false }; // Version 2.2 turned it on, since the manifest does not set it.
  });
  await world.startOperator();
  await eventually("both are reverted", () => {
    const { max_concurrent_runs, queue } = world.workspace.jobs.get(id)?.settings ?? {};
    return max_concurrent_runs === 4 && queue?.enabled === true;
  });
  assert.match(await world.event("etl", "DriftCorrected"), /max_concurrent_runs/);
}, { start: false });

clusterTest("a field that Databricks starts to add to all jobs is not drift", async (world) => {
  const id = await settled(world);
  world.workspace.faults.add({
    match: /GET .*\/jobs\/(list|get)$/,
    edit: (body) => {
      // A page may be empty, without a field for jobs.
      const shown = "job_id" in body ? [body] : body.jobs ?? [];
      for (const one of shown) {
        one.settings.brand_new_field = { enabled: true };
        for (const task of one.settings.tasks ?? []) task.brand_new_task_field = 1;
      }
      return body;
    },
  });
  world.workspace.ledger.clear();
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 7));
  await eventually("true drift is still seen", () => world.workspace.jobs.get(id)?.settings.timeout_seconds === 0);
});

clusterTest("a job that was deleted in Databricks is created again, once, and an event says so", async (world) => {
  const id = await settled(world);
  world.workspace.jobs.remove(id);
  const again = await eventually("another job is bound", async () => {
    const now = (await world.get("DatabricksJob", "etl"))?.status?.id;
    return now !== undefined && now !== id ? String(now) : undefined;
  });
  await world.ready("DatabricksJob", "etl");
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(world.workspace.jobs.ids(), [again]);
  assert.match(await world.event("etl", "ExternalResourceMissing"), new RegExp(id));
});

clusterTest("one stale 404 does not make a second job", async (world) => {
  const id = await settled(world);
  world.workspace.faults.add({ match: /GET .*\/jobs\/list$/, times: 1, edit: (body) => ({ ...body, jobs: [] }) });
  const missing = { error_code: "INVALID_PARAMETER_VALUE", message: `Job ${id} does not exist.` };
  const stale = world.workspace.faults.add({ match: /GET .*\/jobs\/get$/, times: 1, status: 400, body: missing });
  await eventually("the stale response was returned", () => stale.hits === 1);
  await sweeps(world.workspace, JOBS, 2);
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}, { mock: { doubts: { emptyPages: "never" } } });

clusterTest("50 new jobs cost 50 creates and a few lists", async (world) => {
  const names = Array.from({ length: 50 }, (_, index) => `etl-${index}`);
  for (const name of names) await world.apply(job(name, notebook(`/${name}`)));
  await world.startOperator({ timings: { baselineMs: 3000 } });
  await eventually("all baselines are taken", async () => {
    const objects = await world.list("DatabricksJob");
    const settled = objects.filter((object) => baselineOf(object)?.observed !== undefined);
    return settled.length === 50 ? true : problem(`${settled.length} of ${objects.length}`);
  });
  const { ledger } = world.workspace;
  assert.equal(ledger.count("POST"), 50);
  // On a slow machine, a few jobs that are created after the list need a get each.
  assert.ok(ledger.count("GET", /jobs\/get$/) <= 5, "baselines come from lists");
  assert.ok(ledger.count("GET", /jobs\/list$/) <= 10, `${ledger.count("GET", /jobs\/list$/)} lists`);
  assert.equal(world.workspace.jobs.ids().length, 50);
}, {
  start: false,
  settings: { default_requeue_interval: "300", status_poll_interval: "300" },
  // While lists lag, each baseline waits for another list.
  mock: { doubts: { listLag: "none" } },
});

clusterTest(
  "in a recreated workspace, two objects do not fight over a reused id",
  async (world) => {
    const before = await world.startOperator();
    for (const name of ["first", "second", "third"]) {
      await world.apply(job(name, notebook(`/${name}`)));
      await world.ready("DatabricksJob", name);
    }
    await world.stopOperator(before);
    // The workspace has the same address and the same ids, but no resources yet.
    const anew = new MockWorkspace();
    await world.startOperator({ transport: () => anew.transport });
    await eventually("each object has a job with its tag", async () => {
      const objects = await world.list("DatabricksJob");
      const wrong = objects.filter(({ metadata, status }) => {
        const held = anew.jobs.get(String(status?.id))?.settings;
        const tags = (held?.tags ?? {}) as Record<string, string>;
        return held?.name !== metadata.name || tags["databricks-kube-operator"] !== metadata.uid;
      });
      return wrong.length === 0 ? true : problem(wrong.map(({ metadata }) => metadata.name).join());
    });
    await world.ready("DatabricksJob", "third");
    assert.equal(anew.jobs.ids().length, 3);
    assert.equal(anew.ledger.count("POST", /reset/), 0);
  },
  { start: false },
);
