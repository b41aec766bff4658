/** Grants on managed resources in Unity Catalog. */
import assert from "node:assert/strict";
import { doubts } from "../../mock/databricks/doubts.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, eventually, manifest, problem, sweeps, type World } from "../support/harness.ts";

const ME = "operator@example.com";
const SCHEMAS = "/unity-catalog/schemas";
const GRANTS = /\/unity-catalog\/permissions\/schema\//;
const readers = { principal: "analysts", privileges: ["USE_SCHEMA", "SELECT"] };
const writers = { principal: "Ann@Example.com", privileges: ["use schema", "MODIFY"] };
const never = { settings: { ingest: "false" } };

interface Grant {
  readonly principal: string;
  readonly privileges: readonly string[];
}

function schema(grants?: readonly Grant[]): KubeObject {
  const spec = { schema: { catalog_name: "main", name: "sales" }, ...(grants === undefined ? {} : { grants }) };
  return manifest("DatabricksSchema", "sales", spec, { "deletion-policy": "delete" });
}

function held({ workspace }: World): Record<string, string[]> {
  return workspace.grants.of("schema", "main.sales");
}

async function becomes(world: World, wanted: Record<string, string[]>): Promise<void> {
  await eventually(`the grants are ${JSON.stringify(wanted)}`, () => {
    const now = held(world);
    const isSame = Object.keys(now).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, privileges]) => now[name]?.join() === privileges.join());
    return isSame || problem(JSON.stringify(now));
  });
}

function writes({ workspace }: World): number {
  return workspace.ledger.writes().filter(({ path }) => GRANTS.test(path)).length;
}

clusterTest("a schema gets the grants of its manifest with one call, in any spelling", async (world) => {
  await world.apply(schema([readers, writers]));
  await world.ready("DatabricksSchema", "sales");
  assert.deepEqual(held(world), {
    analysts: ["SELECT", "USE_SCHEMA"],
    "Ann@Example.com": ["MODIFY", "USE_SCHEMA"],
  });
  assert.equal(writes(world), 1);
  assert.match(await world.event("sales", "Updated"), /Put grant analysts \(SELECT, USE_SCHEMA\)/);
}, never);

clusterTest("grants change with the manifest: only differences are added and revoked", async (world) => {
  await world.apply(schema([readers, writers]));
  await world.ready("DatabricksSchema", "sales");
  world.workspace.ledger.clear();
  await world.apply(schema([{ ...readers, privileges: ["USE_SCHEMA", "MODIFY"] }]));
  await becomes(world, { analysts: ["MODIFY", "USE_SCHEMA"] });
  const bodies = world.workspace.ledger.writes().map(({ body }) => body as { changes: { principal: string }[] });
  assert.equal(bodies.length, 1);
  assert.deepEqual(bodies[0]?.changes.find(({ principal }) => principal === "analysts"), {
    principal: "analysts",
    add: ["MODIFY"],
    remove: ["SELECT"],
  });
  await world.apply(schema([]));
  await becomes(world, {});
  await world.ready("DatabricksSchema", "sales");
}, never);

clusterTest("grants of a schema whose manifest has none are never read or written", async (world) => {
  await world.apply(schema());
  await world.ready("DatabricksSchema", "sales");
  world.workspace.grants.change("schema", "main.sales", [{ principal: "others", add: ["SELECT"] }]);
  await sweeps(world.workspace, SCHEMAS, 4);
  assert.equal(world.workspace.ledger.count(undefined, GRANTS), 0);
  assert.deepEqual(held(world), { others: ["SELECT"] });
}, never);

clusterTest("grants that were changed in the webapp are reverted, reported and counted", async (world) => {
  const metrics = new Metrics();
  await world.startOperator({ metrics });
  await world.apply(schema([readers]));
  await world.ready("DatabricksSchema", "sales");
  world.workspace.grants.change("schema", "main.sales", [
    { principal: "intruders", add: ["ALL_PRIVILEGES"] },
    { principal: "analysts", add: ["MODIFY"], remove: ["SELECT"] },
  ]);
  await becomes(world, { analysts: ["SELECT", "USE_SCHEMA"] });
  const told = await world.event("sales", "DriftCorrected");
  assert.match(told, /analysts \(MODIFY, USE_SCHEMA to SELECT, USE_SCHEMA\)/);
  assert.match(told, /deleted grant intruders \(ALL_PRIVILEGES\)/);
  assert.match(await metrics.text(), /databricks_drift_repairs_total\{kind="DatabricksSchema"\} 1/);
}, { ...never, start: false });

for (const allPrivileges of doubts.allPrivileges.answers) {
  for (const grantNames of doubts.grantNames.answers) {
    const told = `where ALL_PRIVILEGES ${allPrivileges}, users ${grantNames}`;
    clusterTest(`twenty sweeps repair no grants, ${told}`, async (world) => {
      await world.apply(schema([
        { principal: "owners", privileges: ["ALL_PRIVILEGES", "SELECT", "MANAGE"] },
        writers,
      ]));
      await world.ready("DatabricksSchema", "sales");
      world.workspace.ledger.clear();
      await sweeps(world.workspace, SCHEMAS, 20);
      assert.equal(writes(world), 0);
    }, { ...never, mock: { doubts: { allPrivileges, grantNames } } });
  }
}

for (const answer of doubts.unknownPrincipal.answers) {
  clusterTest(
    `a grant to a principal that does not exist is rejected with a remedy, if Databricks returns ${answer}`,
    async (world) => {
      world.workspace.grants.unknown.add("nobody");
      await world.apply(schema([readers, { principal: "nobody", privileges: ["SELECT"] }]));
      const { message } = await world.blocked("DatabricksSchema", "sales", "InvalidRequest");
      assert.match(
        message,
        /^Cannot set the grants of schema "sales": .*Could not find principal with name nobody; correct/,
      );
      await world.apply(schema([readers]));
      await world.ready("DatabricksSchema", "sales");
      await becomes(world, { analysts: ["SELECT", "USE_SCHEMA"] });
    },
    { ...never, mock: { doubts: { unknownPrincipal: answer } } },
  );
}

clusterTest(
  "the group that lets the operator manage a schema does not lose MANAGE before the operator has it",
  async (world) => {
    await world.apply(schema());
    await world.ready("DatabricksSchema", "sales");
    world.workspace.grants.change("schema", "main.sales", [{ principal: "deployers", add: ["MANAGE"] }]);
    await world.apply(schema([readers]));
    await becomes(world, { analysts: ["SELECT", "USE_SCHEMA"], [ME]: ["MANAGE"] });
    await world.ready("DatabricksSchema", "sales");
    await world.apply(schema([readers, { principal: ME, privileges: ["SELECT"] }]));
    const { message } = await world.blocked("DatabricksSchema", "sales", "InvalidSpec");
    assert.match(
      message,
      /^spec\.grants: "operator@example\.com" is the operator's own user, .*: add MANAGE to its privileges, or/,
    );
    await world.apply(schema([readers, { principal: ME, privileges: ["SELECT", "MANAGE"] }]));
    await becomes(world, { analysts: ["SELECT", "USE_SCHEMA"], [ME]: ["MANAGE", "SELECT"] });
  },
  never,
);

clusterTest("an unknown privilege is reported and still granted", async (world) => {
  await world.apply(schema([{ principal: "analysts", privileges: ["SELEKT"] }]));
  assert.match(
    await world.event("sales", "DoubtfulField"),
    /spec\.grants\[0\]\.privileges\[0\].*"SELEKT" is no privilege on a schema/,
  );
  await becomes(world, { analysts: ["SELEKT"] });
}, never);

clusterTest("a duplicate principal sets a condition, and nothing is created", async (world) => {
  const grants = [readers, { principal: "Analysts", privileges: ["MODIFY"] }];
  const refusal = await world.apply(schema(grants)).then(() => undefined, (error) => String(error.message));
  const told = refusal ?? (await world.blocked("DatabricksSchema", "sales", "InvalidSpec")).message;
  assert.match(told, /each principal is named once|spec\.grants\[1\]\.principal: "Analysts" is named twice: put all/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
}, never);
