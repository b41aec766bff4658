/** A SQL warehouse's life: it starts, is edited, stops by itself, fails, and is deleted slowly. */
import assert from "node:assert/strict";
import type { Doubts } from "../../mock/databricks/doubts.ts";
import { clusterTest, condition, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksSQLWarehouse";
const PATH = "/api/2.0/sql/warehouses";

type Fields = Record<string, unknown>;

function warehouse(more: Fields = {}, annotations: Record<string, string> = {}) {
  const settings = { name: "reports", cluster_size: "2X-Small", auto_stop_mins: 10, ...more };
  return manifest(KIND, "reports", { warehouse: settings }, annotations);
}

/** Waits until an object is not Ready with this reason, and returns the object. */
async function unready(world: World, reason: string) {
  return await eventually(`it is not Ready: ${reason}`, async () => {
    const object = await world.get(KIND, "reports");
    const ready = condition(object, "Ready");
    return ready?.status === "False" && ready.reason === reason
      ? object
      : problem(JSON.stringify(object?.status?.conditions));
  });
}

function calls(world: World, verb: string): number {
  return world.workspace.ledger.calls.filter(({ method, path }) => method === "POST" && path.endsWith(`/${verb}`))
    .length;
}

/** A workspace in which starts, stops and deletions finish only when the test lets time pass. */
function held(doubts: Partial<Doubts> = {}) {
  const clock = { ms: 0 };
  return {
    pass: () => void (clock.ms += 3_600_000),
    mock: { startMs: 3_600_000, now: () => Date.now() + clock.ms, doubts },
  };
}

async function made(world: World, more: Fields = {}): Promise<string> {
  await world.apply(warehouse(more));
  return String((await world.ready(KIND, "reports")).status?.id);
}

const slowStart = held();
clusterTest(
  "a starting warehouse becomes Ready as soon as it runs, without a start call",
  async (world) => {
    await world.apply(warehouse());
    const starting = await unready(world, "Starting");
    assert.equal(condition(starting, "Reconciling")?.reason, "Starting");
    assert.equal(condition(starting, "Synced")?.status, "True");
    assert.match(condition(starting, "Ready")?.message ?? "", /^SQL warehouse \S+ is starting$/);
    slowStart.pass();
    const id = String((await world.ready(KIND, "reports")).status?.id);
    const running = await world.ready(KIND, "reports");
    assert.equal(condition(running, "Reconciling"), undefined);
    assert.equal(running.status?.state, "RUNNING");
    assert.equal(running.status?.http_path, `/sql/1.0/warehouses/${id}`);
    assert.deepEqual([calls(world, "start"), calls(world, "edit")], [0, 0]);
  },
  slowStart,
);

clusterTest("a warehouse that stopped by itself is Ready, and is not started", async (world) => {
  const id = await made(world);
  world.workspace.kinds.warehouses.stop(id);
  await eventually("status shows it", async () => {
    const object = await world.get(KIND, "reports");
    return object?.status?.state === "STOPPED" ? true : problem(JSON.stringify(object?.status));
  });
  assert.equal(condition(await world.get(KIND, "reports"), "Ready")?.status, "True");
  await sweeps(world.workspace, PATH, 2);
  assert.deepEqual([calls(world, "start"), calls(world, "edit"), calls(world, "stop")], [0, 0, 0]);
});

for (const warehouseEdit of ["leaves it", "starts it"] as const) {
  for (const omittedByWarehouseEdit of ["reset", "kept"] as const) {
    const what = `an edit ${warehouseEdit}, and what it leaves out is ${omittedByWarehouseEdit}`;
    clusterTest(
      `a warehouse that is kept stopped is stopped again, and removed fields are reset: ${what}`,
      async (world) => {
        const { warehouses } = world.workspace.kinds;
        const id = await made(world, { max_num_clusters: 3, lifecycle: { started: false } });
        await eventually(
          "it is stopped after its create",
          () => warehouses.get(id)?.state === "STOPPED" || problem("runs"),
        );
        await world.apply(warehouse({ auto_stop_mins: 20, lifecycle: { started: false } }));
        await eventually("it is edited, and stopped", () => {
          const { auto_stop_mins, max_num_clusters, state } = warehouses.get(id) ?? {};
          const told = JSON.stringify([auto_stop_mins, max_num_clusters, state]);
          return told === '[20,1,"STOPPED"]' || problem(told);
        });
        await world.ready(KIND, "reports");
        const stops = calls(world, "stop");
        await sweeps(world.workspace, PATH, 2);
        assert.deepEqual([calls(world, "stop"), calls(world, "edit"), calls(world, "start")], [stops, 1, 0]);
      },
      { mock: { doubts: { warehouseEdit, omittedByWarehouseEdit } } },
    );
  }
}

clusterTest("a warehouse that is kept running is started again when somebody stops it", async (world) => {
  const id = await made(world, { auto_stop_mins: 0, lifecycle: { started: true } });
  assert.equal(calls(world, "start"), 0, "a create starts it");
  world.workspace.kinds.warehouses.stop(id);
  await world.event("reports", "DriftCorrected");
  assert.equal(world.workspace.kinds.warehouses.get(id)?.state, "RUNNING");
  assert.deepEqual([calls(world, "start"), calls(world, "edit")], [1, 0]);
});

const busy = held({ busyWarehouse: "INVALID_STATE" });
clusterTest("an edit of a starting warehouse waits, and is made once", async (world) => {
  await world.apply(warehouse());
  await unready(world, "Starting");
  await world.apply(warehouse({ auto_stop_mins: 30 }));
  const waiting = await unready(world, "ExternalBusy");
  assert.equal(condition(waiting, "Stalled"), undefined);
  const said = condition(waiting, "Ready")?.message ?? "";
  assert.match(said, /Cannot set auto_stop_mins of SQL warehouse "reports": .*STARTING/);
  busy.pass();
  const { status } = await world.ready(KIND, "reports");
  assert.equal(world.workspace.kinds.warehouses.get(String(status?.id))?.auto_stop_mins, 30);
  assert.deepEqual((await world.events("reports")).filter((event) => /Busy|Invalid/.test(event)), []);
}, busy);

clusterTest(
  "a warehouse that fails to start is Stalled with Databricks' message, and Ready when it runs again",
  async (world) => {
    const id = await made(world);
    const { warehouses } = world.workspace.kinds;
    warehouses.breaks(id, "no capacity in zone a");
    warehouses.stop(id);
    warehouses.start(id);
    const failed = await unready(world, "ExternalFailed");
    assert.match(condition(failed, "Stalled")?.message ?? "", /failed: no capacity in zone a$/);
    assert.match(await world.event("reports", "ExternalFailed"), /no capacity/);
    warehouses.breaks(id, undefined);
    warehouses.start(id);
    const again = await world.ready(KIND, "reports");
    assert.equal(condition(again, "Stalled"), undefined);
  },
);

for (const deletedWarehouse of ["404", "state DELETED"] as const) {
  const slow = held({ deletedWarehouse });
  clusterTest(
    `an object is deleted after its warehouse is gone, and a warehouse in deletion is not deleted again: ${deletedWarehouse}`,
    async (world) => {
      await world.apply(warehouse());
      await unready(world, "Starting");
      slow.pass();
      const id = String((await world.ready(KIND, "reports")).status?.id);
      await world.delete(KIND, "reports");
      const { warehouses } = world.workspace.kinds;
      await eventually(
        "it is in deletion",
        () => warehouses.get(id)?.state === "DELETING" || problem("it is not deleted"),
      );
      await sweeps(world.workspace, PATH, 2);
      assert.equal(condition(await world.get(KIND, "reports"), "Ready")?.reason, "Deleting");
      slow.pass();
      await world.gone(KIND, "reports");
      const deletes = world.workspace.ledger.calls.filter(({ method }) => method === "DELETE");
      assert.deepEqual(
        deletes.filter(({ status }) => status === 400),
        [],
        "a resource in deletion is not deleted again",
      );
    },
    slow,
  );
}

for (const warehouseNameTaken of ["RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"] as const) {
  clusterTest(
    `a taken name is reported, and its warehouse taken over only on request: ${warehouseNameTaken}`,
    async (world) => {
      const id = world.workspace.kinds.warehouses.add({ name: "reports", auto_stop_mins: 60 });
      await world.apply(warehouse());
      await world.blocked(KIND, "reports", "AlreadyExists");
      assert.equal(world.workspace.kinds.warehouses.get(id)?.auto_stop_mins, 60);
      await world.annotate(KIND, "reports", "adopt", "true");
      assert.equal((await world.ready(KIND, "reports")).status?.id, id);
      assert.equal(world.workspace.kinds.warehouses.get(id)?.auto_stop_mins, 10);
    },
    { mock: { doubts: { warehouseNameTaken } } },
  );
}

clusterTest(
  "the API server rejects a warehouse without auto_stop_mins, or that could never stop",
  async (world) => {
    await assert.rejects(
      world.apply(manifest(KIND, "reports", { warehouse: { cluster_size: "Small" } })),
      /auto_stop_mins is missing/,
    );
    await assert.rejects(world.apply(warehouse({ lifecycle: { started: true } })), /auto_stop_mins must be 0/);
    await world.apply(warehouse({ auto_stop_mins: 0, lifecycle: { started: true } }));
  },
);

clusterTest("spellings and defaults of Databricks cause no edit", async (world) => {
  await world.apply(
    warehouse({ cluster_size: "2x-small", spot_instance_policy: "cost_optimized", tags: { custom_tags: [] } }),
  );
  await world.ready(KIND, "reports");
  await sweeps(world.workspace, PATH, 3);
  assert.deepEqual([calls(world, "edit"), calls(world, "start"), calls(world, "stop")], [0, 0, 0]);
});

const overRestart = held();
clusterTest("a new operator waits for a starting warehouse, as the previous one did", async (world) => {
  const first = await world.startOperator();
  await world.apply(warehouse());
  await unready(world, "Starting");
  await world.stopOperator(first);
  await world.startOperator();
  await sweeps(world.workspace, PATH, 2);
  assert.equal(condition(await world.get(KIND, "reports"), "Ready")?.reason, "Starting");
  overRestart.pass();
  await world.ready(KIND, "reports");
  assert.equal(world.workspace.kinds.warehouses.all().length, 1);
  assert.deepEqual([calls(world, "start"), calls(world, "edit")], [0, 0]);
}, { ...overRestart, start: false });

clusterTest("an edit whose second call fails continues with the rest", async (world) => {
  const id = await made(world, { lifecycle: { started: false } });
  await eventually(
    "it is stopped",
    () => world.workspace.kinds.warehouses.get(id)?.state === "STOPPED" || problem("runs"),
  );
  const down = world.workspace.faults.add({ match: /POST .*\/start$/, status: 500 });
  await world.apply(warehouse({ cluster_size: "Small", auto_stop_mins: 0, lifecycle: { started: true } }));
  const { message } = await world.blocked(KIND, "reports", "Unavailable");
  assert.match(message, /^Cannot set lifecycle\.started of SQL warehouse "reports"/);
  assert.equal(world.workspace.kinds.warehouses.get(id)?.cluster_size, "Small");
  down.remove();
  await world.ready(KIND, "reports");
  assert.equal(world.workspace.kinds.warehouses.get(id)?.state, "RUNNING");
  assert.equal(calls(world, "edit"), 1, "the edit took effect");
}, { mock: { doubts: { warehouseEdit: "leaves it" } } });
