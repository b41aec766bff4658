/** Connections as objects: the default one of a namespace, others beside it, and what their status shows. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clusterTest, condition, eventually, job, manifest, problem, secret, type World } from "../support/harness.ts";

const KIND = "DatabricksConnection";
const NOT_CONNECTED = { settings: null, start: false } as const;

/** Applies a connection that signs in with the token of a Secret. */
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

/** Waits until a connection's condition has a status, and gives its message. */
async function shows(world: World, name: string, [type, status, reason]: readonly string[]): Promise<string> {
  return await eventually(`connection ${name} is ${type}=${status}`, async () => {
    const found = condition(await world.get(KIND, name), type ?? "");
    const isIt = found?.status === status && [undefined, found?.reason].includes(reason);
    return isIt ? `${found?.reason}: ${found?.message}` : problem(JSON.stringify(found));
  });
}

clusterTest(
  "a namespace without a ConfigMap works through its connection of the name default, whose status says as whom",
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

clusterTest("the connection named default comes before the ConfigMap, and its end gives that back", async (world) => {
  const other = new MockWorkspace({ token: "other-token" });
  await connection(world, "default", { workspace: other, token: "other-token", ingest: false });
  await world.startOperator({ workspaces: [world.workspace, other] });
  await world.apply(job("first"));
  assert.equal((await world.ready("DatabricksJob", "first")).status?.workspace, other.host);
  assert.deepEqual(world.workspace.ledger.calls, [], "the ConfigMap's workspace is not asked for anything");
  await world.delete("DatabricksJob", "first");
  await world.gone("DatabricksJob", "first");
  await world.delete(KIND, "default");
  await world.gone(KIND, "default");
  await world.apply(job("second"));
  assert.equal((await world.ready("DatabricksJob", "second")).status?.workspace, world.workspace.host);
}, { start: false });
