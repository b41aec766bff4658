/** Connections as objects: the default one of a namespace, others beside it, and their status. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";

const KIND = "DatabricksConnection";
const NOT_CONNECTED = { settings: null, start: false } as const;

/** Applies a connection that signs in with the token in a Secret. */
async function connection(
  world: World,
  name: string,
  { workspace = world.workspace, token = "token", namespace = world.namespace, ...spec }: {
    workspace?: MockWorkspace;
    token?: string;
    namespace?: string;
    [field: string]: unknown;
  } = {},
): Promise<void> {
  await world.apply(secret(`${name}-login`, { host: workspace.host, token }), namespace);
  const quick = { default_requeue_interval: 1, status_poll_interval: 1, rate_limit: 0 };
  await world.apply(manifest(KIND, name, { auth: { secret_name: `${name}-login` }, ...quick, ...spec }), namespace);
}

/** Waits until a connection's condition has a status, and returns its message. */
async function shows(world: World, name: string, [type, status, reason]: readonly string[]): Promise<string> {
  return await eventually(`connection ${name} is ${type}=${status}`, async () => {
    const found = condition(await world.get(KIND, name), type ?? "");
    const isIt = found?.status === status && [undefined, found?.reason].includes(reason);
    return isIt ? `${found?.reason}: ${found?.message}` : problem(JSON.stringify(found));
  });
}

clusterTest(
  "a namespace without a ConfigMap uses its connection named default, whose status shows the identity",
  async (world) => {
    await connection(world, "default");
    await world.startOperator();
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    await shows(world, "default", ["Ready", "True", "Connected"]);
    const { status } = await eventually("the connection counts its object", async () => {
      const object = await world.get(KIND, "default");
      return object?.status?.objects === 1 ? object : problem(JSON.stringify(object?.status));
    });
    assert.equal(status?.workspace, world.workspace.host);
    assert.equal(status?.auth_type, "pat");
    assert.match(String(status?.principal), /\S/);
    assert.match(String(status?.last_check), /^\d{4}-.*Z$/);
  },
  NOT_CONNECTED,
);

clusterTest(
  "the connection named default overrides the ConfigMap, which applies again after its deletion",
  async (world) => {
    const other = new MockWorkspace({ token: "other-token" });
    await connection(world, "default", { workspace: other, token: "other-token", ingest: false });
    await world.startOperator({ workspaces: [world.workspace, other] });
    await world.apply(job("first"));
    assert.equal((await world.ready("DatabricksJob", "first")).status?.workspace, other.host);
    assert.deepEqual(world.workspace.ledger.calls, [], "the ConfigMap's workspace gets no request");
    await world.delete("DatabricksJob", "first");
    await world.gone("DatabricksJob", "first");
    await world.delete(KIND, "default");
    await world.gone(KIND, "default");
    await world.apply(job("second"));
    assert.equal((await world.ready("DatabricksJob", "second")).status?.workspace, world.workspace.host);
  },
  { start: false },
);

clusterTest(
  "a released connection is no longer used, even before its watch reports the deletion",
  async (world) => {
    const other = new MockWorkspace({ token: "other-token" });
    await connection(world, "default", { workspace: other, token: "other-token", ingest: false });
    const late = Promise.withResolvers<void>();
    const client = altered(world.kube, (kube) => ({
      async *watch(path, options) {
        for await (const event of kube.watch(path, options)) {
          if (path.plural === "databricksconnections" && event.type === "DELETED") await late.promise;
          yield event;
        }
      },
      async patch(path, name, patch, options) {
        const written = await kube.patch(path, name, patch, options);
        const { finalizers = [""], resourceVersion } = (patch as Partial<KubeObject>).metadata ?? {};
        // A real API server answers the write that ends an object with the version from before the write.
        return finalizers.length === 0 && resourceVersion && written.metadata.deletionTimestamp
          ? { ...written, metadata: { ...written.metadata, resourceVersion } }
          : written;
      },
    }));
    await world.startOperator({ client, workspaces: [world.workspace, other] });
    await shows(world, "default", ["Ready", "True"]);
    await world.delete(KIND, "default");
    await world.gone(KIND, "default");
    await world.apply(job("etl"));
    assert.equal((await world.ready("DatabricksJob", "etl")).status?.workspace, world.workspace.host);
    late.resolve();
  },
  { start: false },
);

clusterTest(
  "while the settings that replace a connection are being read, nothing is created elsewhere",
  async (world) => {
    const other = new MockWorkspace({ token: "other-token" });
    await connection(world, "default", { workspace: other, token: "other-token", ingest: false });
    const late = Promise.withResolvers<void>();
    const client = altered(world.kube, (kube) => ({
      async list(path, options) {
        if (path.plural === "secrets" && options?.fieldSelector !== "metadata.name=default-login") await late.promise;
        return await kube.list(path, options);
      },
    }));
    await world.startOperator({ client, workspaces: [world.workspace, other] });
    await shows(world, "default", ["Ready", "True"]);
    await world.delete(KIND, "default");
    await world.gone(KIND, "default");
    await world.apply(job("etl"));
    const { message } = await world.blocked("DatabricksJob", "etl", "SettingsMissing");
    assert.match(message, /^ConfigMap ".*" is being read/);
    late.resolve();
    assert.equal((await world.ready("DatabricksJob", "etl")).status?.workspace, world.workspace.host);
    assert.deepEqual(other.jobs.ids(), []);
  },
  { start: false },
);

/** Creates two workspaces, each with a connection in the world's namespace: `default` and `other`. */
async function twoConnections(world: World, other: Record<string, unknown> = {}): Promise<MockWorkspace> {
  const workspace = new MockWorkspace({ token: "other-token" });
  await connection(world, "default", { ingest: false });
  await connection(world, "other", { workspace, token: "other-token", ingest: false, ...other });
  return workspace;
}

/** A job that uses a connection. */
function jobOf(name: string, used: string, settings: Record<string, unknown> = {}) {
  const { spec, ...rest } = job(name, settings);
  return { ...rest, spec: { ...spec, connection: used } };
}

clusterTest(
  "each object of a namespace is created only in the workspace of its own connection",
  async (world) => {
    const workspace = await twoConnections(world);
    await world.startOperator({ workspaces: [world.workspace, workspace] });
    await world.apply(job("here"));
    await world.apply(jobOf("there", "other"));
    const [here, there] = [await world.ready("DatabricksJob", "here"), await world.ready("DatabricksJob", "there")];
    const names = (one: MockWorkspace) => one.jobs.all().map(({ settings }) => settings.name);
    assert.deepEqual([names(world.workspace), names(workspace)], [["here"], ["there"]]);
    assert.deepEqual([here.status?.workspace, there.status?.workspace], [world.workspace.host, workspace.host]);
    assert.deepEqual([here.status?.connection, there.status?.connection], ["default", "other"]);
    await eventually("each object shows its identity", async () => {
      const objects = await world.list("DatabricksJob");
      return objects.every(({ status }) => /\S/.test(String(status?.principal ?? ""))) ||
        problem(JSON.stringify(objects));
    });
    // The sweeps of each connection find the drift in its own workspace.
    const id = String(there.status?.id);
    workspace.jobs.edit(id, (settings) => ({ ...settings, name: "by hand" }));
    await eventually("the edit is repaired", () => workspace.jobs.get(id)?.settings.name === "there");
    await world.delete("DatabricksJob", "there");
    await world.gone("DatabricksJob", "there");
    assert.deepEqual([names(world.workspace), names(workspace)], [["here"], []]);
    const refused = [world.workspace, workspace].flatMap(({ ledger }) =>
      ledger.calls.filter(({ status }) => status === 401)
    );
    assert.deepEqual(refused, [], "no token went to another workspace");
  },
  NOT_CONNECTED,
);

clusterTest(
  "an object that gets the connection of another workspace is not created a second time there",
  async (world) => {
    const workspace = await twoConnections(world);
    await world.startOperator({ workspaces: [world.workspace, workspace] });
    await world.apply(job("etl"));
    const { status } = await world.ready("DatabricksJob", "etl");
    await world.apply(jobOf("etl", "other"));
    await world.blocked("DatabricksJob", "etl", "WorkspaceChanged");
    assert.deepEqual([world.workspace.jobs.ids(), workspace.jobs.ids()], [[status?.id], []]);
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
  },
  NOT_CONNECTED,
);

clusterTest("only an object whose connection does not exist waits for it, and names it", async (world) => {
  await connection(world, "default", { ingest: false });
  await world.startOperator();
  await world.apply(jobOf("early", "other"));
  const { message } = await world.blocked("DatabricksJob", "early", "SettingsMissing");
  assert.match(message, /spec\.connection: DatabricksConnection ".*\/other" does not exist: create it/);
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await connection(world, "other", { ingest: false });
  await world.ready("DatabricksJob", "early");
}, NOT_CONNECTED);

clusterTest(
  "a connection whose token is rejected says so, and does not affect others",
  async (world) => {
    const workspace = await twoConnections(world, { token: "wrong" });
    await world.startOperator({ workspaces: [world.workspace, workspace] });
    assert.match(await shows(world, "other", ["Authenticated", "False", "Unauthenticated"]), /put a valid/);
    await shows(world, "other", ["Reachable", "True"]);
    await shows(world, "other", ["Ready", "False", "Unauthenticated"]);
    await world.apply(jobOf("there", "other"));
    await world.apply(job("here"));
    await world.blocked("DatabricksJob", "there", "Unauthenticated");
    await world.ready("DatabricksJob", "here");
    await shows(world, "default", ["Ready", "True"]);
    await world.apply(secret("other-login", { host: workspace.host, token: "other-token" }));
    await shows(world, "other", ["Ready", "True", "Connected"]);
    await world.ready("DatabricksJob", "there");
    // Revoked while in use: the object notices first, and the connection shows it without waiting for its own check.
    workspace.setToken("a third one");
    await world.apply(jobOf("there", "other", { description: "edited" }));
    await world.blocked("DatabricksJob", "there", "Unauthenticated");
    await shows(world, "other", ["Authenticated", "False", "Unauthenticated"]);
  },
  NOT_CONNECTED,
);

clusterTest(
  "an unreachable workspace and a missing Secret appear in the conditions",
  async (world) => {
    await connection(world, "far", { host: "https://far.cloud.databricks.com", workspace: world.workspace });
    await world.apply(secret("far-login", { token: "token" }));
    await world.apply(
      manifest(KIND, "bare", { auth: { secret_name: "none" }, host: "https://bare.cloud.databricks.com" }),
    );
    await connection(world, "default");
    await world.startOperator();
    assert.match(await shows(world, "far", ["Reachable", "False", "Unavailable"]), /no route to https:\/\/far/);
    await shows(world, "far", ["Authenticated", "Unknown"]);
    assert.match(await shows(world, "bare", ["Authenticated", "False", "CredentialsMissing"]), /none" does not exist/);
    await shows(world, "bare", ["Reachable", "Unknown"]);
  },
  NOT_CONNECTED,
);

clusterTest(
  "resources of two workspaces are ingested into one namespace, each with its connection and once",
  async (world) => {
    const workspace = new MockWorkspace({ token: "other-token" });
    await connection(world, "default", { ingest: true });
    await connection(world, "twin", { ingest: true, workspace: world.workspace });
    await connection(world, "other", { ingest: true, workspace, token: "other-token" });
    const [here, there] = [world.workspace.jobs.add({ name: "here" }), workspace.jobs.add({ name: "there" })];
    await world.startOperator({ workspaces: [world.workspace, workspace] });
    await eventually("both are ingested", async () => (await world.list("DatabricksJob")).length === 2);
    await sweeps(world.workspace, "/jobs/list", 2);
    const objects = await world.list("DatabricksJob");
    assert.deepEqual(objects.map(({ spec, status }) => [spec?.connection ?? "none", status?.id]).sort(), [
      ["none", String(here)],
      ["other", String(there)],
    ]);
  },
  NOT_CONNECTED,
);

clusterTest(
  "a connection is not deleted while objects use it, names them, and is deleted when they are gone",
  async (world) => {
    await connection(world, "default", { ingest: false });
    await world.startOperator();
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    await shows(world, "default", ["Ready", "True"]);
    await world.delete(KIND, "default");
    assert.match(
      await shows(world, "default", ["Ready", "False", "InUse"]),
      /use this connection: DatabricksJob etl; delete/,
    );
    await world.event("default", "InUse");
    // The connection still works in the meantime.
    await world.apply(job("etl", { description: "edited" }));
    await world.ready("DatabricksJob", "etl");
    await world.delete("DatabricksJob", "etl");
    await world.gone("DatabricksJob", "etl");
    await world.gone(KIND, "default");
    assert.deepEqual(world.workspace.jobs.ids(), []);
  },
  NOT_CONNECTED,
);

clusterTest("a namespace with connections can be deleted, and leaves nothing in Databricks", async (world) => {
  await connection(world, "default", { ingest: false });
  await connection(world, "other", { ingest: false });
  await world.startOperator();
  await world.apply(job("etl"));
  await world.apply(jobOf("load", "other"));
  for (const name of ["etl", "load"]) await world.ready("DatabricksJob", name);
  for (const name of ["default", "other"]) await shows(world, name, ["Ready", "True"]);
  await world.kube.delete({ group: "", version: "v1", plural: "namespaces" }, world.namespace);
  for (const name of ["etl", "load"]) await world.gone("DatabricksJob", name);
  for (const name of ["default", "other"]) await world.gone(KIND, name);
  assert.deepEqual(world.workspace.jobs.ids(), []);
}, NOT_CONNECTED);

clusterTest("two connections of one principal to one workspace list it once, and share its limiter", async (world) => {
  const slow = { default_requeue_interval: 300, status_poll_interval: 300, ingest: false };
  await connection(world, "default", slow);
  await connection(world, "other", { ...slow, auth: { secret_name: "default-login" } });
  const operator = await world.startOperator();
  await world.apply(job("etl"));
  await world.apply(jobOf("load", "other"));
  for (const name of ["etl", "load"]) await world.ready("DatabricksJob", name);
  for (const name of ["default", "other"]) await shows(world, name, ["Ready", "True"]);
  await world.stopOperator(operator);
  world.workspace.ledger.clear();
  await world.startOperator();
  await world.apply(jobOf("load", "other", { description: "edited" }));
  await eventually(
    "the edit is sent",
    () =>
      world.workspace.ledger.calls.some(({ path }) => path.endsWith("/jobs/update") || path.endsWith("/jobs/reset")),
  );
  await world.ready("DatabricksJob", "load");
  const lists = world.workspace.ledger.find("GET", "/jobs/list").filter(({ query }) => query.page_token === undefined);
  assert.equal(lists.length, 1, JSON.stringify(lists));
}, NOT_CONNECTED);

clusterTest("the API server's rejection of settings names the field", async (world) => {
  const refused = (spec: Record<string, unknown>) => world.apply(manifest(KIND, "wrong", spec));
  await assert.rejects(refused({ auth: {} }), /give the host, or name a Secret that holds it in auth\.secret_name/);
  await assert.rejects(refused({ host: "https://x.cloud.databricks.com", rate_limit: "fast" }), /rate_limit/);
  await assert.rejects(refused({ host: "https://x.cloud.databricks.com", auth: { auth_type: "magic" } }), /auth_type/);
}, NOT_CONNECTED);
