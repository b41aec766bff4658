/**
 * Repairs of a DatabricksRun: each requested repair is started once, whatever is lost on the way, and followed to its
 * end.
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  pathOf,
  problem,
  type World,
} from "../support/harness.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

type Fields = Record<string, unknown>;

function run(name: string, spec: Fields = {}): KubeObject {
  const what = spec.job_ref === undefined ? { submit: notebook() } : {};
  return manifest(KIND, name, { ...what, ...spec });
}

/** Creates a run that has failed, and returns its id. */
async function failed(world: World, name: string, spec: Fields = {}): Promise<string> {
  await world.apply(run(name, spec));
  const id = await started(world, name);
  world.workspace.runs.finish(id, "FAILED", "ValueError: no data");
  await phase(world, name, "Failed");
  return id;
}

async function ask(world: World, name: string, repair: Fields): Promise<void> {
  await world.patch(KIND, name, { spec: { repair } });
}

function repairs(world: World, id: string): number {
  return world.workspace.runs.get(id)?.repairs.length ?? 0;
}

/** Waits until a run has this many repairs and is running. */
async function repaired(world: World, id: string, count = 1): Promise<void> {
  await eventually(`run ${id} is repaired`, () => {
    const state = world.workspace.runs.get(id)?.state.life_cycle_state;
    return (repairs(world, id) === count && state === "PENDING") || problem(`${repairs(world, id)} ${state}`);
  });
}

/** The bodies of the repairs that were sent. */
function sent(world: World): Fields[] {
  return world.workspace.ledger.writes().filter(({ path }) => path.endsWith("/runs/repair"))
    .map(({ body }) => body as Fields);
}

clusterTest(
  "spec.repair repairs a failed run, once per attempt, and the end is reported again",
  async (world) => {
    const id = await failed(world, "etl");
    await ask(world, "etl", { attempt: 1 });
    await repaired(world, id);
    const active = await phase(world, "etl", "Repairing");
    assert.deepEqual(
      ["Succeeded", "Complete", "Failed", "Stalled"].map((type) => condition(active, type)?.status),
      ["Unknown", "False", "False", undefined],
    );
    world.workspace.runs.finish(id, "FAILED", "ValueError: still none");
    const again = await phase(world, "etl", "Failed");
    assert.match(condition(again, "Failed")?.message ?? "", /still none/);
    await ask(world, "etl", { attempt: 2 });
    await repaired(world, id, 2);
    world.workspace.runs.finish(id);
    const object = await phase(world, "etl", "Succeeded");
    const told = (object.status?.repairs as Fields[]).map(({ id, phase }) => [id, phase]);
    const [first, second] = world.workspace.runs.get(id)?.repairs.map((repair) => String(repair.id)) ?? [];
    assert.deepEqual(told, [[first, "Failed"], [second, "Succeeded"]]);
    assert.equal(condition(object, "Complete")?.status, "True");
    assert.deepEqual([repairs(world, id), sent(world).length, world.workspace.runs.list().length], [2, 2, 1]);
    assert.match(await world.event("etl", "RunRepaired"), new RegExp(`spec.repair.attempt [12]`));
  },
);

clusterTest("a repair is started although runs/get said once that the run does not exist", async (world) => {
  const before = await world.startOperator();
  const id = await failed(world, "etl");
  await world.stopOperator(before);
  await world.startOperator();
  const body = { error_code: "RESOURCE_DOES_NOT_EXIST", message: `Run ${id} does not exist.` };
  const missed = world.workspace.faults.add({ match: "GET /api/2.2/jobs/runs/get", times: 1, status: 404, body });
  await ask(world, "etl", { attempt: 1 });
  await repaired(world, id);
  assert.equal(missed.hits, 1);
  assert.equal(sent(world).length, 1);
}, { start: false });

clusterTest("a repair is sent with the parameters of the run", async (world) => {
  await world.apply(job("etl", { parameters: [{ name: "day", default: "0" }] }));
  const id = await failed(world, "of-etl", { job_ref: { name: "etl" }, job_parameters: { day: "7" } });
  await ask(world, "of-etl", { attempt: 1, rerun_tasks: ["main"], rerun_dependent_tasks: true });
  await repaired(world, id);
  const [body] = sent(world);
  assert.deepEqual(
    [body?.job_parameters, body?.rerun_tasks, body?.rerun_dependent_tasks, body?.rerun_all_failed_tasks],
    [
      { day: "7" },
      ["main"],
      true,
      undefined,
    ],
  );
});

/** Checks that a repair without an answer is sent only once. */
async function repairsWithoutAnswer(world: World): Promise<void> {
  const id = await failed(world, "etl");
  const lost = world.workspace.faults.add({ match: "runs/repair", effect: "kept", status: 502, body: "<html></html>" });
  await ask(world, "etl", { attempt: 1 });
  await repaired(world, id);
  await phase(world, "etl", "Repairing");
  world.workspace.runs.finish(id);
  lost.remove();
  await phase(world, "etl", "Succeeded");
  assert.deepEqual([repairs(world, id), sent(world).length], [1, 1]);
}

for (const doubts of [{ repairLag: "none" }, { repairLag: "seconds" }] as const) {
  clusterTest(
    `a repair whose response was lost is not started twice, with a runs/get lag of ${doubts.repairLag}`,
    async (world) => {
      await repairsWithoutAnswer(world);
    },
    { mock: { doubts: { ...doubts, staleRepairId: "accepted" } } },
  );
}

clusterTest(
  "a repair whose response was lost is not started twice, even if saving its intent was slow",
  async (world) => {
    // Longer than the time after which an invisible repair counts as not started.
    const client = altered(world.kube, (kube) => ({
      patch: async (path, name, patch, options) => {
        const { repair_request } = (patch as { status?: { repair_request?: unknown } }).status ?? {};
        if (repair_request) await new Promise((resolve) => setTimeout(resolve, 800));
        return await kube.patch(path, name, patch, options);
      },
    }));
    await world.startOperator({ client });
    await repairsWithoutAnswer(world);
  },
  { start: false, mock: { doubts: { repairLag: "seconds", staleRepairId: "accepted" } } },
);

clusterTest("a repair that Databricks does not show yet does not leave the run Failed", async (world) => {
  const id = await failed(world, "etl");
  await ask(world, "etl", { attempt: 1 });
  await repaired(world, id);
  world.workspace.runs.finish(id);
  await phase(world, "etl", "Succeeded");
  const reasons = (await world.events("etl")).filter((text) => text.includes("RunFailed"));
  assert.equal(reasons.length, 1, "the end before the repair is not reported");
}, { mock: { doubts: { repairLag: "seconds" } } });

clusterTest("a repair that one operator started is not started again by the next one", async (world) => {
  const first = await world.startOperator();
  const id = await failed(world, "etl");
  const hangs = world.workspace.faults.add({ match: "runs/repair", effect: "kept", hang: true });
  await ask(world, "etl", { attempt: 1 });
  await eventually("it was sent", () => repairs(world, id) === 1 || problem("not yet"));
  world.workspace.runs.finish(id, "FAILED");
  await world.stopOperator(first);
  hangs.remove();
  await world.startOperator();
  await eventually("the repair is known", async () => {
    const { status } = await world.get(KIND, "etl") ?? {};
    const request = status?.repair_request as Fields | undefined;
    return request?.repair_id !== undefined || problem(JSON.stringify(status));
  });
  const object = await phase(world, "etl", "Failed");
  assert.deepEqual([repairs(world, id), (object.status?.repairs as Fields[]).length], [1, 1]);
}, { start: false, mock: { doubts: { staleRepairId: "accepted" } } });

clusterTest("a status that was replaced while no operator ran does not repair the run again", async (world) => {
  const first = await world.startOperator();
  const id = await failed(world, "etl");
  await ask(world, "etl", { attempt: 1 });
  await repaired(world, id);
  world.workspace.runs.finish(id, "FAILED");
  await phase(world, "etl", "Failed");
  await world.stopOperator(first);
  const object = await world.get(KIND, "etl");
  const wiped = Object.fromEntries(Object.keys(object?.status ?? {}).map((field) => [field, null]));
  const options = { type: "merge", subresource: "status" } as const;
  await world.kube.patch(pathOf(KIND, world.namespace), "etl", { status: wiped }, options);
  await world.startOperator();
  await phase(world, "etl", "Failed");
  assert.deepEqual([repairs(world, id), world.workspace.runs.list().length], [1, 1]);
}, { start: false });

clusterTest("a repair that is requested during the run waits for its end", async (world) => {
  await world.apply(run("etl"));
  const id = await started(world, "etl");
  await ask(world, "etl", { attempt: 1 });
  await eventually("the edit is seen", async () => {
    const { status, metadata } = await world.get(KIND, "etl") ?? {};
    return status?.observedGeneration === metadata?.generation || problem(JSON.stringify(status));
  });
  assert.equal(sent(world).length, 0);
  world.workspace.runs.finish(id, "FAILED");
  await repaired(world, id);
});

clusterTest("a successful run is not repaired, and the message says what to do", async (world) => {
  await world.apply(run("fine"));
  const id = await started(world, "fine");
  world.workspace.runs.finish(id);
  await phase(world, "fine", "Succeeded");
  await ask(world, "fine", { attempt: 1 });
  const { message } = await world.blocked(KIND, "fine", "RunRefused");
  assert.match(message, /name the tasks in spec\.repair\.rerun_tasks; raise spec\.repair\.attempt/);
  assert.equal(condition(await world.get(KIND, "fine"), "Complete")?.status, "True");
  await ask(world, "fine", { attempt: 2, rerun_tasks: ["main"] });
  await repaired(world, id);
});

clusterTest("a repair that Databricks rejects is not retried before its attempt is raised", async (world) => {
  const id = await failed(world, "etl");
  const fault = world.workspace.faults.add({
    match: "runs/repair",
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message: "Task nothing does not exist" },
  });
  await ask(world, "etl", { attempt: 1, rerun_tasks: ["nothing"] });
  const { message } = await world.blocked(KIND, "etl", "RunRefused");
  assert.match(message, /Task nothing does not exist/);
  fault.remove();
  await world.patch(KIND, "etl", { metadata: { labels: { touched: "yes" } } });
  assert.equal((await phase(world, "etl", "Failed")).status?.run_id, id);
  assert.equal(sent(world).length, 1);
  await ask(world, "etl", { attempt: 2, rerun_tasks: ["main"] });
  await repaired(world, id);
});

clusterTest(
  "spec.retry repairs a run automatically for its codes, up to its limit",
  async (world) => {
    await world.apply(run("flaky", { retry: { repairs: 2, on: ["RUN_EXECUTION_ERROR", "FAILED"] } }));
    await world.apply(run("other", { retry: { repairs: 2, on: ["CLUSTER_ERROR"] } }));
    const [id, other] = [await started(world, "flaky"), await started(world, "other")];
    world.workspace.runs.finish(other, "FAILED");
    await phase(world, "other", "Failed");
    for (const count of [1, 2]) {
      world.workspace.runs.finish(id, "FAILED");
      await repaired(world, id, count);
    }
    world.workspace.runs.finish(id, "FAILED");
    await phase(world, "flaky", "Failed");
    assert.deepEqual([repairs(world, id), repairs(world, other)], [2, 0]);
  },
);

clusterTest("the output of tasks is in status on request, cut to its limit", async (world) => {
  await world.apply(run("loud", { output: { collect: "all", max_bytes: 10 } }));
  await world.apply(run("quiet"));
  for (const name of ["loud", "quiet"]) {
    const id = await started(world, name);
    world.workspace.runs.print(id, "ä".repeat(20));
    world.workspace.runs.finish(id);
  }
  const loud = await phase(world, "loud", "Succeeded");
  assert.deepEqual(loud.status?.output, [{ key: "main", text: "ä".repeat(5), truncated: true }]);
  assert.equal((await phase(world, "quiet", "Succeeded")).status?.output, undefined);
});

clusterTest("the errors of a run are not in status with spec.output none", async (world) => {
  await world.apply(run("secret", { output: { collect: "none" } }));
  const id = await started(world, "secret");
  world.workspace.runs.finish(id, "FAILED", "token abc");
  const object = await phase(world, "secret", "Failed");
  assert.equal((object.status?.tasks as Fields[])[0]?.error, undefined);
});

clusterTest(
  "a run that is slow to cancel is Cancelling, and its object is deleted after its end",
  async (world) => {
    await world.apply(run("slow"));
    const id = await started(world, "slow");
    await world.patch(KIND, "slow", { spec: { cancel: true } });
    await phase(world, "slow", "Cancelling");
    await world.delete(KIND, "slow");
    await world.gone(KIND, "slow");
    assert.equal(world.workspace.runs.get(id)?.state.result_state, "CANCELED");
  },
  { mock: { listLagMs: 3000, doubts: { cancelEnd: "TERMINATING first", listLag: "none" } } },
);

/** Runs a job several times, one run after the other, each to its end. */
async function ran(world: World, ends: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, end] of Object.entries(ends)) {
    await world.apply(run(name, { job_ref: { name: "etl" } }));
    world.workspace.runs.finish(await started(world, name), end);
    await eventually(`run ${name} has ended`, async () => {
      const object = await world.get(KIND, name);
      return object === undefined || object.status?.final === true || problem(JSON.stringify(object.status));
    });
  }
}

async function left(world: World): Promise<string[]> {
  const { items } = await world.kube.list(pathOf(KIND, world.namespace), {
    labelSelector: "databricks-operator/job=etl",
  });
  return items.map(({ metadata }) => metadata.name ?? "").sort();
}

clusterTest("runs_history limits the objects of a job's runs, and deletes no run", async (world) => {
  const etl = job("etl");
  await world.apply({ ...etl, spec: { ...etl.spec as Fields, runs_history: { successful: 1, failed: 2 } } });
  await world.ready("DatabricksJob", "etl");
  await ran(world, { s1: "SUCCESS", f1: "FAILED", s2: "SUCCESS", f2: "FAILED", f3: "FAILED" });
  await eventually("the oldest are gone", async () => {
    const names = await left(world);
    return names.join() === "f2,f3,s2" || problem(names.join());
  });
  assert.equal(world.workspace.runs.list().length, 5);
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(await left(world), ["f2", "f3", "s2"], "the history outlives the job");
});
