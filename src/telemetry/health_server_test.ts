import assert from "node:assert/strict";
import { Metrics } from "./metrics.ts";
import { serveHealth } from "./health_server.ts";

async function get(url: string, method = "GET") {
  const answer = await fetch(url, { method });
  return { status: answer.status, body: await answer.text(), type: answer.headers.get("content-type") };
}

Deno.test("readyz says why it is not ready, and healthz is always ok", async () => {
  let reasons = ["Waiting for CRD databricksjobs"];
  await using server = serveHealth({ address: "127.0.0.1:0", metrics: new Metrics(), unready: () => reasons });
  const early = await get(`${server.url}/readyz`);
  assert.deepEqual([early.status, early.body], [503, "Waiting for CRD databricksjobs\n"]);
  assert.equal((await get(`${server.url}/healthz`)).status, 200);
  reasons = [];
  assert.equal((await get(`${server.url}/readyz`)).status, 200);
});

Deno.test("readyz names waiting kinds and is ok, since the others are reconciled", async () => {
  const waiting = () => ["CRD repos.example.com is not installed: apply it"];
  await using server = serveHealth({ address: "127.0.0.1:0", metrics: new Metrics(), unready: () => [], waiting });
  const { status, body } = await get(`${server.url}/readyz`);
  assert.deepEqual([status, body], [200, "ok\nCRD repos.example.com is not installed: apply it\n"]);
});

Deno.test("metrics are served in Prometheus' text format", async () => {
  const metrics = new Metrics();
  metrics.built("1.2.3");
  metrics.reconciling("databricksjobs")("error");
  metrics.observeManaged(() => [{ kind: "Repo", owner: "api", ready: true, count: 3 }]);
  await using server = serveHealth({ address: "127.0.0.1:0", metrics, unready: () => [] });
  const { type, body } = await get(`${server.url}/metrics`);
  assert.match(type ?? "", /^text\/plain; version=0\.0\.4/);
  for (
    const line of [
      /^databricks_kube_operator_build_info\{version="1\.2\.3",.*\} 1$/m,
      /^controller_runtime_reconcile_total\{controller="databricksjobs",result="error"\} 1$/m,
      /^controller_runtime_reconcile_errors_total\{controller="databricksjobs"\} 1$/m,
      /^controller_runtime_reconcile_time_seconds_count\{controller="databricksjobs"\} 1$/m,
      /^databricks_managed_resources\{kind="Repo",owner="api",ready="true"\} 3$/m,
      /^process_resident_memory_bytes \d{7,}$/m,
    ]
  ) assert.match(body, line);
});

Deno.test("running passes, their time and their retries are counted under the queue's name", async () => {
  const metrics = new Metrics();
  metrics.observeQueue("objects", () => 3, 10);
  const end = metrics.reconciling("repos");
  const running = await metrics.text();
  assert.match(running, /^workqueue_depth\{name="objects"\} 3$/m);
  assert.match(running, /^workqueue_longest_running_processor_seconds\{name="objects"\} 0?\.?\d/m);
  end("error");
  const ended = await metrics.text();
  assert.match(ended, /^workqueue_unfinished_work_seconds\{name="objects"\} 0$/m);
  assert.match(ended, /^workqueue_work_duration_seconds_count\{name="objects"\} 1$/m);
  assert.match(ended, /^workqueue_retries_total\{name="objects"\} 1$/m);
});

Deno.test("objects that are gone are not counted any more", async () => {
  const metrics = new Metrics();
  let counts = [{ kind: "Repo", owner: "api", ready: true, count: 3 }];
  metrics.observeManaged(() => counts);
  assert.match(await metrics.text(), /databricks_managed_resources\{.*\} 3/);
  counts = [];
  assert.doesNotMatch(await metrics.text(), /databricks_managed_resources\{/);
});

Deno.test("other paths and methods are rejected", async () => {
  await using server = serveHealth({ address: "127.0.0.1:0", metrics: new Metrics(), unready: () => [] });
  assert.equal((await get(`${server.url}/`)).status, 404);
  assert.equal((await get(`${server.url}/metrics`, "POST")).status, 405);
});
