/**
 * After a hand-over, `spec` belongs to its author: a field removed from the manifest is removed from the object,
 * whoever applies it.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { clusterTest, eventually, job, notebook, pathOf, problem, sweeps, type World } from "../support/harness.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";

const JOB = "DatabricksJob";
const OURS = "databricks-kube-operator";
const operator = { owner: "operator" };

/** The tools that apply manifests. */
const appliers: Record<string, (world: World, manifest: KubeObject) => Promise<unknown>> = {
  "kubectl on the server's side": (world, manifest) =>
    world.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], { input: stringify(manifest) }),
  "kubectl on the client's side": (world, manifest) =>
    world.kubectl(["apply", "-f", "-"], { input: stringify(manifest) }),
  "Argo CD": (world, manifest) => applyAs(world, manifest, "argocd-controller"),
  "Flux": (world, manifest) => applyAs(world, manifest, "kustomize-controller"),
};

async function applyAs(world: World, manifest: KubeObject, fieldManager: string): Promise<void> {
  await world.kube.patch(pathOf(JOB, world.namespace), manifest.metadata.name ?? "", manifest, {
    type: "apply",
    force: true,
    fieldManager,
  });
}

for (const [who, apply] of Object.entries(appliers)) {
  clusterTest(
    `a field that is removed from the manifest after a hand-over to ${who} does not stay for ever`,
    async (world) => {
      const id = world.workspace.jobs.add({ name: "etl", ...notebook(), max_concurrent_runs: 3, timeout_seconds: 60 });
      await world.ready(JOB, "etl");
      const settings = { name: "etl", max_concurrent_runs: 3, timeout_seconds: 60 };
      await apply(world, job("etl", settings, operator));
      await eventually("the operator owns nothing of spec", async () => {
        const { metadata } = await world.ready(JOB, "etl");
        return !ownersOfSpec(metadata).includes(OURS) || problem(JSON.stringify(metadata.managedFields));
      });
      await sweeps(world.workspace, "/jobs/list", 1);
      assert.equal(settingsOf(await world.get(JOB, "etl")).timeout_seconds, 60, "the values stay");
      assert.deepEqual(world.workspace.ledger.writes(), []);
      await apply(world, job("etl", { name: "etl", max_concurrent_runs: 3 }, operator));
      assert.equal(settingsOf(await world.get(JOB, "etl")).timeout_seconds, undefined);
      await eventually("Databricks follows", () => !world.workspace.jobs.get(id)?.settings.timeout_seconds);
      await world.ready(JOB, "etl");
    },
    who.startsWith("kubectl") ? { needs: ["kubectl"] } : {},
  );
}

clusterTest(
  "a manifest over an api-owned object drops removed fields once it is the owner",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook(), timeout_seconds: 60 });
    await world.ready(JOB, "etl");
    await applyAs(world, job("etl", { timeout_seconds: 90, max_concurrent_runs: 2 }), "kustomize-controller");
    await world.blocked(JOB, "etl", "OwnedByDatabricks");
    await eventually("the operator stopped following", async () => {
      const { metadata } = await world.get(JOB, "etl") ?? {};
      return !ownersOfSpec(metadata).includes(OURS) || problem(JSON.stringify(metadata?.managedFields));
    });
    await applyAs(world, job("etl", { timeout_seconds: 90 }, operator), "kustomize-controller");
    await world.ready(JOB, "etl");
    assert.equal(settingsOf(await world.get(JOB, "etl")).max_concurrent_runs, undefined);
    await eventually("Databricks follows", () => world.workspace.jobs.get(id)?.settings.timeout_seconds === 90);
  },
);

clusterTest("an object that changes its owner to api and back again is written again", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", ...notebook(), timeout_seconds: 60 });
  await world.ready(JOB, "etl");
  await world.annotate(JOB, "etl", "owner", "operator");
  await eventually(
    "it is released",
    async () => !ownersOfSpec((await world.ready(JOB, "etl")).metadata).includes(OURS),
  );
  await world.annotate(JOB, "etl", "owner", "api");
  await eventually("its owner is api", async () => (await world.get(JOB, "etl"))?.status?.owner === "api");
  world.workspace.jobs.edit(id, (settings) => void (settings.timeout_seconds = 90));
  await eventually("it is followed", async () => settingsOf(await world.get(JOB, "etl")).timeout_seconds === 90);
  await world.annotate(JOB, "etl", "owner", "operator");
  await eventually(
    "it is released",
    async () => !ownersOfSpec((await world.ready(JOB, "etl")).metadata).includes(OURS),
  );
  assert.equal(settingsOf(await world.get(JOB, "etl")).timeout_seconds, 90);
});

function ownersOfSpec(metadata: KubeObject["metadata"] | undefined): (string | undefined)[] {
  const entries = metadata?.managedFields ?? [];
  return entries.filter(({ fieldsV1 = {} }) => Object.hasOwn(fieldsV1, "f:spec")).map(({ manager }) => manager);
}

function settingsOf(object: KubeObject | undefined): Record<string, unknown> {
  return (object?.spec as { job: { settings: Record<string, unknown> } }).job.settings;
}
