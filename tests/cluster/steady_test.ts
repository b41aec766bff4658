/**
 * Events that must not change anything: an upgrade, a mistake that is reverted, a field of another writer, two
 * concurrent edits.
 */
import assert from "node:assert/strict";
import { fold, type Status, statusOf, unfold } from "../../src/reconcile/object/status.ts";
import type { Baseline } from "../../src/reconcile/plan/baseline.ts";
import {
  baselineOf,
  clusterTest,
  eventually,
  job,
  manifest,
  pathOf,
  problem,
  secret,
  sweeps,
  type World,
} from "../support/harness.ts";

const JOBS = "/jobs/list";
const KINDS = ["DatabricksJob", "GitCredential", "Repo", "DatabricksSecret", "DatabricksSecretScope"];

async function applyAll(world: World): Promise<void> {
  const credential = { git_username: "octocat", git_provider: "gitHub" };
  const repository = { path: "/Repos/team/x", url: "https://github.com/example/x", provider: "gitHub", branch: "dev" };
  world.workspace.secrets.addScope("team");
  await world.apply(secret("source", { personal_access_token: "ghp_one" }));
  await world.apply(job("x", { tags: { team: "data" } }));
  await world.apply(manifest("GitCredential", "x", { credential, secret_name: "source" }));
  await world.apply(manifest("Repo", "x", { repository }));
  await world.apply(manifest("DatabricksSecretScope", "x", { scope: { name: "own" }, acls: [] }));
  await world.apply(manifest("DatabricksSecret", "x", { scope: "team", secret_name: "source" }));
  for (const kind of KINDS) await world.ready(kind, "x");
  await sweeps(world.workspace, JOBS, 2);
}

/** Statuses as left by another version of the operator, or by a person. */
const versions: Record<string, (status: Status) => Record<string, unknown>> = {
  "another version of the baseline": (status) => changed(status, { version: 0 }),
  "another version of the Jobs API": (status) => changed(status, { api: "2.1" }),
  "no baseline": () => ({ fingerprints: null }),
  "a text of fingerprints that no version wrote": () => ({ fingerprints: "1 {" }),
  "a text of fingerprints of a later version": ({ fingerprints }) => ({ fingerprints: `9${fingerprints}` }),
  "the fingerprints as version 0.1 kept them": ({ baseline }) => ({ fingerprints: null, baseline }),
  "fingerprints of before version 0.1 was put back": ({ baseline }) => ({ fingerprints: "1 {}", baseline }),
};

function changed({ baseline, ...status }: Status, change: Partial<Baseline>): Record<string, unknown> {
  return baseline === undefined
    ? {}
    : { fingerprints: fold({ ...status, baseline: { ...baseline, ...change } }).fingerprints };
}

for (const [what, left] of Object.entries(versions)) {
  clusterTest(
    `an upgrade that finds ${what} writes nothing in Databricks, and then repairs as before`,
    async (world) => {
      const first = await world.startOperator();
      await applyAll(world);
      await world.stopOperator(first);
      for (const kind of KINDS) {
        const object = await world.ready(kind, "x");
        if (baselineOf(object) === undefined) continue;
        const status = left({ ...statusOf(object), ...unfold(statusOf(object)) });
        await world.kube.patch(pathOf(kind, world.namespace), "x", { status }, { subresource: "status" });
      }
      world.workspace.ledger.clear();
      await world.startOperator();
      for (const kind of KINDS) await world.ready(kind, "x");
      await sweeps(world.workspace, JOBS, 3);
      assert.deepEqual(world.workspace.ledger.writes(), []);
      for (const kind of KINDS) {
        const { status } = await world.ready(kind, "x");
        assert.equal(status?.baseline, undefined, `${kind} keeps fingerprints as version 0.1 did`);
        assert.match(String(status?.fingerprints ?? "1 {}"), /^1 \{[^\n]*\}$/, kind);
      }
      const [id = ""] = world.workspace.jobs.ids();
      world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
      await eventually("it is repaired", () => world.workspace.jobs.get(id)?.settings.max_concurrent_runs === 1);
      const tags = () => world.workspace.jobs.get(id)?.settings.tags as Record<string, string>;
      const before = { ...tags() };
      world.workspace.jobs.edit(id, (settings) => void (settings.tags = { team: "data" }));
      await eventually(
        "our tag is restored",
        () => Object.keys(tags()).length === 2 || problem(JSON.stringify(tags())),
      );
      assert.deepEqual(tags(), before);
    },
    { start: false },
  );
}

clusterTest("a reverted mistake leaves everything unchanged", async (world) => {
  await world.apply(job("x", { max_concurrent_runs: 2 }));
  const before = await world.ready("DatabricksJob", "x");
  const held = structuredClone(world.workspace.jobs.get(String(before.status?.id))?.settings);
  const task = { task_key: "main", notebook_task: { notebook_path: "/Shared/main" } };
  await world.apply(job("x", { max_concurrent_runs: 2, tasks: [task, task] }));
  await world.blocked("DatabricksJob", "x", "InvalidSpec");
  world.workspace.ledger.clear();
  await world.apply(job("x", { max_concurrent_runs: 2 }));
  const after = await world.ready("DatabricksJob", "x");
  await sweeps(world.workspace, JOBS, 2);
  assert.equal(after.status?.id, before.status?.id);
  assert.deepEqual(world.workspace.jobs.get(String(before.status?.id))?.settings, held);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest(
  "of simultaneous edits in the manifest and the webapp the manifest's wins, with at most two writes",
  async (world) => {
    await world.apply(job("x", { max_concurrent_runs: 2, description: "old" }));
    const id = String((await world.ready("DatabricksJob", "x")).status?.id);
    await sweeps(world.workspace, JOBS, 1);
    world.workspace.ledger.clear();
    world.workspace.jobs.edit(id, (settings) => {
      settings.max_concurrent_runs = 9;
      settings.description = "webapp";
    });
    await world.apply(job("x", { max_concurrent_runs: 3, description: "old" }));
    await eventually("the manifest holds", () => {
      const { max_concurrent_runs, description } = world.workspace.jobs.get(id)?.settings ?? {};
      return max_concurrent_runs === 3 && description === "old" || problem(`${max_concurrent_runs} ${description}`);
    });
    await world.ready("DatabricksJob", "x");
    await sweeps(world.workspace, JOBS, 3);
    const writes = world.workspace.ledger.writes().length;
    assert.ok(writes <= 2, `${writes} writes`);
    // A doubtful write is reported once it is known to have been an edit.
    await eventually("each write is reported", async () => {
      const told = (await world.events("x")).filter((event) => /^(Updated|DriftCorrected): /.test(event));
      return told.length === writes || problem(told.join());
    });
  },
);
