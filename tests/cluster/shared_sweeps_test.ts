/** Namespaces with the same view of a workspace share one sweep of it, and one copy of its resources. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, notebook, pathOf, problem, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
const unstarted = { start: false };
/** No sweep or poll is due during a test. */
const SLOW = { default_requeue_interval: "3600", status_poll_interval: "3600" };

/** Adds six namespaces, connected to the world's workspace. */
async function namespaces(world: World, settings: Record<string, string> = {}): Promise<string[]> {
  const others = await Promise.all(["a", "b", "c", "d", "e", "f"].map((suffix) => world.addNamespace(suffix)));
  for (const namespace of others) await world.connect({ namespace, settings });
  return [world.namespace, ...others];
}

clusterTest("seven namespaces with one token do not list the workspace seven times", async (world) => {
  const all = await namespaces(world, SLOW);
  await world.configure(SLOW);
  await world.startOperator({ namespaces: all });
  for (const namespace of all) await world.apply(job("etl"), namespace);
  for (const namespace of all) await world.ready("DatabricksJob", "etl", namespace);
  const { ledger } = world.workspace;
  assert.ok(ledger.count("GET", "/api/2.0/repos") <= 2, JSON.stringify(ledger.counts()));
  assert.ok(ledger.count("GET", JOBS) <= 4, JSON.stringify(ledger.counts()));
}, unstarted);

clusterTest("drift is repaired in each of the namespaces that share a sweep", async (world) => {
  const all = await namespaces(world);
  await world.startOperator({ namespaces: all });
  const ids = await Promise.all(all.map(async (namespace) => {
    await world.apply(job("etl", { description: "ours" }), namespace);
    return String((await world.ready("DatabricksJob", "etl", namespace)).status?.id);
  }));
  assert.equal(new Set(ids).size, all.length);
  await sweeps(world.workspace, JOBS, 2);
  for (const id of ids) world.workspace.jobs.edit(id, (settings) => void (settings.description = "edited"));
  await eventually("all are repaired", () => {
    const said = ids.map((id) => world.workspace.jobs.get(id)?.settings.description);
    return said.every((text) => text === "ours") || problem(said.join());
  });
}, unstarted);

clusterTest("a namespace whose token sees less does not see another token's view", async (world) => {
  const [seeing, blind] = [await world.addNamespace("a"), await world.addNamespace("b")];
  await world.connect({ namespace: seeing });
  await world.connect({ namespace: blind, token: "blind" });
  const sees = new Set<string>();
  const transport = () => ({
    async send(request: Request) {
      const token = request.headers.get("authorization") ?? "";
      if (request.url.includes(JOBS)) sees.add(token);
      if (token === "Bearer token") return await world.workspace.transport.send(request);
      if (!request.url.includes("/jobs/")) return Response.json({});
      const error = { error_code: "PERMISSION_DENIED", message: "User does not have permission" };
      return request.url.includes(JOBS) ? Response.json({}) : Response.json(error, { status: 403 });
    },
  });
  world.workspace.jobs.add({ name: "report", ...notebook() });
  await world.startOperator({ namespaces: [seeing, blind], transport });
  await world.ready("DatabricksJob", "report", seeing);
  await eventually("each token has listed", () => sees.size === 2);
  assert.deepEqual(await world.list("DatabricksJob", blind), []);
}, unstarted);

clusterTest("a namespace that gets another token continues, and so does the one that it leaves", async (world) => {
  const other = await world.addNamespace("other");
  await world.connect({ namespace: other });
  const transport = () => ({ send: (request: Request) => world.workspace.transport.send(withToken(request)) });
  await world.startOperator({ namespaces: [world.namespace, other], transport });
  const edit = async (namespace: string, description: string) => {
    await world.apply(job("etl", { description }), namespace);
    return String((await world.ready("DatabricksJob", "etl", namespace)).status?.id);
  };
  const before = [await edit(world.namespace, "one"), await edit(other, "one")];
  await world.connect({ namespace: other, token: "another" });
  const after = [await edit(world.namespace, "two"), await edit(other, "two")];
  assert.deepEqual(after, before);
  await sweeps(world.workspace, JOBS, 4);
  for (const id of before) world.workspace.jobs.edit(id, (settings) => void (settings.description = "edited"));
  await eventually("both are repaired", () => {
    return before.every((id) => world.workspace.jobs.get(id)?.settings.description === "two");
  });
}, unstarted);

/** Adds a namespace with the same token, whose objects have another ownership tag. */
async function withATagOfItsOwn(world: World): Promise<{ namespaces: string[]; second: string }> {
  const second = await world.addNamespace("b");
  await world.connect({ namespace: second, settings: { ingest: "false", ownership_tag: "team-b" } });
  return { namespaces: [world.namespace, second], second };
}

clusterTest(
  "a namespace with its own tag setting finds its job by that tag, also with a shared token",
  async (world) => {
    const { namespaces, second } = await withATagOfItsOwn(world);
    const first = await world.startOperator({ namespaces });
    await world.apply(job("etl"), second);
    const { status } = await world.ready("DatabricksJob", "etl", second);
    await world.stopOperator(first);
    const path = pathOf("DatabricksJob", second);
    await world.kube.patch(path, "etl", { status: null }, { type: "merge", subresource: "status" });
    await world.patch("DatabricksJob", "etl", { metadata: { finalizers: null } }, second);
    world.workspace.settle();
    await world.startOperator({ namespaces });
    assert.equal((await world.ready("DatabricksJob", "etl", second)).status?.id, status?.id);
    await sweeps(world.workspace, JOBS, 2);
    assert.deepEqual(world.workspace.jobs.ids(), [status?.id]);
  },
  { start: false, settings: { ingest: "false" } },
);

clusterTest(
  "a namespace with its own tag setting is held by jobs with that tag, also with a shared token",
  async (world) => {
    const { namespaces, second } = await withATagOfItsOwn(world);
    const tags = { "team-b": "00000000-0000-4000-8000-000000000000" };
    const id = world.workspace.jobs.add({ name: "etl", ...notebook(), tags });
    world.workspace.settle();
    await world.startOperator({ namespaces });
    await world.apply(job("etl"), second);
    await world.blocked("DatabricksJob", "etl", "OwnedByUnknown", second);
    assert.deepEqual(world.workspace.jobs.ids(), [id]);
  },
  { start: false, settings: { ingest: "false" } },
);

/** Replaces the token of a request, since the workspace knows only one. */
function withToken(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set("authorization", "Bearer token");
  return new Request(request, { headers });
}
