/**
 * A DatabricksRun's life: it is started once, followed to its end, cancelled with its object, and never started again.
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  pathOf,
  problem,
  sweeps,
  type World,
} from "../support/harness.ts";
import { phase, RUN as KIND, started } from "../support/run_objects.ts";

type Fields = Record<string, unknown>;

function run(
  name: string,
  spec: Fields = { submit: notebook() },
  annotations: Record<string, string> = {},
): KubeObject {
  return manifest(KIND, name, spec, annotations);
}

function starts(world: World): number {
  return world.workspace.ledger.writes().filter(({ path, status }) =>
    /\/(run-now|runs\/submit)$/.test(path) && status === 200
  ).length;
}

function calls(world: World, end: string): number {
  return world.workspace.ledger.calls.filter(({ path }) => path.endsWith(end)).length;
}

function told(object: KubeObject | undefined, ...types: string[]): string[] {
  return types.map((type) => `${type}=${condition(object, type)?.status} ${condition(object, type)?.reason}`);
}

clusterTest(
  "looks at an unchanged run write nothing, not even conditions in another order",
  async (world) => {
    await world.apply(run("same"));
    await started(world, "same");
    const before = await world.get(KIND, "same");
    await sweeps(world.workspace, "/runs/get", 2);
    const after = await world.get(KIND, "same");
    assert.deepEqual(after?.status, before?.status);
    assert.equal(after?.metadata.resourceVersion, before?.metadata.resourceVersion);
  },
);

clusterTest("an applied run is started once, and ends Complete, with Ready for kstatus", async (world) => {
  await world.apply(run("once"));
  const id = await started(world, "once");
  const active = await world.get(KIND, "once");
  assert.deepEqual(told(active, "Succeeded", "Complete", "Ready", "Reconciling"), [
    "Succeeded=Unknown Pending",
    "Complete=False Pending",
    "Ready=False Pending",
    "Reconciling=True Pending",
  ]);
  world.workspace.runs.finish(id);
  const { status } = await phase(world, "once", "Succeeded");
  const object = await world.ready(KIND, "once");
  assert.deepEqual(told(object, "Succeeded", "Complete", "Failed", "Ready"), [
    "Succeeded=True RunSucceeded",
    "Complete=True RunSucceeded",
    "Failed=False RunSucceeded",
    "Ready=True RunSucceeded",
  ]);
  assert.deepEqual([status?.run_id, status?.final, starts(world)], [id, true, 1]);
  assert.match(await world.event("once", "RunSucceeded"), new RegExp(`Run ${id} succeeded`));
});

clusterTest(
  "a failed run is Failed and Stalled, names the task and the error, and is not started again",
  async (world) => {
    await world.apply(run("broken"));
    const id = await started(world, "broken");
    world.workspace.runs.finish(id, "FAILED", "ValueError: no data\nat line 5");
    const object = await phase(world, "broken", "Failed");
    assert.deepEqual(told(object, "Succeeded", "Complete", "Failed", "Ready", "Stalled"), [
      "Succeeded=False RunFailed",
      "Complete=False RunFailed",
      "Failed=True RunFailed",
      "Ready=False RunFailed",
      "Stalled=True RunFailed",
    ]);
    const message = condition(object, "Ready")?.message ?? "";
    assert.match(message, new RegExp(`^Run ${id} failed: task "main": [A-Z_]+: ValueError: no data$`));
    const [task] = object.status?.tasks as Fields[];
    assert.equal(task?.error, "ValueError: no data\nat line 5");
    assert.ok((await world.event("broken", "RunFailed")).includes(message));
    await world.patch(KIND, "broken", { metadata: { labels: { touched: "yes" } } });
    await eventually("sweeps pass", () => calls(world, "/runs/get") > 0 || problem("none"));
    assert.equal(starts(world), 1);
  },
);

clusterTest("a finished run costs no call, and its result outlives Databricks' history", async (world) => {
  const first = await world.startOperator();
  await world.apply(run("old"));
  const id = await started(world, "old");
  world.workspace.runs.finish(id);
  await phase(world, "old", "Succeeded");
  await world.ready(KIND, "old");
  world.workspace.runs.remove(id);
  await world.stopOperator(first);
  const before = world.workspace.ledger.calls.length;
  await world.startOperator();
  await world.apply(run("newer"));
  await started(world, "newer");
  const after = world.workspace.ledger.calls.slice(before).filter(({ path, query }) =>
    path.endsWith("/runs/get") && JSON.stringify(query).includes(id)
  );
  const object = await world.get(KIND, "old");
  assert.deepEqual([after.length, object?.status?.phase, condition(object, "Ready")?.status], [0, "Succeeded", "True"]);
  assert.equal(starts(world), 2);
}, { start: false });

clusterTest("a start whose response was lost does not start another run", async (world) => {
  const lost = world.workspace.faults.add({ match: "runs/submit", effect: "kept", status: 502, body: "<html></html>" });
  await world.apply(run("lost"));
  await eventually("it was sent twice", () => calls(world, "/runs/submit") >= 2 || problem("not yet"));
  lost.remove();
  const id = await started(world, "lost");
  assert.deepEqual(world.workspace.runs.list().map(({ run_id }) => run_id), [id]);
});

clusterTest("a status that was replaced while no operator ran does not start the run again", async (world) => {
  const first = await world.startOperator();
  await world.apply(run("replaced"));
  const id = await started(world, "replaced");
  world.workspace.runs.finish(id, "FAILED");
  await phase(world, "replaced", "Failed");
  await world.stopOperator(first);
  const object = await world.get(KIND, "replaced");
  const wiped = Object.fromEntries(Object.keys(object?.status ?? {}).map((field) => [field, null]));
  await world.kube.patch(pathOf(KIND, world.namespace), "replaced", { status: wiped }, {
    type: "merge",
    subresource: "status",
  });
  await world.startOperator();
  const again = await phase(world, "replaced", "Failed");
  assert.deepEqual([again.status?.run_id, world.workspace.runs.list().length], [id, 1]);
}, { start: false });

clusterTest("deleting the object of an active run cancels the run, and deletes none", async (world) => {
  await world.apply(run("going"));
  const id = await started(world, "going");
  await world.delete(KIND, "going");
  await world.gone(KIND, "going");
  assert.equal(world.workspace.runs.get(id)?.state.result_state, "CANCELED");
  assert.equal(calls(world, "/runs/delete"), 0);
});

clusterTest("deleting the object of an active run is reported as a cancellation, not as a failure", async (world) => {
  await world.apply(run("once"));
  await started(world, "once");
  await world.delete(KIND, "once");
  await world.gone(KIND, "once");
  const events = await eventually("the release is reported", async () => {
    const events = await world.events("once");
    return events.some((event) => event.startsWith("Released")) ? events : problem(events.join());
  });
  assert.deepEqual(events.filter((event) => /Cannot cancel/.test(event)), []);
});

clusterTest("deleting the object of a finished run cancels nothing, and needs no credentials", async (world) => {
  await world.apply(run("ended"));
  world.workspace.runs.finish(await started(world, "ended"));
  await phase(world, "ended", "Succeeded");
  await world.ready(KIND, "ended");
  await world.delete("Secret", "databricks-api-secret");
  await world.delete(KIND, "ended");
  await world.gone(KIND, "ended");
  assert.equal(calls(world, "/runs/cancel"), 0);
});

clusterTest("deleting an object whose start got no response cancels its run", async (world) => {
  world.workspace.faults.add({ match: "runs/submit", effect: "kept", status: 502, body: "<html></html>" });
  await world.apply(run("doubt"));
  await eventually("it was sent", () => world.workspace.runs.list().length > 0 || problem("not yet"));
  await world.delete(KIND, "doubt");
  await world.gone(KIND, "doubt");
  assert.deepEqual(world.workspace.runs.list().map(({ state }) => state.result_state), ["CANCELED"]);
}, { mock: { doubts: { listLag: "none" } } });

clusterTest(
  "deleting an object whose job start got no response cancels that run, and no foreign one-off run",
  async (world) => {
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    world.workspace.faults.add({ match: "run-now", effect: "kept", status: 502, body: "<html></html>" });
    await world.apply(run("doubt", { job_ref: { name: "etl" } }));
    await eventually("it was sent", () => world.workspace.runs.list().length > 0 || problem("not yet"));
    const theirs = world.workspace.runs.submit(notebook());
    await world.delete(KIND, "doubt");
    await world.gone(KIND, "doubt");
    const states = world.workspace.runs.list().map(({ run_id, state }) => [run_id, state.result_state]);
    assert.deepEqual(states, [[theirs.run_id, undefined], [states[1]?.[0], "CANCELED"]]);
  },
  { mock: { doubts: { listLag: "none" } } },
);

clusterTest("spec.cancel cancels an active run; it ends Cancelled, with condition Failed", async (world) => {
  await world.apply(run("stop"));
  const id = await started(world, "stop");
  await world.patch(KIND, "stop", { spec: { cancel: true } });
  const object = await phase(world, "stop", "Cancelled");
  assert.deepEqual(told(object, "Succeeded", "Failed"), ["Succeeded=False RunCancelled", "Failed=True RunCancelled"]);
  assert.equal(world.workspace.runs.get(id)?.state.result_state, "CANCELED");
});

clusterTest(
  "a suspended run starts only when it is resumed, and a cancelled one never",
  async (world) => {
    await world.apply(run("held", { submit: notebook(), suspend: true }));
    await world.apply(run("never", { submit: notebook(), cancel: true }));
    await phase(world, "held", "Pending");
    const never = await phase(world, "never", "Cancelled");
    assert.equal(condition(never, "Failed")?.status, "True");
    assert.equal(starts(world), 0);
    await world.patch(KIND, "held", { spec: { suspend: false } });
    await started(world, "held");
    assert.equal(starts(world), 1);
  },
);

clusterTest("a run waits for the job that is applied with it, and uses its new settings", async (world) => {
  await world.apply(run("of-etl", { job_ref: { name: "etl" }, job_parameters: { day: "1" } }));
  await world.blocked(KIND, "of-etl", "ReferenceNotReady");
  await world.apply(job("etl"));
  const id = await started(world, "of-etl");
  const { status } = await world.ready("DatabricksJob", "etl");
  const made = world.workspace.runs.get(id);
  assert.deepEqual([made?.job_id, made?.overrides.job_parameters], [status?.id, { day: "1" }]);
});

clusterTest("a run whose job is deleted is followed to its end, and its object stays", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.apply(run("of-etl", { job_ref: { name: "etl" } }));
  const id = await started(world, "of-etl");
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  world.workspace.runs.finish(id);
  await phase(world, "of-etl", "Succeeded");
});

clusterTest("the parameters of a started run cannot be edited, and a run has exactly one target", async (world) => {
  await assert.rejects(
    world.apply(run("none", {})),
    /exactly one of job_ref, job_id, submit, pipeline_ref and pipeline_id/,
  );
  await assert.rejects(world.apply(run("two", { job_id: 5, submit: notebook() })), /exactly one/);
  await world.apply(run("fixed", { submit: notebook() }));
  await assert.rejects(
    world.patch(KIND, "fixed", { spec: { submit: notebook("/Shared/other") } }),
    /submit of a run cannot be changed: create another DatabricksRun/,
  );
  await started(world, "fixed");
  await world.patch(KIND, "fixed", { spec: { job_parameters: { day: "2" } } });
  const { message } = await world.blocked(KIND, "fixed", "Immutable");
  assert.match(
    message,
    /^spec\.job_parameters of run "fixed" was edited after the start, which has no effect: set it back/,
  );
  await world.patch(KIND, "fixed", { spec: { job_parameters: null } });
  await eventually("it is reverted", async () => {
    const synced = condition(await world.get(KIND, "fixed"), "Synced");
    return synced?.status === "True" || problem(JSON.stringify(synced));
  });
  assert.equal(starts(world), 1);
});

clusterTest("an object is deleted at the end of its retention time, and the run stays", async (world) => {
  await world.apply(run("short", { submit: notebook(), ttl_seconds_after_finished: 0 }));
  const id = await started(world, "short");
  world.workspace.runs.finish(id);
  await world.gone(KIND, "short");
  assert.equal(world.workspace.runs.get(id)?.state.result_state, "SUCCESS");
});

clusterTest("a run that exceeds its deadline is cancelled, and counts as failed", async (world) => {
  await world.apply(run("slow", { submit: notebook(), active_deadline_seconds: 1 }));
  const object = await phase(world, "slow", "Failed");
  assert.deepEqual(told(object, "Failed"), ["Failed=True DeadlineExceeded"]);
});

clusterTest("a continuous job is not run by an object, which would end its run", async (world) => {
  await world.apply(job("stream", { continuous: { pause_status: "UNPAUSED" } }));
  await world.ready("DatabricksJob", "stream");
  await world.apply(run("of-stream", { job_ref: { name: "stream" } }));
  await world.blocked(KIND, "of-stream", "ContinuousJob");
  assert.equal(starts(world), 0);
});

for (const way of ["followed", "left alone beside another"]) {
  clusterTest(
    `a person decides about a run that may be an object's own, and then it is ${way}, as the message says`,
    async (world) => {
      const first = await world.startOperator();
      await world.apply(run("doubt"));
      const id = await started(world, "doubt");
      await world.stopOperator(first);
      world.workspace.settle();
      // A start that got no answer, and whose token Databricks no longer knows.
      const { status } = await world.get(KIND, "doubt") ?? {};
      const pending = { token: "forgotten", since: new Date(Date.now() - 24 * 3_600_000).toISOString() };
      const lost = Object.fromEntries(Object.keys(status ?? {}).map((field) => [field, null]));
      await world.kube.patch(pathOf(KIND, world.namespace), "doubt", { status: { ...lost, pending } }, {
        type: "merge",
        subresource: "status",
      });
      await world.startOperator();
      const { message } = await world.blocked(KIND, "doubt", "AlreadyExists");
      assert.match(
        message,
        new RegExp(`run ${id} exists already and may be .*adopt: "true" to follow it, or create another`),
      );
      if (way === "followed") {
        await world.annotate(KIND, "doubt", "adopt", "true");
        assert.equal(await started(world, "doubt"), id);
        world.workspace.runs.finish(id);
        await phase(world, "doubt", "Succeeded");
      } else {
        await world.apply(run("another"));
        assert.notEqual(await started(world, "another"), id);
        await world.blocked(KIND, "doubt", "AlreadyExists");
        await world.delete(KIND, "doubt");
        await world.gone(KIND, "doubt");
        assert.equal(world.workspace.runs.get(id)?.state.result_state, undefined, "it continues");
      }
      assert.equal(starts(world), way === "followed" ? 1 : 2);
    },
    { start: false },
  );
}
