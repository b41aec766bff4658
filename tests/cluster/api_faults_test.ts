/** Errors of the API server do not make the operator give up. */
import assert from "node:assert/strict";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { installCrds, job, World } from "../support/harness.ts";

const DENIALS = [403, 404, 409, 410, 422, 429, 500] as const;

for (const [what, path] of Object.entries({ status: "/status", finalizer: "" })) {
  for (const status of DENIALS) {
    Deno.test(`a ${what} that the API server answers with ${status} once is written later, and one job is made`, async () => {
      const api = new EmbeddedKubernetes();
      await using served = await serveKubernetes(api);
      const kube = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => api.token });
      await installCrds(kube);
      await kube.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "team" } });
      const workspace = new MockWorkspace();
      const world = new World({ kube, namespace: "team", workspace, kubeconfig: "" });
      // No sweep may help.
      await world.connect({ settings: { default_requeue_interval: "300" } });
      await world.startOperator();
      const match = new RegExp(`^patch databricksjobs.com.dstancu.databricks${path} `);
      // The test itself sends the first patch of the object.
      const fault = api.faults.add({ match, status, after: path === "" ? 1 : 0, times: 1 });
      await world.apply(job("etl"));
      await world.ready("DatabricksJob", "etl");
      assert.deepEqual([fault.hits, workspace.jobs.ids().length], [1, 1]);
      await world.delete("DatabricksJob", "etl");
      await world.gone("DatabricksJob", "etl");
      assert.equal(workspace.jobs.ids().length, 0);
      await world.end();
    });
  }
}
