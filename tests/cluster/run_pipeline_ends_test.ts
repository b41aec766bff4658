/** The end of a DatabricksRun of a pipeline, and the obstacles to its start: phase, reason and message show them. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, problem } from "../support/harness.ts";
import {
  end,
  losesAnswers,
  PIPELINE,
  pipeline,
  run,
  said,
  START,
  starts,
  stops,
  updates,
  withPipeline,
} from "../support/pipeline_runs.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

clusterTest(
  "deleting the object of an active update stops it, also after its pipeline's object is gone",
  async (world) => {
    const id = await withPipeline(world);
    await world.apply(run("going"));
    const update = await started(world, "going");
    await world.delete(PIPELINE, "orders");
    await world.gone(PIPELINE, "orders");
    await world.delete(KIND, "going");
    await world.gone(KIND, "going");
    assert.deepEqual(updates(world, id).map(({ update_id, state }) => [update_id, state]), [[update, "CANCELED"]]);
  },
);

clusterTest("deleting an object whose start got no response stops its update", async (world) => {
  const id = await withPipeline(world);
  losesAnswers(world);
  await world.apply(run("doubt"));
  await eventually("it was sent", () => updates(world, id).length > 0 || problem("not yet"));
  await world.delete(KIND, "doubt");
  await world.gone(KIND, "doubt");
  assert.deepEqual(updates(world, id).map(({ state }) => state), ["CANCELED"]);
});

for (const cancelEnd of ["at once", "TERMINATING first"] as const) {
  clusterTest(`spec.cancel stops only its own update: ${cancelEnd}`, async (world) => {
    const id = await withPipeline(world);
    await world.apply(run("stop"));
    const update = await started(world, "stop");
    await world.patch(KIND, "stop", { spec: { cancel: true } });
    assert.match(await said(world, "stop", "Cancelled RunCancelled"), new RegExp(update));
    const theirs = world.workspace.kinds.pipelines.updates.start(id);
    await world.delete(KIND, "stop");
    await world.gone(KIND, "stop");
    assert.deepEqual(updates(world, id).map(({ update_id, state }) => [update_id, state]), [
      [theirs, "CREATED"],
      [update, "CANCELED"],
    ]);
    assert.equal(stops(world), 1);
  }, { mock: { doubts: { cancelEnd }, listLagMs: 300 } });
}

clusterTest("an update that exceeds its deadline is stopped, and counts as failed", async (world) => {
  await withPipeline(world);
  await world.apply(run("slow", { active_deadline_seconds: 1 }));
  assert.match(await said(world, "slow", "Failed DeadlineExceeded"), /active_deadline_seconds/);
});

clusterTest(
  "an update waits for the active one, names it, and starts once when that ends",
  async (world) => {
    const id = await withPipeline(world);
    const theirs = world.workspace.kinds.pipelines.updates.start(id, {}, { cause: "USER_ACTION" });
    await world.apply(run("second"));
    const message = await said(world, "second", "Pending ExternalBusy");
    assert.match(
      message,
      new RegExp(`update ${theirs} of pipeline ${id} is active, and Databricks runs one at a time`),
    );
    assert.equal(starts(world), 0);
    end(world, theirs, "COMPLETED");
    await started(world, "second");
    assert.equal(updates(world, id).length, 2);
  },
);

for (const activeUpdate of ["409 RESOURCE_CONFLICT", "400 INVALID_PARAMETER_VALUE"] as const) {
  clusterTest(`an update that is rejected as the second one is started later: ${activeUpdate}`, async (world) => {
    const id = await withPipeline(world);
    // Somebody else starts an update between the operator's read and its start.
    const race = world.workspace.faults.add({ match: START, latencyMs: 3000 });
    await world.apply(run("second"));
    await eventually("it is about to start", async () => {
      const { status } = await world.get(KIND, "second") ?? {};
      return status?.pending !== undefined || problem(JSON.stringify(status));
    });
    const theirs = world.workspace.kinds.pipelines.updates.start(id, {}, { cause: "USER_ACTION" });
    await said(world, "second", "Pending ExternalBusy");
    race.remove();
    end(world, theirs, "COMPLETED");
    assert.notEqual(await started(world, "second"), theirs);
    assert.equal(updates(world, id).length, 2);
  }, { mock: { doubts: { activeUpdate } } });
}

clusterTest("two objects of one pipeline start two updates, one after the other", async (world) => {
  const id = await withPipeline(world);
  await Promise.all([world.apply(run("one")), world.apply(run("two"))]);
  const ended = new Set<string>();
  for (const count of [1, 2]) {
    const update = await eventually(`update ${count}`, () => {
      const [active] = updates(world, id).filter(({ update_id }) => !ended.has(update_id));
      return active?.update_id ?? problem("not yet");
    });
    ended.add(update);
    end(world, update, "COMPLETED");
  }
  for (const name of ["one", "two"]) await phase(world, name, "Succeeded");
  assert.equal(updates(world, id).length, 2);
});

clusterTest("an update of a missing pipeline is Pending, and starts when it exists", async (world) => {
  await world.apply(run("early"));
  assert.match(await said(world, "early", "Pending ReferenceNotReady"), /DatabricksPipeline "orders"/);
  await world.apply(manifest(KIND, "lost", { pipeline_id: "00000000-0000-4000-8000-000000009999" }));
  await eventually("it says why", async () => {
    const { message = "" } = condition(await world.get(KIND, "lost"), "Succeeded") ?? {};
    return /Cannot start run "lost".*was not found/.test(message) || problem(message);
  });
  const id = await withPipeline(world);
  await started(world, "early");
  assert.equal(updates(world, id).length, 1);
});

clusterTest(
  "an update of a continuous pipeline is Pending with a remedy, and starts after it",
  async (world) => {
    const id = await withPipeline(world, { continuous: true });
    await world.apply(run("endless"));
    assert.match(
      await said(world, "endless", "Pending ContinuousPipeline"),
      /set continuous: false in its settings, or delete/,
    );
    assert.equal(updates(world, id).length, 0);
    await world.apply(pipeline({ continuous: false }));
    await started(world, "endless");
  },
);

for (const missingUpdate of ["404", "400"] as const) {
  clusterTest(
    `an update that Databricks forgets is Unknown, and is not replaced: ${missingUpdate}`,
    async (world) => {
      const id = await withPipeline(world);
      await world.apply(run("gone"));
      world.workspace.kinds.pipelines.updates.remove(await started(world, "gone"));
      await said(world, "gone", "Unknown HistoryExpired");
      assert.equal(updates(world, id).length, 0);
    },
    { mock: { doubts: { missingUpdate } } },
  );
}

clusterTest(
  "the settings of a started update cannot be edited, and fields of jobs are rejected for a pipeline",
  async (world) => {
    await assert.rejects(
      world.apply(run("both", { job_id: 5 })),
      /exactly one of job_ref, job_id, submit, pipeline_ref/,
    );
    await assert.rejects(
      world.apply(run("mixed", { only: ["main"] })),
      /an update of a pipeline has none of/,
    );
    await assert.rejects(
      world.apply(manifest(KIND, "none", { job_id: 5, update: { full_refresh: true } })),
      /update is of a pipeline: give pipeline_ref, or leave update out/,
    );
    await withPipeline(world);
    await world.apply(run("maps", { job_parameters: { day: "1" } }));
    const { message } = await world.blocked(KIND, "maps", "InvalidSpec");
    assert.match(message, /^spec\.job_parameters: an update of a pipeline has no parameters of jobs/);
    await world.apply(run("fixed"));
    await assert.rejects(
      world.patch(KIND, "fixed", { spec: { update: { full_refresh: true } } }),
      /update of a run cannot be changed: create another DatabricksRun/,
    );
  },
);
