/** A Deno project uses the package: it tests its own manifests, with an operator and both stand-ins. */
import assert from "node:assert/strict";
import { MockWorkspace, serve } from "@databricks-kube/testing";
import { clusterTest } from "@databricks-kube/testing/harness";

const names = ["nightly", "hourly", "weekly"];
let [running, most] = [0, 0];

for (const name of names) {
  clusterTest(`${name} becomes a job`, async (world) => {
    most = Math.max(most, ++running);
    console.log(`this is printed by ${name}`);
    await world.apply(manifest(name));
    const object = await world.ready("DatabricksJob", name);
    assert.equal(world.workspace.jobs.get(String(object.status?.id))?.settings.name, name);
    assert.deepEqual(world.workspace.jobs.ids(), [object.status?.id], "each test has a workspace of its own");
    running--;
  });
}

Deno.test("the tests ran in parallel", () => assert.equal(most, names.length));

clusterTest("a manifest that Databricks rejects is not Ready, and the test fails immediately with the reason", async (world) => {
  world.workspace.faults.add({
    match: "jobs/create",
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message: "Task keys must be unique" },
  });
  await world.apply(manifest("refused"));
  const start = performance.now();
  await assert.rejects(
    world.ready("DatabricksJob", "refused"),
    /DatabricksJob refused is Stalled: .*Task keys must be unique/,
  );
  assert.ok(performance.now() - start < 20_000, "it waited without a change");
});

Deno.test("a workspace on a port responds like Databricks", async () => {
  const workspace = new MockWorkspace({ doubts: { missingJob: "404" } });
  await using served = await serve(workspace);
  const headers = { authorization: "Bearer token" };
  const response = await fetch(`${served.url}/api/2.2/jobs/get?job_id=1`, { headers });
  assert.equal(response.status, 404);
  await response.body?.cancel();
});

function manifest(name: string): string {
  return `
apiVersion: com.dstancu.databricks/v1
kind: DatabricksJob
metadata: { name: ${name} }
spec:
  job:
    settings:
      name: ${name}
      tasks: [{ task_key: main, notebook_task: { notebook_path: /Shared/main } }]
`;
}
