/** A failure in one namespace does not delay others. */
import assert from "node:assert/strict";
import { KubeError } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import type { TransportFactory } from "../../src/databricks/call/transport.ts";
import { clusterTest, eventually, job, manifest, notebook, problem, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
const REPORTS = "https://github.com/example/reports";
const unstarted = { start: false };

/** A transport that gives the test's answer to every token other than the world's. */
function answering(world: World, answer: () => Response): TransportFactory {
  return () => ({
    send: (request) =>
      request.headers.get("authorization") === "Bearer token"
        ? world.workspace.transport.send(request)
        : Promise.resolve(answer()),
  });
}

/** The names of the jobs' objects in a namespace. */
async function names(world: World, namespace: string): Promise<string[]> {
  return (await world.list("DatabricksJob", namespace)).map(({ metadata }) => metadata.name ?? "").sort();
}

clusterTest("a token that is rejected with Retry-After does not delay calls of other tokens", async (world) => {
  const other = await world.addNamespace("a");
  await world.connect({ namespace: other, token: "made-up" });
  let refused = 0;
  const transport = answering(world, () => {
    refused++;
    return Response.json({ error_code: "REQUEST_LIMIT_EXCEEDED" }, { status: 429, headers: { "retry-after": "60" } });
  });
  await world.startOperator({ namespaces: [other, world.namespace], transport });
  await eventually("the other token was rejected", () => refused > 0);
  await world.apply(job("etl"));
  await eventually("the other namespace's job is created", () => world.workspace.jobs.ids().length === 1, {
    patience: 10_000,
  });
}, unstarted);

clusterTest(
  "a search without a response does not block a search of another namespace in the workspace",
  async (world) => {
    const other = await world.addNamespace("a");
    await world.connect({ namespace: other, token: "unanswered" });
    let searches = 0;
    const transport: TransportFactory = () => ({
      send(request) {
        if (request.headers.get("authorization") === "Bearer token") return world.workspace.transport.send(request);
        if (!request.url.includes("/repos")) return Promise.resolve(Response.json({}));
        searches++;
        return new Promise((_, reject) =>
          request.signal.addEventListener("abort", () => reject(request.signal.reason))
        );
      },
    });
    const clone = (name: string) =>
      manifest("Repo", name, { repository: { path: `/Repos/team/${name}`, url: REPORTS, provider: "gitHub" } });
    await world.apply(clone("theirs"), other);
    await world.startOperator({ namespaces: [other, world.namespace], transport });
    await eventually("their sweep and their search get no response", () => searches >= 2);
    await world.apply(clone("ours"));
    await eventually("our repository is cloned", () => world.workspace.repos.all().length === 1, { patience: 15_000 });
  },
  unstarted,
);

for (const [what, status] of [["an expired token", 401], ["a token without rights", 403]] as const) {
  clusterTest(`the first namespace of a workspace with ${what} does not stop the others' ingest`, async (world) => {
    const first = `${world.namespace}-0`;
    await world.addNamespace("0");
    const second = await world.addNamespace("1");
    await world.connect({ namespace: first, token: "expired", settings: { ingest: "true" } });
    await world.connect({ namespace: second });
    world.workspace.jobs.add({ name: "etl", ...notebook() });
    const error = { error_code: "PERMISSION_DENIED", message: "Invalid access token." };
    const transport = answering(world, () => Response.json(error, { status }));
    await world.startOperator({ namespaces: [first, second], transport });
    await world.ready("DatabricksJob", "etl", second);
  }, unstarted);
}

clusterTest("a namespace that takes no objects does not stop another one's ingest of the workspace", async (world) => {
  const [first, second] = [await world.addNamespace("0"), await world.addNamespace("1")];
  await world.connect({ namespace: first });
  await world.connect({ namespace: second });
  world.workspace.jobs.add({ name: "etl", ...notebook() });
  const forbidden = 'is forbidden: User "operator" cannot create resource "databricksjobs"';
  const client = altered(world.kube, (client) => ({
    create: (path, object, options) =>
      path.namespace === first && path.plural === "databricksjobs"
        ? Promise.reject(new KubeError(forbidden, { status: 403, reason: "Forbidden" }))
        : client.create(path, object, options),
  }));
  await world.startOperator({ client, namespaces: [first, second] });
  await world.ready("DatabricksJob", "etl", second);
  assert.deepEqual(await names(world, first), []);
}, unstarted);

clusterTest(
  "a create in flight in a namespace without settings blocks only the ingest of its own job",
  async (world) => {
    const other = await world.addNamespace("other");
    const made = await world.create(job("mine", { name: "Etl" }), other);
    const since = new Date().toISOString();
    const pending = { operation: "create", token: crypto.randomUUID(), name: "Etl", since, absent: true };
    await world.kube.patch(
      { group: "com.dstancu.databricks", version: "v1", plural: "databricksjobs", namespace: other },
      "mine",
      { status: { pending } },
      { subresource: "status" },
    );
    assert.equal(made.metadata.name, "mine");
    world.workspace.jobs.add({ name: "etl", ...notebook() });
    world.workspace.jobs.add({ name: "report", ...notebook() });
    await world.startOperator({ namespaces: [world.namespace, other] });
    await world.ready("DatabricksJob", "report");
    await sweeps(world.workspace, JOBS, 3);
    assert.deepEqual(await names(world, world.namespace), ["report"]);
  },
  unstarted,
);

clusterTest("a create that always fails does not keep other jobs from being ingested", async (world) => {
  const busy = { status: 503, body: { error_code: "TEMPORARILY_UNAVAILABLE", message: "try again" } };
  world.workspace.faults.add({ match: "jobs/create", ...busy });
  await world.startOperator();
  await world.apply(job("mine"));
  await eventually("a create has failed", async () => {
    return (await world.get("DatabricksJob", "mine"))?.status?.pending !== undefined || problem("no pending yet");
  });
  world.workspace.jobs.add({ name: "report", ...notebook() });
  await world.ready("DatabricksJob", "report");
}, unstarted);
