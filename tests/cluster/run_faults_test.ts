/** What answers of the API server, at the wrong moment, must not do to a run. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { installCrds, manifest, notebook, World } from "../support/harness.ts";
import { RUN, started } from "../support/run_objects.ts";

for (const [status, why] of [[409, "a conflict"], [404, "a passing 404"], [500, "an error"]] as const) {
  Deno.test(`a run whose id is written at the second try, after ${why}, still says that an edit of its parameters has no effect`, async () => {
    const api = new EmbeddedKubernetes();
    await using served = await serveKubernetes(api);
    const kube = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => api.token });
    await installCrds(kube);
    await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "team" } });
    const workspace = new MockWorkspace();
    const world = new World({ kube, namespace: "team", workspace, kubeconfig: "" });
    await world.connect();
    await world.startOperator();
    const job = workspace.jobs.add({ name: "etl", ...notebook(), parameters: [{ name: "day", default: "0" }] });
    const match = /^patch databricksruns.com.dstancu.databricks\/status /;
    // The first one announces the start, the second one has the run's id.
    const fault = api.faults.add({ match, status, after: 1, times: 1 });
    await world.apply(manifest(RUN, "once", { job_id: BigInt(job), job_parameters: { day: "1" } }));
    await started(world, "once");
    assert.deepEqual([fault.hits, workspace.runs.list().length], [1, 1]);
    await world.patch(RUN, "once", { spec: { job_parameters: { day: "2" } } });
    const { message } = await world.blocked(RUN, "once", "Immutable");
    assert.match(message, /^spec\.job_parameters of run "once" was edited after the start, which has no effect/);
    await world.end();
  });
}
