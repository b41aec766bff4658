/**
 * `deno task bench:mock`: measures how fast the mock workspace and the embedded Kubernetes API start and answer. It
 * prints one table, and one line of JSON for machines. Seconds differ between machines; compare runs on the same one.
 *
 * @module
 */
import { certificate } from "../mock/certificate.ts";
import { MockWorkspace, serve, serveKubernetes } from "../mock/mod.ts";
import { listen } from "../mock/served.ts";
import { toCrd } from "../src/generate/crd.ts";
import { KubeClient } from "../src/kubernetes/client.ts";
import { GROUP, VERSION } from "../src/resource.ts";
import { resources } from "../src/resources/mod.ts";

/** The length of each measurement (ms). */
const LENGTH = 1500;
/** The number of concurrent requests. */
const PARALLEL = 8;

const results: Record<string, number> = {};

/** Measures the rate per second of an action, at a fixed concurrency. */
async function rate(name: string, once: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  let count = 0;
  const worker = async () => {
    for (; performance.now() - start < LENGTH; count++) await once();
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  results[`${name}, 1/s`] = Math.round(count / (performance.now() - start) * 1000);
}

/** Measures the median duration of an action. */
async function time(name: string, once: () => Promise<unknown>): Promise<void> {
  const tries: number[] = [];
  for (let index = 0; index < 15; index++) {
    const start = performance.now();
    await once();
    tries.push(performance.now() - start);
  }
  results[`${name}, ms`] = Math.round((tries.sort((a, b) => a - b)[7] ?? 0) * 100) / 100;
}

async function databricks(): Promise<void> {
  await time("mock: start on a port", async () => void await (await serve(new MockWorkspace())).close());
  const workspace = new MockWorkspace();
  const ids = Array.from({ length: 100 }, (_, index) => workspace.jobs.add({ name: `job-${index}`, tasks: [] }));
  await using served = await serve(workspace);
  const headers = { authorization: "Bearer token" };
  const get = `/api/2.2/jobs/get?job_id=${ids[0]}`;
  const list = "/api/2.2/jobs/list?limit=100&expand_tasks=true";
  const send = async (answer: Promise<Response>) => void await (await answer).text();
  await rate("mock: get, in-process", () => send(workspace.fetch(new Request(`${workspace.host}${get}`, { headers }))));
  await rate("mock: get, on a port", () => send(fetch(served.url + get, { headers })));
  await rate("mock: list of 100, on a port", () => send(fetch(served.url + list, { headers })));
}

async function kubernetes(): Promise<void> {
  await time("embedded API: start on a port", async () => void await (await serveKubernetes()).close());
  await using served = await serveKubernetes();
  const client = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => served.api.token });
  const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  const start = performance.now();
  for (const resource of resources) {
    const crd = toCrd(resource);
    await client.patch(crds, crd.metadata.name, crd, { type: "apply", force: true });
  }
  results[`embedded API: ${resources.length} CRDs, ms`] = Math.round(performance.now() - start);
  const jobs = { group: GROUP, version: VERSION, plural: "databricksjobs", namespace: "default" };
  let count = 0;
  const next = () => ({
    apiVersion: `${GROUP}/${VERSION}`,
    kind: "DatabricksJob",
    metadata: { name: `job-${count++}` },
    spec: { job: { settings: { tasks: [{ task_key: "main", notebook_task: { notebook_path: "/x" } }] } } },
  });
  await rate("embedded API: create a DatabricksJob", () => client.create(jobs, next()));
  await rate("embedded API: get a DatabricksJob", () => client.get(jobs, "job-0"));
  const headers = { authorization: `Bearer ${served.api.token}` };
  const path = `/apis/${GROUP}/${VERSION}/namespaces/default/databricksjobs/job-0`;
  await rate("embedded API: get, without TLS", async () => {
    await (await fetch(served.plainUrl + path, { headers })).text();
  });
  // The API's own work, without a connection.
  const ask = async (to: string, init: RequestInit) => {
    await (await served.api.fetch(new Request(`http://kubernetes${to}`, init))).text();
  };
  await rate("embedded API: get, in-process", () => ask(path, { headers }));
  const post = { method: "POST", headers: { ...headers, "content-type": "application/json" } };
  await rate(
    "embedded API: create, in-process",
    () => ask(path.replace("/job-0", ""), { ...post, body: JSON.stringify(next()) }),
  );
  client.close();
}

/** Measures the limit of the runtime: the same transport, client and process with a constant answer. */
async function transport(): Promise<void> {
  const answer = () => Promise.resolve(new Response("x".repeat(600)));
  const plain = await listen(answer, { hostname: "127.0.0.1" });
  const own = await certificate();
  const secure = await listen(answer, { hostname: "127.0.0.1", tls: { certificate: own } });
  const client = Deno.createHttpClient({ caCerts: [own.ca] });
  const send = async (url: string) => void await (await fetch(url, { client })).text();
  await rate("an empty handler: on a port", () => send(`http://127.0.0.1:${plain.port}`));
  await rate("an empty handler: HTTP/2 over TLS", () => send(`https://127.0.0.1:${secure.port}`));
  client.close();
  await Promise.all([plain.close(), secure.close()]);
}

if (import.meta.main) {
  await transport();
  await databricks();
  await kubernetes();
  const width = Math.max(...Object.keys(results).map((name) => name.length));
  for (const [name, value] of Object.entries(results)) console.log(name.padEnd(width), String(value).padStart(8));
  console.log(
    JSON.stringify({ bench: "mock", deno: Deno.version.deno, cores: navigator.hardwareConcurrency, ...results }),
  );
}
