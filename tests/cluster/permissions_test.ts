/** Permissions on managed resources: jobs, Git folders. */
import assert from "node:assert/strict";
import type { Access } from "../../mock/databricks/access_lists.ts";
import { doubts } from "../../mock/databricks/doubts.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { clusterTest, eventually, manifest, notebook, problem, sweeps, type World } from "../support/harness.ts";

const ME = "operator@example.com";
const JOBS = "/jobs/list";
const PERMISSIONS = /\/permissions\/jobs\//;
const owner = { user_name: ME, level: "IS_OWNER" };
const viewers = { group_name: "analysts", level: "CAN_VIEW" };
const runner = { user_name: "ann@example.com", level: "CAN_MANAGE_RUN" };
const never = { settings: { ingest: "false" } };

function job(permissions?: readonly Record<string, string>[], annotations: Record<string, string> = {}): KubeObject {
  const spec = { job: { settings: notebook() }, ...(permissions === undefined ? {} : { permissions }) };
  return manifest("DatabricksJob", "etl", spec, annotations);
}

/** The permissions of the only job, as `user: LEVEL`. */
function held(world: World): Record<string, string> {
  const [id = ""] = world.workspace.jobs.ids();
  const list = world.workspace.permissions.access(world.workspace.jobs.require(id));
  return Object.fromEntries(list.map((access) => [principalOf(access), access.permission_level]));
}

function principalOf({ user_name, group_name, service_principal_name }: Access): string {
  return user_name ?? group_name ?? service_principal_name ?? "";
}

/** Sets other permissions on the only job, as a person does in the web application. */
function grant(world: World, list: Record<string, string>): void {
  const [id = ""] = world.workspace.jobs.ids();
  const access = Object.entries(list).map(([name, permission_level]) =>
    name.includes("@") ? { user_name: name, permission_level } : { group_name: name, permission_level }
  );
  world.workspace.permissions.setAccess(world.workspace.jobs.require(id), access);
}

async function becomes(world: World, wanted: Record<string, string>): Promise<void> {
  await eventually(`the permissions are ${JSON.stringify(wanted)}`, () => {
    const now = held(world);
    const isSame = Object.keys(now).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, level]) => now[name] === level);
    return isSame || problem(JSON.stringify(now));
  });
}

function writes(world: World): string[] {
  return world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path.replace(/\d{5,}/, "1")}`);
}

clusterTest("a job gets the permissions of its manifest with one call, and its owner stays", async (world) => {
  await world.apply(job([viewers, runner]));
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual(held(world), { analysts: "CAN_VIEW", "ann@example.com": "CAN_MANAGE_RUN", [ME]: "IS_OWNER" });
  assert.deepEqual(writes(world), ["POST /api/2.2/jobs/create", "PUT /api/2.0/permissions/jobs/1"]);
  assert.match(await world.event("etl", "Updated"), /^Updated: Put permission group:analysts \(CAN_VIEW\)/);
}, never);

clusterTest("permissions change with the manifest: added, changed, removed, each with one call", async (world) => {
  await world.apply(job([viewers, runner]));
  await world.ready("DatabricksJob", "etl");
  world.workspace.ledger.clear();
  await world.apply(job([{ ...viewers, level: "CAN_MANAGE" }]));
  await becomes(world, { analysts: "CAN_MANAGE", [ME]: "IS_OWNER" });
  await world.apply(job([]));
  await becomes(world, { [ME]: "IS_OWNER" });
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual(writes(world), Array(2).fill("PUT /api/2.0/permissions/jobs/1"));
  const events = await world.events("etl");
  assert.ok(!events.some((one) => one.startsWith("DriftCorrected")), "only the manifest changed");
}, never);

clusterTest("permissions of a job whose manifest has none are never read or written", async (world) => {
  await world.apply(job());
  await world.ready("DatabricksJob", "etl");
  grant(world, { [ME]: "IS_OWNER", analysts: "CAN_MANAGE" });
  await sweeps(world.workspace, JOBS, 4);
  assert.equal(world.workspace.ledger.count(undefined, PERMISSIONS), 0);
  assert.deepEqual(held(world), { [ME]: "IS_OWNER", analysts: "CAN_MANAGE" });
}, never);

clusterTest(
  "permissions that are removed from the manifest stay in Databricks, and are no longer read",
  async (world) => {
    await world.apply(job([viewers]));
    await world.ready("DatabricksJob", "etl");
    await world.apply(job());
    await eventually(
      "the status names no parts",
      async () => (await world.ready("DatabricksJob", "etl")).status?.parts === undefined,
    );
    world.workspace.ledger.clear();
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(world.workspace.ledger.count(undefined, PERMISSIONS), 0);
    assert.deepEqual(held(world), { [ME]: "IS_OWNER", analysts: "CAN_VIEW" });
  },
  never,
);

clusterTest(
  "permissions that were granted, changed or revoked in the webapp are reverted, reported and counted",
  async (world) => {
    const metrics = new Metrics();
    await world.startOperator({ metrics });
    await world.apply(job([viewers, runner]));
    await world.ready("DatabricksJob", "etl");
    grant(world, { [ME]: "IS_OWNER", analysts: "CAN_MANAGE", intruders: "CAN_MANAGE" });
    await becomes(world, { [ME]: "IS_OWNER", analysts: "CAN_VIEW", "ann@example.com": "CAN_MANAGE_RUN" });
    const told = await world.event("etl", "DriftCorrected");
    assert.match(told, /group:analysts \(CAN_MANAGE to CAN_VIEW\)/);
    assert.match(told, /user:ann@example.com \(CAN_MANAGE_RUN\)/);
    assert.match(told, /deleted permission group:intruders \(CAN_MANAGE\)/);
    assert.match(await metrics.text(), /databricks_drift_repairs_total\{kind="DatabricksJob"\} 1/);
    await world.ready("DatabricksJob", "etl");
  },
  { ...never, start: false },
);

clusterTest("a change of the job leaves its permissions alone, and reads none", async (world) => {
  await world.apply(job([viewers]));
  await world.ready("DatabricksJob", "etl");
  world.workspace.ledger.clear();
  const changed = job([viewers]);
  (changed.spec as { job: { settings: Record<string, unknown> } }).job.settings.max_concurrent_runs = 2;
  await world.apply(changed);
  await world.event("etl", "Updated");
  await eventually("the job is edited", () => world.workspace.jobs.all()[0]?.settings.max_concurrent_runs === 2);
  const { ledger } = world.workspace;
  assert.equal(ledger.count("PUT", PERMISSIONS), 0);
  assert.ok(ledger.count("GET", PERMISSIONS) <= ledger.count("GET", JOBS) + 1, "only sweeps read");
}, never);

clusterTest("the operator keeps access when the manifest names another owner", async (world) => {
  await world.apply(job([{ user_name: "ann@example.com", level: "IS_OWNER" }, viewers]));
  await becomes(world, { "ann@example.com": "IS_OWNER", analysts: "CAN_VIEW", [ME]: "CAN_MANAGE" });
  await world.ready("DatabricksJob", "etl");
  world.workspace.ledger.clear();
  await sweeps(world.workspace, JOBS, 3);
  assert.deepEqual(writes(world), []);
}, never);

clusterTest("a manifest that revokes the operator's own access is rejected, and its advice works", async (world) => {
  await world.apply(job([{ user_name: "Operator@Example.com", level: "CAN_VIEW" }, viewers]));
  const { message } = await world.blocked("DatabricksJob", "etl", "InvalidSpec");
  assert.match(
    message,
    /^spec\.permissions: "operator@example\.com" is the operator's own user, .*: set it to CAN_MANAGE, or/,
  );
  assert.deepEqual(held(world), { [ME]: "IS_OWNER" });
  await world.apply(job([viewers]));
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual(held(world), { [ME]: "IS_OWNER", analysts: "CAN_VIEW" });
}, never);

clusterTest(
  "an owner with a lower level in the manifest is rejected, and both remedies work",
  async (world) => {
    await world.apply(job([{ user_name: ME, level: "CAN_MANAGE" }]));
    const { message } = await world.blocked("DatabricksJob", "etl", "InvalidSpec");
    assert.match(
      message,
      /"operator@example\.com" is the owner, and there has to be one: give it IS_OWNER instead of CAN_MANAGE/,
    );
    await world.apply(job([owner]));
    await world.ready("DatabricksJob", "etl");
    await world.apply(
      job([{ user_name: ME, level: "CAN_MANAGE" }, { user_name: "ann@example.com", level: "IS_OWNER" }]),
    );
    await becomes(world, { [ME]: "CAN_MANAGE", "ann@example.com": "IS_OWNER" });
  },
  never,
);

clusterTest("an owner that somebody set in the webapp stays if the manifest names none", async (world) => {
  await world.apply(job([viewers]));
  await world.ready("DatabricksJob", "etl");
  grant(world, { "ann@example.com": "IS_OWNER", [ME]: "CAN_MANAGE", analysts: "CAN_MANAGE" });
  await becomes(world, { "ann@example.com": "IS_OWNER", [ME]: "CAN_MANAGE", analysts: "CAN_VIEW" });
}, never);

clusterTest(
  "the group that lets the operator manage an adopted job stays until the operator has its own permission",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook() }, { creator: "ann@example.com" });
    grant(world, { "ann@example.com": "IS_OWNER", deployers: "CAN_MANAGE" });
    await world.apply(manifest("DatabricksJob", "etl", {
      job: { job_id: BigInt(id), settings: { name: "etl", ...notebook() } },
      permissions: [viewers],
    }, { adopt: "true" }));
    await becomes(world, { "ann@example.com": "IS_OWNER", analysts: "CAN_VIEW", [ME]: "CAN_MANAGE" });
  },
  { ...never, mock: { doubts: { permissionLag: "none" } } },
);

for (const answer of doubts.unknownPrincipal.answers) {
  clusterTest(
    `a principal that does not exist is reported with a remedy, if Databricks returns ${answer}`,
    async (world) => {
      world.workspace.permissions.lists.unknown.add("nobody");
      await world.apply(job([viewers, { group_name: "nobody", level: "CAN_VIEW" }]));
      const { message } = await world.blocked("DatabricksJob", "etl", "InvalidRequest");
      assert.match(
        message,
        /^Cannot set the permissions of job "etl": .*GroupName\(nobody\) does not exist; correct its name in spec\.permissions/,
      );
      assert.deepEqual(held(world), { [ME]: "IS_OWNER" });
      await world.apply(job([viewers]));
      await world.ready("DatabricksJob", "etl");
    },
    { ...never, mock: { doubts: { unknownPrincipal: answer } } },
  );
}

for (const permissionNames of doubts.permissionNames.answers) {
  clusterTest(`users who are returned ${permissionNames} are not written repeatedly`, async (world) => {
    await world.apply(job([{ user_name: "Ann@Example.com", level: "CAN_MANAGE" }, viewers]));
    await world.ready("DatabricksJob", "etl");
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(world.workspace.ledger.count("PUT", PERMISSIONS), 1);
    await world.apply(job([{ user_name: "ann@example.com", level: "CAN_VIEW" }]));
    await becomes(world, { "ann@example.com": "CAN_VIEW", [ME]: "IS_OWNER" });
  }, { ...never, mock: { doubts: { permissionNames } } });
}

for (const permissionLag of doubts.permissionLag.answers) {
  clusterTest(`successive edits are each written once with a permission lag of ${permissionLag}`, async (world) => {
    for (const level of ["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE"]) {
      await world.apply(job([{ ...viewers, level }]));
      await eventually(
        `analysts have ${level}`,
        () => world.workspace.jobs.ids().length > 0 && held(world).analysts === level,
      );
    }
    await world.ready("DatabricksJob", "etl");
    await sweeps(world.workspace, JOBS, 3);
    assert.equal(world.workspace.ledger.count("PUT", PERMISSIONS), 3);
    const events = await world.events("etl");
    assert.ok(!events.some((one) => one.startsWith("DriftCorrected")), events.join("\n"));
  }, { ...never, mock: { doubts: { permissionLag } } });
}

clusterTest("a restart writes no permissions, and reads each list once", async (world) => {
  const operator = await world.startOperator();
  await world.apply(job([viewers, runner]));
  await world.ready("DatabricksJob", "etl");
  // Longer than reads may lag.
  await sweeps(world.workspace, JOBS, 2);
  await world.stopOperator(operator);
  world.workspace.ledger.clear();
  await world.startOperator();
  await eventually("the list is read", () => world.workspace.ledger.count("GET", PERMISSIONS) > 0);
  await sweeps(world.workspace, JOBS, 2);
  assert.deepEqual(writes(world), []);
}, { ...never, start: false });

clusterTest("twenty sweeps repair no permissions", async (world) => {
  await world.apply(
    job([viewers, { service_principal_name: "0A1B2C3D-0000-0000-0000-000000000000", level: "CAN_MANAGE" }]),
  );
  await world.ready("DatabricksJob", "etl");
  world.workspace.ledger.clear();
  await sweeps(world.workspace, JOBS, 20);
  assert.deepEqual(writes(world), []);
  assert.ok(world.workspace.ledger.count("GET", PERMISSIONS) <= 21);
}, { settings: { ingest: "false", default_requeue_interval: "1" } });

clusterTest("a job that was deleted in the webapp comes back with its permissions", async (world) => {
  await world.apply(job([viewers]));
  await world.ready("DatabricksJob", "etl");
  world.workspace.jobs.remove(world.workspace.jobs.ids()[0] ?? "");
  await eventually("the job is back", () => world.workspace.jobs.ids().length === 1);
  await becomes(world, { analysts: "CAN_VIEW", [ME]: "IS_OWNER" });
}, never);

const mistakes: [title: string, permissions: Record<string, string>[], message: RegExp][] = [
  [
    "an unknown level, with the levels of the type",
    [{ group_name: "a", level: "CAN_DANCE" }],
    /level is one of CAN_VIEW, CAN_MANAGE_RUN, CAN_MANAGE, IS_OWNER|spec\.permissions\[0\]\.level: "CAN_DANCE" is no level of jobs: use one of CAN_VIEW, CAN_MANAGE_RUN, CAN_MANAGE, IS_OWNER/,
  ],
  [
    "two levels for one user, in whatever case",
    [runner, { user_name: "Ann@example.com", level: "CAN_VIEW" }],
    /has one level: keep one entry|spec\.permissions\[1\]\.user_name: "Ann@example.com" is named twice/,
  ],
  [
    "two owners",
    [owner, { user_name: "ann@example.com", level: "IS_OWNER" }],
    /there can be only one IS_OWNER/,
  ],
  [
    "an entry without a principal",
    [{ level: "CAN_VIEW" }],
    /names? one of user_name, group_name and service_principal_name/,
  ],
  [
    "a group as the owner",
    [{ group_name: "a", level: "IS_OWNER" }],
    /a group cannot be the owner: give "a" CAN_MANAGE/,
  ],
  ["admins", [{ group_name: "admins", level: "CAN_VIEW" }], /admins may do everything anyway, .*: take it out/],
];

for (const [title, permissions, message] of mistakes) {
  clusterTest(`a mistake in permissions is reported and nothing is created: ${title}`, async (world) => {
    // A real API server already refuses most of them.
    const refusal = await world.apply(job(permissions)).then(() => undefined, (error) => String(error.message));
    const told = refusal ?? (await world.blocked("DatabricksJob", "etl", "InvalidSpec")).message;
    assert.match(told, message);
    assert.deepEqual(writes(world), []);
  }, never);
}

clusterTest("a Git folder gets the permissions of its manifest, and keeps inherited ones", async (world) => {
  const repository = { path: "/Repos/team/lib", url: "https://github.com/example/lib", provider: "gitHub" };
  await world.apply(manifest("Repo", "lib", { repository, permissions: [{ group_name: "team", level: "CAN_RUN" }] }));
  await world.ready("Repo", "lib");
  const [repo] = world.workspace.repos.all();
  const list = world.workspace.permissions.lists.get({ type: "repos", id: repo?.id ?? "", creator: ME });
  const levels = Object.fromEntries(list.map((access) => [principalOf(access), access.permission_level]));
  assert.equal(levels.team, "CAN_RUN");
  world.workspace.ledger.clear();
  await sweeps(world.workspace, "/api/2.0/repos", 4);
  assert.deepEqual(writes(world), []);
}, { settings: { ingest: "false" } });
