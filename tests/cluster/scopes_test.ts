/** Secret scopes and their access lists. */
import assert from "node:assert/strict";
import { doubts } from "../../mock/databricks/doubts.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, eventually, manifest, sweeps, type World } from "../support/harness.ts";

const ACLS = "/secrets/acls/list";
const SCOPES = "/secrets/scopes/list";
const CREATOR = "operator@example.com";

function scope(acls?: Record<string, string>, more: Record<string, unknown> = {}) {
  const items = Object.entries(acls ?? {}).map(([principal, permission]) => ({ principal, permission }));
  const spec = { scope: { name: "team" }, ...(acls === undefined ? {} : { acls: items }), ...more };
  return manifest("DatabricksSecretScope", "scope", spec);
}

function held(world: World): Record<string, string> {
  return Object.fromEntries(
    world.workspace.secrets.acls("team").map(({ principal, permission }) => [principal, permission]),
  );
}

/** Waits until the access list equals `wanted`. */
async function becomes(world: World, wanted: Record<string, string>): Promise<void> {
  await eventually(`the access list is ${JSON.stringify(wanted)}`, () => {
    const now = held(world);
    return Object.keys(now).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([principal, permission]) => now[principal] === permission);
  });
}

clusterTest("a scope is created with one call and deleted with its object", async (world) => {
  await world.apply(scope(undefined, { initial_manage_principal: "users" }));
  await world.ready("DatabricksSecretScope", "scope");
  assert.deepEqual(held(world), { users: "MANAGE" });
  assert.equal(world.workspace.ledger.writes().length, 1);
  await world.delete("DatabricksSecretScope", "scope");
  await world.gone("DatabricksSecretScope", "scope");
  assert.deepEqual(world.workspace.secrets.scopes(), []);
});

clusterTest("a scope that existed before is neither touched nor deleted", async (world) => {
  world.workspace.secrets.addScope("team");
  await world.apply(scope({ users: "READ" }));
  const { message } = await world.blocked("DatabricksSecretScope", "scope", "AlreadyExists");
  assert.match(message, /adopt: "true"/);
  await world.delete("DatabricksSecretScope", "scope");
  await world.gone("DatabricksSecretScope", "scope");
  assert.deepEqual(world.workspace.ledger.writes(), []);
  assert.equal(world.workspace.secrets.scopes().length, 1);
}, { settings: { ingest: "false" } });

clusterTest("an ACL edit whose response was lost does not count as drift", async (world) => {
  const lost = world.workspace.faults.add({ match: "acls/put", effect: "kept", cut: "before-headers" });
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  lost.remove();
  await world.apply(scope({ users: "WRITE" }));
  await becomes(world, { [CREATOR]: "MANAGE", users: "WRITE" });
  await world.event("scope", "Updated");
  const events = await world.events("scope");
  assert.deepEqual(events.filter((event) => event.startsWith("DriftCorrected")), []);
});

clusterTest("access lists follow the manifest: added, changed, removed", async (world) => {
  await world.apply(scope({ users: "READ", admins: "WRITE" }));
  await world.ready("DatabricksSecretScope", "scope");
  assert.deepEqual(held(world), { [CREATOR]: "MANAGE", users: "READ", admins: "WRITE" });
  world.workspace.ledger.clear();
  await world.apply(scope({ users: "WRITE" }));
  await becomes(world, { [CREATOR]: "MANAGE", users: "WRITE" });
  await sweeps(world.workspace, ACLS, 2);
  const bodies = world.workspace.ledger.writes().map(({ body }) => body);
  assert.deepEqual(bodies, [
    { scope: "team", principal: "users", permission: "WRITE" },
    { scope: "team", principal: "admins" },
  ], "a correct value is not written");
});

clusterTest("access that was granted, changed or revoked in the webapp is reverted", async (world) => {
  await world.apply(scope({ users: "READ", admins: "MANAGE" }));
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.secrets.putAcl("team", "intruder", "MANAGE");
  world.workspace.secrets.putAcl("team", "users", "MANAGE");
  world.workspace.secrets.removeAcl("team", "admins");
  await becomes(world, { [CREATOR]: "MANAGE", users: "READ", admins: "MANAGE" });
  await world.ready("DatabricksSecretScope", "scope");
});

clusterTest("a manifest without acls never reads or writes access lists", async (world) => {
  await world.apply(scope());
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.secrets.putAcl("team", "users", "WRITE");
  await sweeps(world.workspace, SCOPES, 3);
  assert.equal(world.workspace.ledger.count(undefined, /acls/), 0);
  assert.equal(held(world).users, "WRITE");
});

clusterTest("removing acls from the manifest leaves the access list unchanged", async (world) => {
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  await world.apply(scope());
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.ledger.clear();
  await sweeps(world.workspace, SCOPES, 2);
  assert.deepEqual(held(world), { [CREATOR]: "MANAGE", users: "READ" });
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("an empty acls field leaves only the creator", async (world) => {
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  await world.apply(scope({}));
  await becomes(world, { [CREATOR]: "MANAGE" });
  await sweeps(world.workspace, ACLS, 2);
  assert.deepEqual(held(world), { [CREATOR]: "MANAGE" });
});

clusterTest("a scope that was deleted in the webapp comes back with its access list", async (world) => {
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.secrets.removeScope("team");
  await eventually("the scope is back", () => world.workspace.secrets.scopes().length === 1);
  await becomes(world, { [CREATOR]: "MANAGE", users: "READ" });
  await world.event("scope", "ExternalResourceMissing");
});

clusterTest(
  "a duplicate principal sets a condition with its field, and nothing is written",
  async (world) => {
    const acls = [{ principal: "users", permission: "READ" }, { principal: "users", permission: "WRITE" }];
    await world.apply(manifest("DatabricksSecretScope", "scope", { scope: { name: "team" }, acls }));
    const { message } = await world.blocked("DatabricksSecretScope", "scope", "InvalidSpec");
    assert.equal(message, 'spec.acls[1].principal: "users" is named twice: keep one');
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
);

clusterTest("the operator never revokes its own MANAGE on a scope", async (world) => {
  await world.apply(scope({ [CREATOR]: "MANAGE", users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.secrets.putAcl("team", "intruder", "READ");
  await becomes(world, { [CREATOR]: "MANAGE", users: "READ" });
  await sweeps(world.workspace, ACLS, 2);
  assert.deepEqual(held(world), { [CREATOR]: "MANAGE", users: "READ" });
  await world.delete("DatabricksSecretScope", "scope");
  await world.gone("DatabricksSecretScope", "scope");
  assert.deepEqual(world.workspace.secrets.scopes(), []);
});

clusterTest(
  "a manifest that would lower the operator's own MANAGE is rejected, and its advice works",
  async (world) => {
    await world.apply(scope({ [CREATOR]: "READ", users: "READ" }));
    const { message } = await world.blocked("DatabricksSecretScope", "scope", "InvalidSpec");
    assert.match(
      message,
      /^spec\.acls: ACL "operator@example\.com" is the operator's own, .*: set it to MANAGE, or take it/,
    );
    assert.deepEqual(held(world), { [CREATOR]: "MANAGE" });
    await world.apply(scope({ users: "READ" }));
    await world.ready("DatabricksSecretScope", "scope");
    await world.apply(scope({ [CREATOR]: "MANAGE", users: "READ" }));
    await world.ready("DatabricksSecretScope", "scope");
    assert.deepEqual(held(world), { [CREATOR]: "MANAGE", users: "READ" });
  },
);

clusterTest(
  "the group that lets the operator manage a scope does not lose MANAGE before the operator has it",
  async (world) => {
    await world.apply(scope({ users: "READ" }, { initial_manage_principal: "users" }));
    await becomes(world, { users: "READ", [CREATOR]: "MANAGE" });
    const principals = world.workspace.ledger.writes().map(({ body }) => (body as Record<string, unknown>).principal);
    assert.deepEqual(principals.filter(Boolean), [CREATOR, "users"]);
    await world.ready("DatabricksSecretScope", "scope");
  },
);

clusterTest(
  "a scope for another principal whose create has an empty response does not count as unmanaged",
  async (world) => {
    await world.apply(scope({ users: "READ" }, { initial_manage_principal: "users" }));
    await becomes(world, { users: "READ", [CREATOR]: "MANAGE" });
    await world.ready("DatabricksSecretScope", "scope");
    assert.equal(world.workspace.ledger.count("POST", /scopes\/create/), 1);
  },
  { mock: { doubts: { emptyAnswers: "nothing" } } },
);

for (const principals of doubts.principals.answers) {
  clusterTest(`principals that are listed ${principals} are not written repeatedly`, async (world) => {
    await world.apply(scope({ "Alice@Example.com": "READ", users: "WRITE" }));
    await world.ready("DatabricksSecretScope", "scope");
    await sweeps(world.workspace, ACLS, 1);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, ACLS, 3);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.apply(scope({ users: "WRITE" }));
    await becomes(world, { [CREATOR]: "MANAGE", users: "WRITE" });
  }, { mock: { doubts: { principals } } });
}

clusterTest(
  "an access list keeps no entries beyond the manifest's and our own",
  async (world) => {
    world.workspace.secrets.addScope("team");
    world.workspace.secrets.putAcl("team", "former-admin", "MANAGE");
    await world.apply(manifest("DatabricksSecretScope", "scope", {
      scope: { name: "team" },
      acls: [{ principal: "users", permission: "READ" }],
    }, { adopt: "true" }));
    await becomes(world, { [CREATOR]: "MANAGE", users: "READ" });
    await world.ready("DatabricksSecretScope", "scope");
    assert.match(await world.event("scope", "Updated"), /deleted ACL former-admin \(MANAGE\)/);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, ACLS, 3);
    assert.deepEqual(held(world), { [CREATOR]: "MANAGE", users: "READ" });
    assert.deepEqual(world.workspace.ledger.writes(), []);
    assert.equal(world.workspace.ledger.count("GET", /Me$/), 0, "our identity is requested once");
  },
  { settings: { ingest: "false" } },
);

clusterTest("reverted access is reported and counted as drift, with both values", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.secrets.putAcl("team", "users", "MANAGE");
  assert.match(await world.event("scope", "DriftCorrected"), /put ACL users \(MANAGE to READ\)/);
  assert.match(await metrics.text(), /databricks_drift_repairs_total\{kind="DatabricksSecretScope"\} 1/);
}, { start: false });

clusterTest("a fight over an access list is damped and reported", async (world) => {
  await world.apply(scope({ users: "READ" }));
  await world.ready("DatabricksSecretScope", "scope");
  world.workspace.ledger.clear();
  const fight = setInterval(() => world.workspace.secrets.putAcl("team", "users", "MANAGE"), 20);
  try {
    const { message } = await world.blocked("DatabricksSecretScope", "scope", "RepairNotHolding");
    assert.match(message, /ACL users: the manifest has READ, Databricks MANAGE/);
    await sweeps(world.workspace, ACLS, 3);
    assert.equal(world.workspace.ledger.count("POST", /acls\/put$/), 3);
  } finally {
    clearInterval(fight);
  }
});

clusterTest("a response without a user name neither grants nor revokes access", async (world) => {
  world.workspace.secrets.addScope("team");
  world.workspace.secrets.putAcl("team", "users", "READ");
  const nameless = world.workspace.faults.add({ match: "/scim/v2/Me", status: 200, body: { id: "7" } });
  const object = scope({ admins: "WRITE" });
  await world.apply({
    ...object,
    metadata: { ...object.metadata, annotations: { "databricks-operator/adopt": "true" } },
  });
  const { message } = await world.blocked("DatabricksSecretScope", "scope", "Unavailable");
  assert.match(message, /the answer names no user/);
  const principals = () => world.workspace.secrets.acls("team").map(({ principal }) => principal).sort();
  assert.deepEqual(principals(), [CREATOR, "users"].sort());
  nameless.remove();
  await world.ready("DatabricksSecretScope", "scope");
  assert.deepEqual(principals(), [CREATOR, "admins"].sort());
  // An ingested object of the scope would hold it.
}, { settings: { ingest: "false" } });
