/** DatabricksPermissions and DatabricksGrants: rights on resources that no object manages. */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { clusterTest, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";
import { answerLaterAsNow } from "../support/old_answers.ts";

const ME = "operator@example.com";
const FOLDER = "/Shared/reports";
const CLUSTER = "1129-101112-abcdefgh";
const readers = { group_name: "analysts", level: "CAN_READ" };
const editor = { user_name: "Ann@Example.com", level: "CAN_EDIT" };

type Entries = readonly Record<string, string>[];

function onFolder(permissions: Entries, { name = "reports", annotations = {} } = {}): KubeObject {
  return manifest("DatabricksPermissions", name, { path: `/Workspace${FOLDER}`, permissions }, annotations);
}

function onCluster(permissions: Entries, name = "shared"): KubeObject {
  return manifest("DatabricksPermissions", name, { object_type: "clusters", object_id: CLUSTER, permissions });
}

function folderOf({ workspace }: World) {
  return { type: "directories", id: String(workspace.repos.status(FOLDER).object_id), creator: ME };
}

function held(world: World, holder = folderOf(world)): Record<string, string> {
  const list = world.workspace.permissions.lists.get(holder);
  return Object.fromEntries(list.map((access) => [
    access.user_name ?? access.group_name ?? access.service_principal_name ?? "",
    access.permission_level,
  ]));
}

async function becomes(world: World, wanted: Record<string, string>, read = () => held(world)): Promise<void> {
  await eventually(`it is ${JSON.stringify(wanted)}`, () => {
    const now = read();
    const isSame = Object.keys(now).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, level]) => now[name] === level);
    return isSame || problem(JSON.stringify(now));
  });
}

/** Sweeps of these kinds are not lists, so sweeps of another kind show that time has passed. */
async function pass(world: World, times: number): Promise<void> {
  await sweeps(world.workspace, "/api/2.0/git-credentials", times);
}

/** Applies an object of another kind, whose sweeps can be counted. */
async function withSweeps(world: World): Promise<void> {
  await world.apply(manifest("GitCredential", "git", { credential: { git_provider: "gitHub" }, secret_name: "none" }));
}

clusterTest(
  "permissions on a folder are added to existing ones, and only they are deleted with the object",
  async (world) => {
    world.workspace.repos.addFolder(FOLDER);
    world.workspace.permissions.lists.merge(folderOf(world), [{ group_name: "others", permission_level: "CAN_RUN" }]);
    await world.apply(onFolder([readers, editor]));
    await world.ready("DatabricksPermissions", "reports");
    const others = { [ME]: "CAN_MANAGE", others: "CAN_RUN" };
    assert.deepEqual(held(world), { ...others, analysts: "CAN_READ", "Ann@Example.com": "CAN_EDIT" });
    assert.equal(
      world.workspace.ledger.count("PUT", /permissions/),
      0,
      "changes by others in the meantime are not overwritten",
    );
    await world.apply(onFolder([{ ...readers, level: "CAN_RUN" }]));
    await becomes(world, { ...others, analysts: "CAN_RUN" });
    await world.delete("DatabricksPermissions", "reports");
    await world.gone("DatabricksPermissions", "reports");
    assert.deepEqual(held(world), others);
  },
  { mock: { doubts: { permissionLag: "none" } } },
);

clusterTest("an earlier permission is not revoked with the object that names it", async (world) => {
  world.workspace.repos.addFolder(FOLDER);
  world.workspace.permissions.lists.merge(folderOf(world), [{ group_name: "analysts", permission_level: "CAN_READ" }]);
  await world.apply(onFolder([readers, editor]));
  await world.ready("DatabricksPermissions", "reports");
  await world.delete("DatabricksPermissions", "reports");
  await world.gone("DatabricksPermissions", "reports");
  assert.deepEqual(held(world), { [ME]: "CAN_MANAGE", analysts: "CAN_READ" });
}, { mock: { doubts: { permissionLag: "none" } } });

clusterTest(
  "an earlier level is overwritten only with adopt",
  async (world) => {
    world.workspace.repos.addFolder(FOLDER);
    world.workspace.permissions.lists.merge(folderOf(world), [{
      group_name: "analysts",
      permission_level: "CAN_MANAGE",
    }]);
    await world.apply(onFolder([readers]));
    const { message } = await world.blocked("DatabricksPermissions", "reports", "AlreadyExists");
    assert.match(
      message,
      /permission group:analysts of ".*" exists already .*: set annotation databricks-operator\/adopt: "true"/,
    );
    assert.equal(held(world).analysts, "CAN_MANAGE");
    await world.annotate("DatabricksPermissions", "reports", "adopt", "true");
    await becomes(world, { [ME]: "CAN_MANAGE", analysts: "CAN_READ" });
    await world.ready("DatabricksPermissions", "reports");
  },
  { mock: { doubts: { permissionLag: "none" } } },
);

clusterTest("two objects may name the same cluster: each repairs and revokes only its own entries", async (world) => {
  world.workspace.permissions.objects.set("clusters", (id) => id === CLUSTER ? "boss@example.com" : undefined);
  const holder = { type: "clusters", id: CLUSTER, creator: "boss@example.com" };
  const read = () => held(world, holder);
  await world.apply(onCluster([{ group_name: "analysts", level: "CAN_ATTACH_TO" }], "one"));
  await world.ready("DatabricksPermissions", "one");
  await world.apply(onCluster([{ group_name: "engineers", level: "CAN_RESTART" }], "two"));
  await world.ready("DatabricksPermissions", "two");
  const boss = { "boss@example.com": "CAN_MANAGE" };
  await becomes(world, { ...boss, analysts: "CAN_ATTACH_TO", engineers: "CAN_RESTART" }, read);
  world.workspace.permissions.lists.set(holder, [{ user_name: "boss@example.com", permission_level: "CAN_MANAGE" }]);
  await becomes(world, { ...boss, analysts: "CAN_ATTACH_TO", engineers: "CAN_RESTART" }, read);
  await world.event("one", "DriftCorrected");
  await world.delete("DatabricksPermissions", "one");
  await world.gone("DatabricksPermissions", "one");
  assert.deepEqual(read(), { ...boss, engineers: "CAN_RESTART" });
}, { mock: { doubts: { permissionLag: "none" } } });

clusterTest(
  "a missing path or a level of another type is reported, and the path is retried until it exists",
  async (world) => {
    await world.apply(onFolder([readers]));
    const { message } = await world.blocked("DatabricksPermissions", "reports", "NotFound");
    assert.match(message, /^Cannot read the permissions of .*\/Shared\/reports: .*: create it, or delete this object/);
    world.workspace.repos.addFolder(FOLDER);
    await world.ready("DatabricksPermissions", "reports");
    await world.apply(onCluster([{ group_name: "analysts", level: "CAN_READ" }]));
    const issue = await world.blocked("DatabricksPermissions", "shared", "InvalidSpec");
    assert.match(
      issue.message,
      /"CAN_READ" is no level of clusters: use one of CAN_ATTACH_TO, CAN_RESTART, CAN_MANAGE/,
    );
  },
);

clusterTest("an object whose target is gone can be deleted", async (world) => {
  world.workspace.permissions.objects.set("clusters", (id) => id === CLUSTER ? ME : undefined);
  await world.apply(onCluster([{ group_name: "analysts", level: "CAN_ATTACH_TO" }]));
  await world.ready("DatabricksPermissions", "shared");
  world.workspace.permissions.objects.set("clusters", () => undefined);
  await world.delete("DatabricksPermissions", "shared");
  await world.gone("DatabricksPermissions", "shared");
});

clusterTest(
  "a new owner of an unmanaged job keeps the former one as a manager, and stays when the object is deleted",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "theirs" }, { creator: "ann@example.com" });
    const job = world.workspace.jobs.require(id);
    const read = () => held(world, { type: "jobs", id, creator: "ann@example.com" });
    world.workspace.permissions.setAccess(job, [
      { user_name: "ann@example.com", permission_level: "IS_OWNER" },
      { user_name: ME, permission_level: "CAN_MANAGE" },
    ]);
    const permissions = [{ user_name: "bob@example.com", level: "IS_OWNER" }];
    await world.apply(manifest("DatabricksPermissions", "owner", { object_type: "jobs", object_id: id, permissions }));
    await becomes(world, { "ann@example.com": "CAN_MANAGE", [ME]: "CAN_MANAGE", "bob@example.com": "IS_OWNER" }, read);
    await world.ready("DatabricksPermissions", "owner");
    await world.delete("DatabricksPermissions", "owner");
    await world.gone("DatabricksPermissions", "owner");
    assert.equal(read()["bob@example.com"], "IS_OWNER", "an owner is required");
  },
  { settings: { ingest: "false" }, mock: { doubts: { permissionLag: "none" } } },
);

clusterTest(
  "sweeps repair no permissions or grants of unmanaged objects without drift, and a restart writes nothing",
  async (world) => {
    const operator = await world.startOperator();
    await withSweeps(world);
    world.workspace.repos.addFolder(FOLDER);
    world.workspace.grants.addSecurable("table", "main.default.orders");
    await world.apply(onFolder([readers, editor]));
    await world.apply(manifest("DatabricksGrants", "orders", {
      securable_type: "table",
      full_name: "Main.Default.Orders",
      grants: [{ principal: "analysts", privileges: ["SELECT"] }],
    }));
    await world.ready("DatabricksPermissions", "reports");
    await world.ready("DatabricksGrants", "orders");
    await pass(world, 2);
    world.workspace.ledger.clear();
    await pass(world, 10);
    await world.stopOperator(operator);
    await world.startOperator();
    await pass(world, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  { start: false },
);

clusterTest(
  "grants on a table are added to existing ones, and only they are revoked with the object",
  async (world) => {
    const { grants } = world.workspace;
    grants.addSecurable("table", "main.default.orders");
    grants.change("table", "main.default.orders", [{ principal: "others", add: ["SELECT"] }]);
    const orders = (list: unknown[]) =>
      manifest("DatabricksGrants", "orders", {
        securable_type: "table",
        full_name: "main.default.orders",
        grants: list,
      });
    await world.apply(orders([{ principal: "analysts", privileges: ["SELECT"] }]));
    await world.ready("DatabricksGrants", "orders");
    assert.deepEqual(grants.of("table", "main.default.orders"), { others: ["SELECT"], analysts: ["SELECT"] });
    await world.apply(orders([{ principal: "analysts", privileges: ["MODIFY"] }]));
    await eventually("it is changed", () => grants.of("table", "main.default.orders").analysts?.join() === "MODIFY");
    await world.ready("DatabricksGrants", "orders");
    await world.delete("DatabricksGrants", "orders");
    await world.gone("DatabricksGrants", "orders");
    assert.deepEqual(grants.of("table", "main.default.orders"), { others: ["SELECT"] });
  },
  { mock: { doubts: { grantLag: "none" } } },
);

clusterTest(
  "a missing securable or an invalid type sets a condition with a remedy",
  async (world) => {
    const grants = [{ principal: "analysts", privileges: ["SELECT"] }];
    await world.apply(
      manifest("DatabricksGrants", "gone", { securable_type: "table", full_name: "main.default.gone", grants }),
    );
    const { message } = await world.blocked("DatabricksGrants", "gone", "NotFound");
    assert.match(
      message,
      /^Cannot read the grants of .*table\/main\.default\.gone: .*: create it, or delete this object/,
    );
    await world.apply(
      manifest("DatabricksGrants", "odd", { securable_type: "tabel", full_name: "main.default.gone", grants }),
    );
    const issue = await world.blocked("DatabricksGrants", "odd", "InvalidSpec");
    assert.match(
      issue.message,
      /spec\.securable_type: "tabel" is no type of securable: use one of catalog, schema, table/,
    );
  },
);

/** An object with grants on a table. */
function onTable(grants: unknown): KubeObject {
  return manifest("DatabricksGrants", "orders", { securable_type: "table", full_name: "main.default.orders", grants });
}

const both = ["analysts", "guests"].map((principal) => ({ principal, privileges: ["SELECT"] }));

for (
  const [name, answer] of Object.entries({
    "an old list": { body: { privilege_assignments: [] } },
    "a 404": { status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "It does not exist." } },
  })
) {
  clusterTest(`grants are revoked with their object although ${name} did not show them once`, async (world) => {
    const { grants, faults } = world.workspace;
    grants.addSecurable("table", "main.default.orders");
    await world.apply(onTable(both));
    await world.ready("DatabricksGrants", "orders");
    const fault = faults.add({ match: /^GET .*\/permissions\/table\//, times: 1, ...answer });
    await world.delete("DatabricksGrants", "orders");
    await world.gone("DatabricksGrants", "orders");
    assert.equal(fault.hits, 1);
    assert.deepEqual(grants.of("table", "main.default.orders"), {});
  });
}

clusterTest("a grant that leaves the manifest is revoked although one read did not show it", async (world) => {
  const { grants, faults } = world.workspace;
  grants.addSecurable("table", "main.default.orders");
  await withSweeps(world);
  await world.apply(onTable(both));
  await world.ready("DatabricksGrants", "orders");
  await pass(world, 2);
  const body = { privilege_assignments: [{ principal: "analysts", privileges: ["SELECT"] }] };
  const fault = faults.add({ match: /^GET .*\/permissions\/table\//, body });
  await world.apply(onTable(both.slice(0, 1)));
  await eventually("an old read came", () => fault.hits > 0);
  fault.remove();
  await eventually("it is revoked", () => grants.of("table", "main.default.orders").guests === undefined);
  assert.deepEqual(grants.of("table", "main.default.orders"), { analysts: ["SELECT"] });
});

for (const how of ["right after our write", "and one read does not show it"]) {
  for (const end of ["an entry is removed", "the object is deleted"]) {
    clusterTest(`a permission of somebody else, added ${how}, stays when ${end}`, async (world) => {
      const { repos, permissions } = world.workspace;
      repos.addFolder(FOLDER);
      await world.apply(onFolder([readers, editor]));
      await world.ready("DatabricksPermissions", "reports");
      const holder = folderOf(world);
      const addFault = await answerLaterAsNow(world, `/api/2.0/permissions/directories/${holder.id}`);
      permissions.lists.merge(holder, [{ group_name: "others", permission_level: "CAN_RUN" }]);
      if (how !== "right after our write") addFault();
      if (end === "an entry is removed") await world.apply(onFolder([readers]));
      else await world.delete("DatabricksPermissions", "reports");
      const left = end === "an entry is removed" ? { analysts: "CAN_READ" } : {};
      await becomes(world, { [ME]: "CAN_MANAGE", others: "CAN_RUN", ...left });
    }, { mock: { doubts: { permissionLag: "none" } } });
  }
}

for (const permissionLag of ["none", "seconds"] as const) {
  clusterTest(
    `entries that are removed one after the other stay removed, with a lag of ${permissionLag}`,
    async (world) => {
      await world.startOperator({ timings: { settleMs: 4000 } });
      world.workspace.repos.addFolder(FOLDER);
      const third = { group_name: "guests", level: "CAN_RUN" };
      await world.apply(onFolder([readers, editor, third]));
      await world.ready("DatabricksPermissions", "reports");
      const { lists } = world.workspace.permissions;
      await eventually("reads show all entries", () => lists.read(folderOf(world)).length === 4);
      await world.apply(onFolder([readers, editor]));
      await becomes(world, { [ME]: "CAN_MANAGE", analysts: "CAN_READ", "Ann@Example.com": "CAN_EDIT" });
      await world.apply(onFolder([readers]));
      await becomes(world, { [ME]: "CAN_MANAGE", analysts: "CAN_READ" });
      await world.delete("DatabricksPermissions", "reports");
      await world.gone("DatabricksPermissions", "reports");
      assert.deepEqual(held(world), { [ME]: "CAN_MANAGE" });
    },
    { start: false, mock: { doubts: { permissionLag }, listLagMs: 3000 } },
  );
}
