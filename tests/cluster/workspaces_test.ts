/** Several namespaces with several workspaces, and a namespace whose workspace changes. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { TransportFactory } from "../../src/databricks/call/transport.ts";
import type { KubeClient, KubeObject, ResourcePath } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, job, manifest, problem, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";

/** Creates two namespaces, each with its own workspace and token. */
async function twoNamespaces(world: World): Promise<{ second: string; workspace: MockWorkspace }> {
  const workspace = new MockWorkspace({ token: "second-token" });
  const second = await world.addNamespace("second");
  return { second, workspace };
}

async function eachHasItsOwn(world: World, second: string, workspace: MockWorkspace): Promise<void> {
  await world.apply(job("first-job"));
  await world.apply(job("second-job"), second);
  const first = await world.ready("DatabricksJob", "first-job");
  const other = await world.ready("DatabricksJob", "second-job", second);
  assert.deepEqual(world.workspace.jobs.all().map(({ settings }) => settings.name), ["first-job"]);
  assert.deepEqual(workspace.jobs.all().map(({ settings }) => settings.name), ["second-job"]);
  assert.deepEqual([first.status?.workspace, other.status?.workspace], [world.workspace.host, workspace.host]);
  const refused = [world.workspace, workspace].flatMap(({ ledger }) =>
    ledger.calls.filter(({ status }) => status === 401)
  );
  assert.deepEqual(refused, [], "no token went to another workspace");
}

clusterTest("two watched namespaces are reconciled with their own settings and tokens", async (world) => {
  const { second, workspace } = await twoNamespaces(world);
  await world.connect({ workspace, namespace: second, token: "second-token" });
  await world.startOperator({ namespaces: [world.namespace, second], workspaces: [world.workspace, workspace] });
  await eachHasItsOwn(world, second, workspace);
}, { start: false });

clusterTest("a hanging workspace delays no object of another one, however many of its own wait", async (world) => {
  const { second, workspace } = await twoNamespaces(world);
  await world.connect({ workspace, namespace: second, token: "second-token" });
  const scope = (name: string) => manifest("DatabricksSecretScope", name, { scope: { name } });
  const hanging: string[] = [];
  const transport: TransportFactory = (host) => ({
    send: (request) => {
      if (host === workspace.host) return workspace.transport.send(request);
      // No job is created before the first list of jobs, so lists pass and creates hang.
      if (request.url.includes("/jobs/list")) return world.workspace.transport.send(request);
      hanging.push(request.url);
      return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    },
  });
  for (let index = 0; index < 6; index++) await world.apply(job(`job-${index}`));
  for (let index = 0; index < 6; index++) await world.apply(scope(`scope-${index}`));
  await world.startOperator({ namespaces: [world.namespace, second], transport });
  // Of ten slots, jobs use four or six; the scopes in the others check whether they exist, as a sweep does.
  const count = (path: string) => hanging.filter((url) => url.includes(path)).length;
  await eventually("the maximum number of calls hangs", () => {
    return (count("/jobs/create") >= 4 && count("/scopes/list") >= 2) || problem(hanging.join());
  });
  await world.apply(job("fine"), second);
  await world.apply(scope("fine"), second);
  await world.ready("DatabricksJob", "fine", second);
  await world.ready("DatabricksSecretScope", "fine", second);
}, { start: false });

clusterTest("in all-namespaces mode a namespace is reconciled once it has settings", async (world) => {
  const { second, workspace } = await twoNamespaces(world);
  const client = onlyNamespaces(world.kube, [world.namespace, second]);
  await world.startOperator({ client, namespaces: "all", workspaces: [world.workspace, workspace] });
  await world.apply(job("early"), second);
  await world.blocked("DatabricksJob", "early", "SettingsMissing", second);
  await world.connect({ workspace, namespace: second, token: "second-token" });
  await world.ready("DatabricksJob", "early", second);
  await world.delete("DatabricksJob", "early", second);
  await world.gone("DatabricksJob", "early", second);
  await eachHasItsOwn(world, second, workspace);
}, { start: false });

/** The API server as if it had only these namespaces, since other tests have others. */
function onlyNamespaces(client: KubeClient, namespaces: readonly string[]): KubeClient {
  const isOurs = ({ metadata }: KubeObject) =>
    metadata.namespace === undefined || namespaces.includes(metadata.namespace);
  const list: KubeClient["list"] = async (path, options) => {
    const all = await client.list(path, options);
    return { ...all, items: all.items.filter(isOurs) };
  };
  async function* watch(...[path, options]: Parameters<KubeClient["watch"]>) {
    for await (const event of client.watch(path as ResourcePath, options)) {
      if (event.type === "BOOKMARK" || isOurs(event.object)) yield event;
    }
  }
  const fenced: KubeClient["fenced"] = (fence) => onlyNamespaces(client.fenced(fence), namespaces);
  return new Proxy(client, {
    get(target, name) {
      const own = { list, watch, fenced }[name as "list"] ?? Reflect.get(target, name, target);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

clusterTest("a Secret that names another workspace stops the object, and nothing is written there", async (world) => {
  const other = new MockWorkspace();
  await world.startOperator({ workspaces: [world.workspace, other] });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.connect({ workspace: other });
  const { message } = await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  assert.match(message, /point the Secret back/);
  await sweeps(other, JOBS, 2);
  assert.deepEqual(other.ledger.writes(), []);
  await world.delete("DatabricksJob", "etl");
  await sweeps(other, JOBS, 2);
  assert.equal(world.workspace.jobs.ids().length, 1, "its job cannot be deleted now");
  await world.connect();
  await world.gone("DatabricksJob", "etl");
  assert.equal(world.workspace.jobs.ids().length, 0);
}, { start: false });

clusterTest("an object whose Secret was pointed elsewhere and back is Ready again", async (world) => {
  const other = new MockWorkspace();
  await world.startOperator({ workspaces: [world.workspace, other] });
  await world.apply(job("etl"));
  const { status } = await world.ready("DatabricksJob", "etl");
  await world.connect({ workspace: other });
  await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  world.workspace.ledger.clear();
  await world.connect();
  const after = await world.ready("DatabricksJob", "etl");
  assert.equal(after.status?.id, status?.id);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, { start: false });

/** Creates a job without an answer, and then lets the Secret name another workspace. */
async function inDoubtElsewhere(world: World): Promise<{ other: MockWorkspace; id: string }> {
  const other = new MockWorkspace();
  const { faults, jobs } = world.workspace;
  await world.startOperator({ workspaces: [world.workspace, other] });
  // The job is ingested here at first, so that jobs are listed before there is an object.
  await sweeps(world.workspace, JOBS, 1);
  const lost = faults.add({ match: "jobs/create", cut: "before-headers", effect: "kept", times: 1 });
  using _away = faults.add({ match: "jobs/list", cut: "connect" });
  await world.apply(job("etl"));
  await eventually("it is created without a response", () => lost.hits === 1 && jobs.ids().length === 1);
  await world.connect({ workspace: other, settings: { ingest: "false" } });
  const { message } = await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
  assert.match(message, /point the Secret back.*deletion-policy: retain, delete this object and create it again/);
  return { other, id: jobs.ids()[0] ?? "" };
}

clusterTest("an unconfirmed create waits for its workspace, and is not made in another", async (world) => {
  const { other, id } = await inDoubtElsewhere(world);
  await world.delete("DatabricksJob", "etl");
  await sweeps(other, JOBS, 2);
  assert.notEqual(await world.get("DatabricksJob", "etl"), undefined, "its job is not left behind");
  assert.deepEqual(other.ledger.writes(), []);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
  await world.connect({ settings: { ingest: "false" } });
  await world.gone("DatabricksJob", "etl");
  assert.deepEqual(world.workspace.jobs.ids(), []);
}, { start: false });

clusterTest("an unconfirmed create is bound when the Secret points back to its workspace", async (world) => {
  const { other, id } = await inDoubtElsewhere(world);
  await world.connect({ settings: { ingest: "false" } });
  assert.equal((await world.ready("DatabricksJob", "etl")).status?.id, id);
  assert.deepEqual([world.workspace.jobs.ids(), other.ledger.writes()], [[id], []]);
}, { start: false });

clusterTest("the advice about an unconfirmed create in another workspace works", async (world) => {
  const { other, id } = await inDoubtElsewhere(world);
  await world.annotate("DatabricksJob", "etl", "deletion-policy", "retain");
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual([world.workspace.jobs.ids(), other.jobs.ids().length], [[id], 1]);
}, { start: false });
