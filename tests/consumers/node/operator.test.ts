/** A Node project tests a manifest: the operator's program works on both stand-ins, which run in the test's process. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { MockWorkspace, serve, serveKubernetes } from "databricks-kube-operator-testing";

const OPERATOR = process.env["OPERATOR"] ?? "databricks-kube-operator";
const MANIFEST = `
apiVersion: com.dstancu.databricks/v1
kind: DatabricksJob
metadata: { name: nightly-report }
spec: { job: { settings: { schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: UTC } } } }
`;

test("the nightly report becomes a job that runs at 3 o'clock", async () => {
  const workspace = new MockWorkspace({ token: "demo" });
  await using served = await serve(workspace);
  await using cluster = await serveKubernetes();
  const folder = await mkdtemp("/tmp/operator-test-");
  await writeFile(`${folder}/kubeconfig`, cluster.kubeconfig);
  await writeFile(`${folder}/job.yaml`, MANIFEST);
  const env = { ...process.env, KUBECONFIG: `${folder}/kubeconfig` };
  const sh = (command: string) => promisify(execFile)("sh", ["-c", command], { cwd: folder, env });
  await sh(`${OPERATOR} crdgen | kubectl apply -f -`);
  await sh(`kubectl create secret generic api --from-literal=databricks_url=${served.url} --from-literal=access_token=demo`);
  await sh("kubectl create configmap databricks-kube-operator --from-literal=api_secret_name=api");
  const operator = spawn("sh", ["-c", `exec ${OPERATOR} run`], { cwd: folder, env, stdio: "inherit" });
  try {
    await sh("kubectl apply -f job.yaml && kubectl wait databricksjob/nightly-report --for=condition=Ready --timeout=60s");
    const [id = ""] = workspace.jobs.ids();
    assert.deepEqual(workspace.jobs.get(id)?.settings["schedule"], {
      quartz_cron_expression: "0 0 3 * * ?",
      timezone_id: "UTC",
    });
  } finally {
    operator.kill();
  }
});
