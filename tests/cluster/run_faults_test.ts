/** Answers of the API server at the wrong moment do not affect a run. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import {
  clusterTest,
  condition,
  eventually,
  installCrds,
  manifest,
  notebook,
  problem,
  World,
} from "../support/harness.ts";
import { phase, RUN, started } from "../support/run_objects.ts";

/** Runs a test in a world with its own API server, whose faults the test controls. */
async function withApi(test: (world: World, api: EmbeddedKubernetes) => Promise<void>): Promise<void> {
  const api = new EmbeddedKubernetes();
  await using served = await serveKubernetes(api);
  const kube = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => api.token });
  await installCrds(kube);
  await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "team" } });
  const world = new World({ kube, namespace: "team", workspace: new MockWorkspace(), kubeconfig: "" });
  await world.connect();
  await world.startOperator();
  await test(world, api);
  await world.end();
}

const STATUS = /^patch databricksruns.com.dstancu.databricks\/status /;

for (const [status, why] of [[409, "a conflict"], [404, "a passing 404"], [500, "an error"]] as const) {
  Deno.test(
    `a run whose id is saved at the second try, after ${why}, still reports that an edit of its parameters has no effect`,
    () =>
      withApi(async (world, api) => {
        const { jobs, runs } = world.workspace;
        const job = jobs.add({ name: "etl", ...notebook(), parameters: [{ name: "day", default: "0" }] });
        // The first status write announces the start, and the second one contains the run's id.
        const fault = api.faults.add({ match: STATUS, status, after: 1, times: 1 });
        await world.apply(manifest(RUN, "once", { job_id: BigInt(job), job_parameters: { day: "1" } }));
        await started(world, "once");
        assert.deepEqual([fault.hits, runs.list().length], [1, 1]);
        await world.patch(RUN, "once", { spec: { job_parameters: { day: "2" } } });
        const { message } = await world.blocked(RUN, "once", "Immutable");
        assert.match(message, /^spec\.job_parameters of run "once" was edited after the start, which has no effect/);
      }),
  );
}

Deno.test("a repair whose recorded intent lost its response is started exactly once", () =>
  withApi(async (world, api) => {
    const { runs } = world.workspace;
    await world.apply(manifest(RUN, "broken", { submit: notebook() }));
    const id = await started(world, "broken");
    runs.finish(id, "FAILED", "no data");
    await phase(world, "broken", "Failed");
    const lost = api.faults.add({ match: STATUS, cut: "before-headers", effect: "kept", times: 1 });
    await world.patch(RUN, "broken", { spec: { repair: { attempt: 1 } } });
    await phase(world, "broken", "Repairing");
    assert.equal(lost.hits, 1);
    await eventually("the repair was begun", () => runs.require(id).repairs.length === 1);
    runs.finish(id, "SUCCESS");
    await phase(world, "broken", "Succeeded");
    assert.equal(runs.require(id).repairs.length, 1);
  }));

/** Ways to pass parameters to a run, with the fields of each. */
const PARAMETERS: Record<string, (day: string) => Record<string, unknown>> = {
  "a job's parameters": (day) => ({ job_parameters: { day } }),
  "a notebook's parameters": (day) => ({ notebook_params: { day } }),
};

/** Starts a run without an answer, edits its parameters meanwhile, and returns its id once it has started. */
async function editedInDoubt(world: World, given: (day: string) => Record<string, unknown>, effect: "none" | "kept") {
  const { jobs, ledger, faults } = world.workspace;
  const job = jobs.add({ name: "etl", ...notebook(), parameters: [{ name: "day", default: "0" }] });
  const lost = faults.add({ match: "jobs/run-now", effect, status: 502, body: "<html></html>" });
  await world.apply(manifest(RUN, "once", { job_id: BigInt(job), ...given("1") }));
  const sent = (day: string) => () => {
    const bodies = ledger.writes().filter(({ path }) => path.endsWith("/run-now")).map(({ body }) => body);
    return bodies.some((body) => stringifyJson(body).includes(`"day":"${day}"`)) || problem(stringifyJson(bodies));
  };
  await eventually("the start was sent", sent("1"));
  await world.patch(RUN, "once", { spec: given("2") });
  await eventually("it was sent with the edit", sent("2"));
  lost.remove();
  return await started(world, "once");
}

for (const [which, given] of Object.entries(PARAMETERS)) {
  clusterTest(`an edit of ${which} after a start without a response is not reported as applied`, async (world) => {
    const { runs } = world.workspace;
    const id = await editedInDoubt(world, given, "kept");
    assert.deepEqual(runs.list().map(({ run_id }) => run_id), [id]);
    assert.match(JSON.stringify(runs.require(id).overrides), /"day":"1"/);
    const { message } = await world.blocked(RUN, "once", "Immutable");
    assert.match(message, /^spec\.\w+ of run "once" was edited after the start, which has no effect: set it back/);
    await world.patch(RUN, "once", { spec: given("1") });
    await eventually("it is reverted", async () => {
      const synced = condition(await world.get(RUN, "once"), "Synced");
      return synced?.status === "True" || problem(JSON.stringify(synced));
    });
    assert.equal(runs.list().length, 1);
  });

  clusterTest(
    `an edit of ${which} before a start that did not arrive takes effect, and is not an error`,
    async (world) => {
      const { runs } = world.workspace;
      const id = await editedInDoubt(world, given, "none");
      assert.match(JSON.stringify(runs.require(id).overrides), /"day":"2"/);
      const synced = await eventually("the manifest's edit was processed", async () => {
        const object = await world.get(RUN, "once");
        const { observedGeneration, pending } = object?.status ?? {};
        return observedGeneration === object?.metadata.generation && pending === undefined
          ? condition(object, "Synced")
          : problem(JSON.stringify(object?.status));
      });
      assert.deepEqual([synced?.status, runs.list().length], ["True", 1]);
      await world.patch(RUN, "once", { spec: given("3") });
      await world.blocked(RUN, "once", "Immutable");
    },
  );
}
