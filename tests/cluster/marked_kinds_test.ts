/**
 * Pools, pipelines and clusters carry marks as jobs do: a resource with another object's mark is neither taken nor
 * lost.
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { baselineOf, clusterTest, eventually, job, manifest, problem, type World } from "../support/harness.ts";
import { IMPATIENT, QUIET, setBack } from "../support/lost_jobs.ts";

const TAG = "databricks-kube-operator";
const STRANGER = "00000000-0000-4000-8000-000000000000";

/** A kind whose resources have unique names, and a mark among their tags. */
interface MarkedKind {
  readonly kind: string;
  readonly noun: string;
  /** A manifest with this name; an edited one differs in a field. */
  manifest(name?: string, options?: { edited?: boolean }): KubeObject;
  all(world: World): Record<string, unknown>[];
  tagsOf(one: Record<string, unknown>): Record<string, string> | undefined;
  isEdited(one: Record<string, unknown>): boolean;
  /** The stored result of a create. */
  asked(body: Record<string, unknown>): Record<string, unknown>;
  add(world: World, tags: Record<string, string>): string;
  tag(world: World, id: string, tags: Record<string, string>): void;
}

const pools: MarkedKind = {
  kind: "DatabricksInstancePool",
  noun: "instance pool",
  manifest: (name = "x", { edited = false } = {}) =>
    manifest("DatabricksInstancePool", "x", {
      pool: { instance_pool_name: name, node_type_id: "m5.large", ...(edited ? { max_capacity: 7 } : {}) },
    }),
  all: ({ workspace }) => workspace.kinds.pools.all(),
  tagsOf: (one) => one.custom_tags as Record<string, string> | undefined,
  isEdited: (one) => one.max_capacity === 7,
  asked: (body) => body,
  add: ({ workspace }, custom_tags) =>
    workspace.kinds.pools.add({ instance_pool_name: "x", node_type_id: "m5.large", custom_tags }),
  tag: ({ workspace }, id, custom_tags) => workspace.kinds.pools.edit(id, { custom_tags }),
};

const pipelines: MarkedKind = {
  kind: "DatabricksPipeline",
  noun: "pipeline",
  manifest: (name = "x", { edited = false } = {}) =>
    manifest("DatabricksPipeline", "x", { pipeline: { name, ...(edited ? { development: true } : {}) } }),
  all: ({ workspace }) => workspace.kinds.pipelines.all(),
  tagsOf: (one) => (one.spec as Record<string, unknown>).tags as Record<string, string> | undefined,
  isEdited: (one) => (one.spec as Record<string, unknown>).development === true,
  asked: (spec) => ({ spec }),
  add: ({ workspace }, tags) => workspace.kinds.pipelines.add({ name: "x", tags }),
  tag: ({ workspace }, id, tags) => workspace.kinds.pipelines.edit(id, { tags }),
};

for (const { kind, noun, ...of } of [pools, pipelines]) {
  clusterTest(`${noun} that now has another object's tag stays when its former object is deleted`, async (world) => {
    await world.apply(of.manifest());
    const id = String((await world.ready(kind, "x")).status?.id);
    await world.annotate(kind, "x", "deletion-policy", "delete");
    await world.ready(kind, "x");
    of.tag(world, id, { [TAG]: STRANGER });
    await world.delete(kind, "x");
    await world.gone(kind, "x");
    assert.equal(of.all(world).length, 1);
    assert.match(await world.event("x", "Released"), new RegExp(`the tag of another object \\(${STRANGER}\\)`));
  }, { settings: { ...QUIET, default_requeue_interval: "3600" } });

  clusterTest(`${noun} that now has another object's tag is not edited`, async (world) => {
    await world.apply(of.manifest());
    const id = String((await world.ready(kind, "x")).status?.id);
    of.tag(world, id, { [TAG]: STRANGER });
    await world.apply(of.manifest("x", { edited: true }));
    await world.blocked(kind, "x", "OwnedByAnother");
    assert.ok(of.all(world).every((one) => !of.isEdited(one) && of.tagsOf(one)?.[TAG] === STRANGER));
  }, { settings: { ...QUIET, default_requeue_interval: "3600" } });

  clusterTest(
    `${noun} with the tag of another cluster's object is not adopted by an annotation for untagged ones`,
    async (world) => {
      const id = of.add(world, { [TAG]: STRANGER });
      await world.apply(of.manifest("x", { edited: true }));
      await world.blocked(kind, "x", "OwnedByUnknown");
      await world.annotate(kind, "x", "adopt", "true");
      const { message } = await world.blocked(kind, "x", "OwnedByUnknown");
      assert.match(message, new RegExp(`^${noun} ${id} .*set annotation databricks-operator/adopt: "${STRANGER}"`));
      assert.ok(of.all(world).every((one) => !of.isEdited(one) && of.tagsOf(one)?.[TAG] === STRANGER));
      await world.annotate(kind, "x", "adopt", STRANGER);
      const { status, metadata } = await world.ready(kind, "x");
      assert.equal(status?.id, id);
      await eventually("it matches the manifest and has this object's tag", () => {
        const [one = {}] = of.all(world);
        return of.isEdited(one) && of.tagsOf(one)?.[TAG] === metadata.uid || problem(JSON.stringify(one));
      });
    },
    { settings: QUIET },
  );

  clusterTest(
    `${noun} whose create is unconfirmed is not created again after a rename in the manifest`,
    async (world) => {
      const { faults, ledger } = world.workspace;
      const hung = faults.add({ match: /^POST .*(pools\/create|pipelines)$/, hang: true, times: 1 });
      await world.apply(of.manifest());
      await eventually("the create hangs", () => hung.hits === 1);
      of.add(world, of.tagsOf(of.asked(ledger.find("POST", "").at(-1)?.body as Record<string, unknown>)) ?? {});
      await world.apply(of.manifest("y"));
      await world.ready(kind, "x");
      assert.equal(of.all(world).length, 1, JSON.stringify(of.all(world)));
    },
    { settings: IMPATIENT },
  );
}

clusterTest("a second pool with our object's tag is reported", async (world) => {
  await world.apply(pools.manifest());
  const { status, metadata } = await world.ready("DatabricksInstancePool", "x");
  const custom_tags = { [TAG]: String(metadata.uid) };
  const twin = world.workspace.kinds.pools.add({ instance_pool_name: "y", node_type_id: "m5.large", custom_tags });
  assert.match(await world.event("x", "DuplicateExternalResource"), new RegExp(`${twin} carries .*${status?.id} only`));
}, { settings: QUIET });

const cluster = () =>
  manifest("DatabricksCluster", "x", {
    cluster: {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "m5.large",
      num_workers: 1,
      autotermination_minutes: 20,
    },
  });

clusterTest(
  "the manifest of a cluster that another Kubernetes cluster manages creates no second one",
  async (world) => {
    const { clusters } = world.workspace.kinds;
    const custom_tags = { [TAG]: STRANGER };
    const id = clusters.add({ ...(cluster().spec as { cluster: object }).cluster, cluster_name: "x", custom_tags });
    await world.apply(cluster());
    const { message } = await world.blocked("DatabricksCluster", "x", "OwnedByUnknown");
    assert.match(message, new RegExp(`cluster ${id} .*adopt: "${STRANGER}"`));
    assert.equal(clusters.all().length, 1);
    await world.annotate("DatabricksCluster", "x", "adopt", STRANGER);
    assert.equal((await world.ready("DatabricksCluster", "x")).status?.id, id);
    assert.equal(clusters.all().length, 1);
  },
  { settings: QUIET },
);

clusterTest(
  "a job that loses its tag and its object's status at the same time gets the tag back without another write",
  async (world) => {
    const { jobs } = world.workspace;
    await world.apply(job("x"));
    const { status, metadata } = await world.ready("DatabricksJob", "x");
    const id = String(status?.id);
    await eventually("the tag was seen", async () => {
      // Each change of a label causes a pass.
      await world.patch("DatabricksJob", "x", { metadata: { labels: { pass: crypto.randomUUID() } } });
      return baselineOf(await world.get("DatabricksJob", "x"))?.marked === true;
    });
    jobs.edit(id, (settings) => void delete settings.tags);
    let looks = 0;
    await eventually("the tag is restored", async () => {
      const { tags } = jobs.get(id)?.settings ?? {};
      if ((tags as Record<string, string> | undefined)?.[TAG] === metadata.uid) return true;
      // A pass caused by the last label may restore the status before the operator sees that it is missing.
      if (looks++ % 100 === 0) await setBack(world, "status");
      return problem(JSON.stringify(tags));
    });
    assert.deepEqual(jobs.ids(), [id]);
  },
  { settings: QUIET },
);

/** Job "x" loses its tag, and optionally its object's status too; nothing else may be created. */
async function losesTag(world: World, { hasStatus }: { hasStatus: boolean }): Promise<void> {
  const { jobs } = world.workspace;
  const { status, metadata } = await world.ready("DatabricksJob", "x");
  const id = String(status?.id);
  jobs.edit(id, (settings) => void delete settings.tags);
  if (!hasStatus) await setBack(world, "status");
  await eventually("the tag is restored", () => {
    const { tags } = jobs.get(id)?.settings ?? {};
    return (tags as Record<string, string> | undefined)?.[TAG] === metadata.uid || problem(JSON.stringify(tags));
  });
  assert.deepEqual(jobs.ids(), [id]);
}

/** Nothing is listed except at the start. */
const SELDOM = { ...QUIET, default_requeue_interval: "3600" };

for (const hasStatus of [true, false]) {
  const lost = hasStatus ? "its tag" : "its tag and its object's status";
  clusterTest(`a job that loses ${lost} before the first look gets its tag back`, async (world) => {
    await world.startOperator({ timings: { baselineMs: 2000 } });
    await world.apply(job("x"));
    await losesTag(world, { hasStatus });
  }, { settings: SELDOM, start: false });
}

clusterTest(
  "a job that loses its tag and its object's status right after an edit gets the tag back",
  async (world) => {
    const first = await world.startOperator();
    await world.apply(job("x"));
    await eventually(
      "the tag was seen",
      async () => baselineOf(await world.get("DatabricksJob", "x"))?.marked === true,
    );
    await world.stopOperator(first);
    await world.startOperator({ timings: { baselineMs: 2000 } });
    await world.apply(job("x", { max_concurrent_runs: 7 }));
    await losesTag(world, { hasStatus: false });
  },
  { settings: SELDOM, start: false },
);
