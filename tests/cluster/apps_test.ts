/** An app's life: it is created stopped, starts on request, is edited, fails, and is deleted slowly. */
import assert from "node:assert/strict";
import {
  addCode,
  CODE,
  code,
  count,
  deployed,
  type Fields,
  held,
  KIND,
  orders,
  PATH,
  running,
  unready,
  writes,
} from "../support/apps.ts";
import { clusterTest, condition, eventually, manifest, problem, sweeps } from "../support/harness.ts";

const slow = held();
clusterTest("an app is created without compute, started, and deployed as soon as it runs: each once", async (world) => {
  addCode(world);
  await world.apply(orders({ ...running, ...code() }));
  assert.match(
    await unready(world, "ExternalBusy"),
    /deployment.*: it is starting, and its code is deployed as soon as/,
  );
  assert.deepEqual(writes(world), ["POST", "POST /orders/start"]);
  assert.equal(world.workspace.ledger.find("POST", PATH)[0]?.query.no_compute, "true");
  slow.pass();
  assert.match(await unready(world, "Updating"), /^app orders is being deployed$/);
  slow.pass();
  const { status } = await world.ready(KIND, "orders");
  assert.deepEqual([status?.state, status?.app_state, status?.deployment_state], ["ACTIVE", "RUNNING", "SUCCEEDED"]);
  assert.match(String(status?.url), /^https:\/\/orders-/);
  assert.match(String(status?.service_principal_client_id), /^[0-9a-f-]{36}$/);
  await sweeps(world.workspace, PATH, 3);
  assert.deepEqual(writes(world), ["POST", "POST /orders/start", "POST /orders/deployments"]);
  assert.deepEqual((await world.events("orders")).filter((event) => /Drift|Failed|NotApplied/.test(event)), []);
}, slow);

clusterTest("an app without lifecycle.started is left stopped, or left running", async (world) => {
  await world.apply(orders({ description: "Orders" }));
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(writes(world), ["POST"]);
  const { apps } = world.workspace.kinds;
  apps.start("orders");
  await world.apply(orders({ description: "All orders" }));
  await eventually("it is edited", () => apps.get("orders")?.description === "All orders");
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(writes(world), ["POST", "POST /orders/update"]);
  assert.equal((await world.get(KIND, "orders"))?.status?.state, "ACTIVE");
});

clusterTest(
  "an app with lifecycle.started: true is started again when somebody stops it, and one with false is stopped again",
  async (world) => {
    const { apps } = world.workspace.kinds;
    await deployed(world);
    apps.stop("orders");
    assert.match(await world.event("orders", "DriftCorrected"), /lifecycle/);
    await world.ready(KIND, "orders");
    assert.deepEqual(
      [count(world, "start"), count(world, "deployments")],
      [2, 1],
      "a start deploys the last code again",
    );
    await world.apply(orders({ ...code(), lifecycle: { started: false } }));
    await eventually("it stops", async () => (await world.get(KIND, "orders"))?.status?.state === "STOPPED");
    apps.start("orders");
    await eventually("it is stopped once more", () => count(world, "stop") === 2);
    await world.ready(KIND, "orders");
  },
);

clusterTest("an edit sends only changed fields, and deploys nothing", async (world) => {
  await deployed(world, { description: "Orders" });
  const { apps } = world.workspace.kinds;
  apps.edit("orders", { compute_size: "LARGE" });
  world.workspace.ledger.clear();
  const job = { name: "load", job: { id: "7", permission: "CAN_VIEW" } };
  await world.apply(orders({ ...running, ...code(), description: "All orders", resources: [job] }));
  await eventually("both are set", () => {
    const { description, resources } = apps.get("orders") ?? {};
    return JSON.stringify([description, resources]) === JSON.stringify(["All orders", [job]]);
  });
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(writes(world), ["POST /orders/update"]);
  const [update] = world.workspace.ledger.find("POST", "/orders/update");
  assert.deepEqual(update?.body, {
    app: { description: "All orders", name: "orders", resources: [job] },
    update_mask: (update?.body as Fields).update_mask,
  });
  assert.deepEqual(String((update?.body as Fields).update_mask).split(",").sort(), ["description", "resources"]);
  assert.equal(apps.get("orders")?.compute_size, "LARGE", "a person's choice stays");
  await world.apply(orders({ ...running, ...code(), description: "All orders", resources: [] }));
  await eventually("an empty list clears", () => (apps.get("orders")?.resources as unknown[]).length === 0);
});

const updating = held();
clusterTest("an update in progress is waited for, and not repeated", async (world) => {
  const { apps } = world.workspace.kinds;
  await world.apply(orders({ description: "Orders" }));
  await world.ready(KIND, "orders");
  await world.apply(orders({ description: "All orders", compute_size: "LARGE" }));
  assert.match(await unready(world, "Updating"), /is being updated/);
  await sweeps(world.workspace, PATH, 3);
  assert.equal(count(world, "update"), 1);
  updating.pass();
  await world.ready(KIND, "orders");
  assert.deepEqual([apps.get("orders")?.description, apps.get("orders")?.compute_size], ["All orders", "LARGE"]);
  await sweeps(world.workspace, PATH, 2);
  assert.equal(count(world, "update"), 1);
  apps.breaks("orders", "the warehouse is not shared with you");
  await world.apply(orders({ description: "No orders", compute_size: "LARGE" }));
  await unready(world, "Updating");
  updating.pass();
  assert.match(await world.event("orders", "ExternalFailed"), /an update that failed: the warehouse is not shared/);
  await sweeps(world.workspace, PATH, 3);
  assert.equal(count(world, "update"), 2, "a failed update is not retried");
}, updating);

clusterTest("a crash is reported with Databricks' message", async (world) => {
  await deployed(world);
  world.workspace.kinds.apps.crash("orders", "App crashed unexpectedly");
  assert.match(await world.event("orders", "ExternalFailed"), /^.*app orders has crashed: App crashed unexpectedly$/);
  assert.equal((await world.get(KIND, "orders"))?.status?.app_state, "CRASHED");
});

const going = held();
clusterTest(
  "an object is deleted when its app is gone, and the next one of its name is created after that",
  async (world) => {
    await world.apply(orders());
    await world.ready(KIND, "orders");
    await world.delete(KIND, "orders");
    const { apps } = world.workspace.kinds;
    const state = () => (apps.get("orders")?.compute_status as Fields | undefined)?.state;
    await eventually("it is in deletion", () => state() === "DELETING" || problem(String(state())));
    await world.apply(manifest(KIND, "another", { app: { name: "orders" } }));
    await eventually("the next one waits", async () => {
      const ready = condition(await world.get(KIND, "another"), "Ready");
      return /of that name is being deleted/.test(ready?.message ?? "") || problem(JSON.stringify(ready));
    });
    await sweeps(world.workspace, PATH, 2);
    assert.equal(condition(await world.get(KIND, "orders"), "Ready")?.reason, "Deleting");
    assert.equal(world.workspace.ledger.count("DELETE"), 1, "a resource in deletion is not deleted again");
    going.pass();
    await world.gone(KIND, "orders");
    await world.ready(KIND, "another");
    assert.notEqual(apps.get("orders"), undefined);
  },
  going,
);

clusterTest("an unmanaged app is not taken over, and a lost response makes no duplicate", async (world) => {
  const { apps } = world.workspace.kinds;
  world.workspace.faults.add({ match: `POST ${PATH}`, effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(orders());
  await world.ready(KIND, "orders");
  apps.add({ name: "theirs" });
  await world.apply(manifest(KIND, "theirs", { app: { description: "ours" } }));
  assert.match(await world.event("theirs", "AlreadyExists"), /adopt/);
  assert.deepEqual([apps.all().length, apps.get("theirs")?.description], [2, undefined]);
});

clusterTest("references in an app are sent as ids", async (world) => {
  const resources = [
    { name: "warehouse", sql_warehouse: { warehouse_ref: { name: "reports" }, permission: "CAN_USE" } },
    { name: "load", job: { job_ref: { name: "load" }, permission: "CAN_MANAGE_RUN" } },
    { name: "key", secret: { scope_ref: { name: "shop" }, key: "api", permission: "READ" } },
    { name: "parent", app: { app_ref: { name: "parent" }, permission: "CAN_USE" } },
  ];
  await world.apply(orders({ resources }));
  await world.blocked(KIND, "orders", "ReferenceNotReady");
  await world.apply(manifest("DatabricksSQLWarehouse", "reports", {
    warehouse: { cluster_size: "Small", auto_stop_mins: 10 },
  }));
  await world.apply(manifest("DatabricksJob", "load", { job: { settings: { name: "load" } } }));
  await world.apply(manifest("DatabricksSecretScope", "shop", { scope: { name: "shop-keys" } }));
  await world.apply(manifest(KIND, "parent", { app: {} }));
  await world.ready(KIND, "orders");
  const idOf = async (kind: string, name: string) => String((await world.ready(kind, name)).status?.id);
  assert.deepEqual(world.workspace.kinds.apps.get("orders")?.resources, [
    {
      name: "warehouse",
      sql_warehouse: { id: await idOf("DatabricksSQLWarehouse", "reports"), permission: "CAN_USE" },
    },
    { name: "load", job: { id: await idOf("DatabricksJob", "load"), permission: "CAN_MANAGE_RUN" } },
    { name: "key", secret: { scope: "shop-keys", key: "api", permission: "READ" } },
    { name: "parent", app: { name: "parent", permission: "CAN_USE" } },
  ]);
});

clusterTest("the API server rejects invalid apps", async (world) => {
  const refused: [Fields, RegExp][] = [
    [{ name: "My_App" }, /name has 2 to 30 lower-case letters, digits and hyphens/],
    [{ compute_min_instances: 1 }, /are set together/],
    [{ deployment: {} }, /one of them is needed/],
    [{ deployment: { source_code_path: CODE, git_source: { tag: "v1" } } }, /exclude each other/],
    [{ deployment: { git_source: { tag: "v1", branch: "main" } } }, /needs one of branch, tag and commit/],
    [{ resources: [{ name: "job", job: { permission: "CAN_VIEW" } }] }, /say either id or job_ref/],
  ];
  for (const [app, message] of refused) await assert.rejects(world.apply(orders(app)), message);
});
