/** The code of an app: a change is deployed once the app runs, and a failed deployment is not repeated. */
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
import { clusterTest, eventually, sweeps } from "../support/harness.ts";

clusterTest("a failed deployment is not retried, and a changed manifest is deployed", async (world) => {
  const { apps } = world.workspace.kinds;
  await deployed(world);
  apps.breaks("orders", "requirements.txt names no package called panda");
  await world.apply(orders({ ...running, ...code({ revision: "2" }) }));
  const told = await world.event("orders", "ExternalFailed");
  assert.match(told, /a deployment that failed: requirements\.txt .* panda\. Another one is made when spec\.app\.dep/);
  await sweeps(world.workspace, PATH, 4);
  assert.equal(count(world, "deployments"), 2);
  assert.equal((await world.get(KIND, "orders"))?.status?.deployment_state, "FAILED");
  apps.breaks("orders", undefined);
  await world.apply(orders({ ...running, ...code({ revision: "3" }) }));
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.equal(count(world, "deployments"), 3);
});

clusterTest("a failed deployment that only the list of deployments shows is not retried", async (world) => {
  const { apps } = world.workspace.kinds;
  apps.hidesFailed = true;
  addCode(world);
  addCode(world, `${CODE}/v2`);
  await deployed(world);
  apps.breaks("orders", "no module named app");
  await world.apply(orders({ ...running, deployment: { source_code_path: `${CODE}/v2` } }));
  assert.match(await world.event("orders", "ExternalFailed"), /no module named app/);
  await sweeps(world.workspace, PATH, 4);
  assert.equal(count(world, "deployments"), 2);
});

clusterTest("each change of the deployment deploys, except an explicit default", async (world) => {
  await deployed(world);
  const edits: [Fields, number][] = [
    [{ mode: "SNAPSHOT" }, 1],
    [{ revision: "2" }, 2],
    [{ revision: "2", env_vars: [{ name: "LEVEL", value: "debug" }] }, 3],
    [{ revision: "2", env_vars: [{ name: "LEVEL", value: "info" }] }, 4],
    [{ revision: "2", env_vars: [{ name: "LEVEL", value: "info" }], command: ["python", "app.py"] }, 5],
  ];
  for (const [more, deployments] of edits) {
    await world.apply(orders({ ...running, ...code(more) }));
    await world.ready(KIND, "orders");
    await sweeps(world.workspace, PATH, 2);
    assert.equal(count(world, "deployments"), deployments, JSON.stringify(more));
  }
  assert.deepEqual(world.workspace.ledger.find("POST", "/orders/deployments").at(-1)?.body, {
    source_code_path: CODE,
    env_vars: [{ name: "LEVEL", value: "info" }],
    command: ["python", "app.py"],
  });
  assert.deepEqual((await world.events("orders")).filter((event) => /Drift|debug|info/.test(event)), []);
});

clusterTest("other code is replaced by the manifest's, and the same code is left alone", async (world) => {
  const { apps } = world.workspace.kinds;
  await deployed(world);
  apps.deploy("orders", { source_code_path: CODE });
  await sweeps(world.workspace, PATH, 3);
  assert.equal(count(world, "deployments"), 1);
  apps.deploy("orders", { source_code_path: "/Workspace/Users/ann@example.com/orders" });
  const told = await world.event("orders", "DriftCorrected");
  assert.match(told, /deployment\.source_code_path.*\/Workspace\/Users\/ann@example\.com\/orders/);
  await world.ready(KIND, "orders");
  assert.equal((apps.get("orders")?.active_deployment as Fields).source_code_path, CODE);
  assert.equal(count(world, "deployments"), 2);
});

const busy = held();
clusterTest("our deployment waits for one that somebody else started", async (world) => {
  const { apps } = world.workspace.kinds;
  addCode(world);
  await world.apply(orders(running));
  await unready(world, "Starting");
  busy.pass();
  await world.ready(KIND, "orders");
  apps.deploy("orders", { source_code_path: "/Workspace/Users/ann@example.com/orders" });
  await world.apply(orders({ ...running, ...code() }));
  assert.match(await unready(world, "ExternalBusy"), /another deployment is under way, and this one follows it/);
  assert.equal(count(world, "deployments"), 0);
  busy.pass();
  await eventually("ours is created", () => count(world, "deployments") === 1);
  busy.pass();
  await world.ready(KIND, "orders");
  assert.deepEqual(world.workspace.ledger.calls.filter(({ status }) => status === 400), []);
}, busy);

clusterTest(
  "a deployment waits for code that is not in the workspace yet, and the condition names its field",
  async (world) => {
    await world.apply(orders({ ...running, ...code() }));
    const { message } = await world.blocked(KIND, "orders", "ParentMissing");
    assert.match(message, /create the folder, or correct spec\.app\.deployment\.source_code_path/);
    assert.equal(count(world, "deployments"), 0);
    addCode(world);
    await world.ready(KIND, "orders");
    assert.equal(count(world, "deployments"), 1);
  },
);

clusterTest("new code waits until a stopped app is started, and no app is started for its code", async (world) => {
  const { apps } = world.workspace.kinds;
  await world.apply(orders(code()));
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(writes(world), ["POST"]);
  addCode(world);
  apps.start("orders");
  await eventually("the first deployment follows a start", () => count(world, "deployments") === 1);
  await world.ready(KIND, "orders");
  assert.match(await world.event("orders", "Updated"), /deployment/);
  assert.deepEqual((await world.events("orders")).filter((event) => event.startsWith("DriftCorrected")), []);
  apps.stop("orders");
  await eventually("it is stopped", async () => (await world.get(KIND, "orders"))?.status?.state === "STOPPED");
  await world.apply(orders(code({ revision: "2" })));
  assert.match(await unready(world, "ExternalBusy"), /it does not run: the code is deployed when it is started/);
  assert.deepEqual([count(world, "start"), count(world, "deployments")], [0, 1]);
  apps.start("orders");
  await eventually("it is deployed", () => count(world, "deployments") === 2);
  await world.ready(KIND, "orders");
});

clusterTest("the first deployment of an app that the manifest starts later is no repair", async (world) => {
  addCode(world);
  const code1 = code({ revision: "1" });
  await world.apply(orders(code1));
  await world.ready(KIND, "orders");
  await world.apply(orders({ ...code1, description: "Orders of the day" }));
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual(writes(world), ["POST", "POST /orders/update"], "an edit of another field starts nothing");
  await world.apply(orders({ ...code1, description: "Orders of the day", ...running }));
  await world.ready(KIND, "orders");
  await sweeps(world.workspace, PATH, 3);
  assert.deepEqual([count(world, "start"), count(world, "deployments")], [1, 1]);
  world.workspace.kinds.apps.deploy("orders", { source_code_path: "/Workspace/Users/ann@example.com/orders" });
  await world.event("orders", "DriftCorrected");
  const repairs = (await world.events("orders")).filter((event) => event.startsWith("DriftCorrected"));
  assert.match(repairs.join(), /ann@example\.com/);
  assert.equal(repairs.length, 1, repairs.join());
});
