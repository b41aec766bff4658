/**
 * A DatabricksRun of a pipeline: one update is started, whatever is lost on the way, although a start takes no token.
 */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, pathOf, problem, type World } from "../support/harness.ts";
import { end, losesAnswers, run, said, START, starts, stops, updates, withPipeline } from "../support/pipeline_runs.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

/** Waits until a condition says why nothing is started, and returns the message. */
async function doubted(world: World, name: string): Promise<string> {
  return (await world.blocked(KIND, name, "AlreadyExists")).message;
}

clusterTest(
  "an object starts one update of its pipeline, with its settings, and follows it to the end",
  async (world) => {
    const id = await withPipeline(world);
    await world.apply(run("once", { update: { full_refresh_selection: ["sales"], parameters: { day: "1" } } }));
    const update = await started(world, "once");
    const [made] = updates(world, id);
    assert.deepEqual([made?.update_id, made?.full_refresh_selection, made?.parameters], [update, ["sales"], {
      day: "1",
    }]);
    const states = { QUEUED: "Queued", INITIALIZING: "Pending", SETTING_UP_TABLES: "Running", STOPPING: "Cancelling" };
    for (const [state, wanted] of Object.entries(states)) {
      end(world, update, state);
      await phase(world, "once", wanted);
    }
    end(world, update, "COMPLETED");
    const { status } = await phase(world, "once", "Succeeded");
    const object = await world.ready(KIND, "once");
    assert.equal(condition(object, "Complete")?.status, "True");
    assert.deepEqual([status?.pipeline_id, status?.run_id, status?.final], [id, update, true]);
    assert.match(String(status?.url), new RegExp(`/pipelines/${id}/updates/${update}$`));
    assert.ok(String(status?.completion_time) >= String(status?.start_time), JSON.stringify(status));
    assert.equal(object.metadata.labels?.["databricks-operator/pipeline"], "orders");
    assert.deepEqual([starts(world), updates(world, id).length], [1, 1]);
  },
);

clusterTest("a failed update shows its first error, and is neither started again nor repaired", async (world) => {
  const id = await withPipeline(world);
  await world.apply(run("broken"));
  const update = await started(world, "broken");
  end(world, update, "FAILED", "TABLE_NOT_FOUND: no table orders\nat line 5");
  const message = await said(world, "broken", "Failed RunFailed");
  assert.match(message, new RegExp(`^Run ${update} failed: FAILED: TABLE_NOT_FOUND: no table orders$`));
  assert.ok((await world.event("broken", "RunFailed")).includes(message));
  await assert.rejects(
    world.patch(KIND, "broken", { spec: { repair: { attempt: 1 } } }),
    /an update of a pipeline has none of .*repair.*: its settings are in update/,
  );
  assert.equal(updates(world, id).length, 1);
});

for (const updateLag of ["none", "seconds"] as const) {
  clusterTest(
    `a start of an update whose response was lost is not repeated, with a list lag of ${updateLag}`,
    async (world) => {
      const id = await withPipeline(world);
      const before = world.workspace.kinds.pipelines.updates.start(id, {}, { at: Date.now() - 60_000 });
      end(world, before, "COMPLETED");
      const lost = losesAnswers(world);
      await world.apply(run("lost"));
      await eventually("it was sent", () => updates(world, id).length === 2 || problem("not yet"));
      lost.remove();
      const update = await started(world, "lost");
      assert.deepEqual([updates(world, id)[0]?.update_id, updates(world, id).length, starts(world)], [update, 2, 1]);
      end(world, update, "COMPLETED");
      await phase(world, "lost", "Succeeded");
    },
    { mock: { doubts: { updateLag }, listLagMs: 300 } },
  );
}

clusterTest("a start of an update that did not arrive is repeated once lists would show it", async (world) => {
  const id = await withPipeline(world);
  const away = world.workspace.faults.add({ match: START, status: 502, body: "<html></html>" });
  await world.apply(run("away"));
  await eventually("it was sent", () => starts(world) === 1 || problem("not yet"));
  away.remove();
  const update = await started(world, "away");
  assert.deepEqual(updates(world, id).map(({ update_id }) => update_id), [update]);
});

for (
  const [whose, cause, creator] of [
    ["a person's", "USER_ACTION", undefined],
    ["a job's", "JOB_TASK", undefined],
    ["another user's", "API_CALL", "anna@example.com"],
  ] as const
) {
  clusterTest(`after a lost response ${whose} update does not count as the object's own`, async (world) => {
    const id = await withPipeline(world);
    const away = world.workspace.faults.add({ match: START, status: 502, body: "<html></html>" });
    await world.apply(run("mine"));
    await eventually("it was sent", () => starts(world) === 1 || problem("not yet"));
    const options = creator === undefined ? { cause } : { cause, creator };
    const theirs = world.workspace.kinds.pipelines.updates.start(id, {}, options);
    away.remove();
    assert.match(await said(world, "mine", "Pending ExternalBusy"), new RegExp(`update ${theirs} .* is active`));
    end(world, theirs, "COMPLETED");
    assert.notEqual(await started(world, "mine"), theirs);
    assert.equal(updates(world, id).length, 2);
  }, { mock: { doubts: { updateCreator: "returned" } } });
}

clusterTest(
  "after a lost response, no update is started beside two candidates until a person decides",
  async (world) => {
    const id = await withPipeline(world);
    const { updates: all } = world.workspace.kinds.pipelines;
    // The answer names no update, and before the operator looks, somebody else has started a similar one.
    world.workspace.faults.add({
      match: START,
      times: 1,
      edit: () => {
        end(world, updates(world, id)[0]?.update_id ?? "", "COMPLETED");
        end(world, all.start(id), "COMPLETED");
        return {};
      },
    });
    await world.apply(run("which"));
    const message = await doubted(world, "which");
    for (const { update_id } of updates(world, id)) assert.ok(message.includes(update_id), message);
    assert.match(
      message,
      /delete this object, which ends none of them, and create another DatabricksRun to begin another/,
    );
    assert.equal(starts(world), 1);
    await world.delete(KIND, "which");
    await world.gone(KIND, "which");
    await world.apply(run("another"));
    await started(world, "another");
    assert.deepEqual([updates(world, id).length, stops(world)], [3, 0]);
    // Databricks' clock is behind, so the earlier updates predate the new object, even one of the same second.
  },
  { mock: { now: () => Date.now() - 3000 } },
);

clusterTest(
  "an update that its object has lost, with its status, is not started again, and can be followed",
  async (world) => {
    const first = await world.startOperator();
    const id = await withPipeline(world);
    await world.apply(run("wiped"));
    const update = await started(world, "wiped");
    await world.stopOperator(first);
    const object = await world.get(KIND, "wiped");
    const wiped = Object.fromEntries(Object.keys(object?.status ?? {}).map((field) => [field, null]));
    await world.kube.patch(pathOf(KIND, world.namespace), "wiped", { status: wiped }, {
      type: "merge",
      subresource: "status",
    });
    await world.startOperator();
    const message = await doubted(world, "wiped");
    assert.match(
      message,
      new RegExp(`${update} exists already and may be this object's own.*adopt: "true" to follow it`),
    );
    await world.annotate(KIND, "wiped", "adopt", "true");
    await eventually("it is followed", async () => {
      const { status } = await world.get(KIND, "wiped") ?? {};
      return status?.run_id === update || problem(JSON.stringify(status));
    });
    assert.equal(updates(world, id).length, 1);
  },
  { start: false },
);
