/**
 * A status that is older after a restart: a resource without a tag is recognized by its maker, and one that stays is
 * released.
 */
import assert from "node:assert/strict";
import { KubeError, type KubeObject } from "../../src/kubernetes/client.ts";
import type { Status } from "../../src/reconcile/object/status.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, job, manifest, pathOf, problem, secret, type World } from "../support/harness.ts";

const QUIET = { ingest: "false" };
/** A person decides if Databricks does not show who made a repo. */
const KNOWN = { start: false, settings: QUIET, mock: { doubts: { repoCreatorPermission: "direct" } } } as const;
const TAG = "databricks-kube-operator";

async function setStatus(world: World, kind: string, name: string, status: unknown): Promise<void> {
  await world.kube.patch(pathOf(kind, world.namespace), name, { status: null }, {
    type: "merge",
    subresource: "status",
  });
  await world.kube.patch(pathOf(kind, world.namespace), name, { status }, { type: "merge", subresource: "status" });
}

async function statusOf(world: World, kind: string, name: string): Promise<Status> {
  return ((await world.get(kind, name))?.status ?? {}) as Status;
}

const untagged: [string, KubeObject, (world: World) => unknown[], (world: World, id: string) => void][] = [
  [
    "Repo",
    manifest("Repo", "x", { repository: { url: "https://github.com/a/b", provider: "gitHub", path: "/Repos/a/b" } }),
    ({ workspace }) => workspace.repos.all(),
    ({ workspace }, id) => void workspace.repos.remove(id),
  ],
  [
    "DatabricksSecretScope",
    manifest("DatabricksSecretScope", "x", { scope: { name: "x" } }),
    ({ workspace }) => workspace.secrets.scopes(),
    ({ workspace }, id) => void workspace.secrets.removeScope(id),
  ],
  [
    "GitCredential",
    manifest("GitCredential", "x", { credential: { git_provider: "gitHub", git_username: "o" }, secret_name: "v" }),
    ({ workspace }) => workspace.credentials.all(),
    ({ workspace }, id) => void workspace.credentials.remove(id),
  ],
];

for (const [kind, object, all, take] of untagged) {
  clusterTest(
    `a ${kind} with the pending record of its create is recognized by the next operator`,
    async (world) => {
      const first = await world.startOperator();
      await world.apply(secret("v", { personal_access_token: "t" }));
      let before: Status | undefined;
      const fault = world.workspace.faults.add({
        match: /^POST .*(repos|scopes\/create|git-credentials)$/,
        latencyMs: 700,
        times: 1,
      });
      await world.apply(object);
      await eventually("the create is in flight", async () => {
        const status = await statusOf(world, kind, "x");
        if (status.pending !== undefined) before = status;
        return before !== undefined;
      });
      await world.ready(kind, "x");
      fault.remove();
      await world.stopOperator(first);
      await setStatus(world, kind, "x", before);
      await world.startOperator();
      await world.ready(kind, "x");
      assert.equal(all(world).length, 1);
      await world.delete(kind, "x");
      await world.gone(kind, "x");
      assert.equal(all(world).length, 0);
    },
    KNOWN,
  );

  if (kind === "GitCredential") continue;
  clusterTest(
    `a ${kind} whose status names a former resource is bound to its own by the next operator`,
    async (world) => {
      const first = await world.startOperator();
      await world.apply(secret("v", { personal_access_token: "t" }));
      await world.apply(object);
      const old = (await world.ready(kind, "x")).status as Status;
      take(world, String(old.id));
      await world.annotate(kind, "x", "example", null);
      await eventually("it is created again", async () => {
        const status = await statusOf(world, kind, "x");
        return all(world).length === 1 && status.pending === undefined || problem(JSON.stringify(status));
      });
      await world.ready(kind, "x");
      await world.stopOperator(first);
      world.workspace.ledger.clear();
      await setStatus(world, kind, "x", old);
      await world.startOperator();
      await eventually("it is recognized", async () => {
        const status = await statusOf(world, kind, "x");
        return (kind === "DatabricksSecretScope" || status.id !== old.id) || problem(JSON.stringify(status));
      });
      await world.ready(kind, "x");
      assert.equal(all(world).length, 1);
      await world.delete(kind, "x");
      await world.gone(kind, "x");
      assert.equal(all(world).length, 0);
    },
    KNOWN,
  );
}

clusterTest(
  "a retained job that an older status does not know is released with its object",
  async (world) => {
    const { jobs } = world.workspace;
    const first = await world.startOperator();
    await world.apply(job("x"));
    const one = String((await world.ready("DatabricksJob", "x")).status?.id);
    jobs.remove(one);
    await eventually("it is created again", async () => {
      const { id, pending } = await statusOf(world, "DatabricksJob", "x");
      return id !== one && pending === undefined;
    });
    const two = String((await world.ready("DatabricksJob", "x")).status?.id);
    await world.stopOperator(first);
    await setStatus(world, "DatabricksJob", "x", { id: one });
    await world.annotate("DatabricksJob", "x", "deletion-policy", "retain");
    await world.delete("DatabricksJob", "x");
    world.workspace.settle();
    // The finalizer's removal gets a conflict once, so that a second pass completes the deletion.
    let conflicts = 0;
    const client = altered(world.kube, (kube) => ({
      patch: async (path, name, patch, options) => {
        const { finalizers } = (patch as { metadata?: { finalizers?: string[] } }).metadata ?? {};
        if (finalizers?.length === 0 && conflicts++ === 0) {
          throw new KubeError("conflict", { status: 409, reason: "Conflict" });
        }
        return await kube.patch(path, name, patch, options);
      },
    }));
    await world.startOperator({ client });
    await world.gone("DatabricksJob", "x");
    assert.ok(conflicts > 1);
    assert.deepEqual(jobs.ids(), [two]);
    assert.equal((jobs.get(two)?.settings.tags as Record<string, string> | undefined)?.[TAG], undefined);
    const said = (await world.events("x")).filter((event) => event.startsWith("Retained: "));
    assert.ok(said.length > 0);
    for (const event of said) assert.match(event, new RegExp(two));
  },
  { start: false, settings: QUIET },
);

clusterTest("a retained job is released even if its object's status was lost", async (world) => {
  const { jobs } = world.workspace;
  const first = await world.startOperator();
  await world.apply(job("x"));
  const id = String((await world.ready("DatabricksJob", "x")).status?.id);
  await world.stopOperator(first);
  world.workspace.settle();
  await setStatus(world, "DatabricksJob", "x", null);
  await world.annotate("DatabricksJob", "x", "deletion-policy", "retain");
  await world.delete("DatabricksJob", "x");
  await world.startOperator();
  await world.gone("DatabricksJob", "x");
  assert.deepEqual(jobs.ids(), [id]);
  assert.equal((jobs.get(id)?.settings.tags as Record<string, string> | undefined)?.[TAG], undefined);
}, { start: false, settings: QUIET });
