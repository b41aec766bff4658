/** A process that sees an older state of a run object, as after a restart, does not start or lose anything. */
import assert from "node:assert/strict";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import { baselineOf, clusterTest, manifest, notebook } from "../support/harness.ts";
import { phase, RUN, started } from "../support/run_objects.ts";

const PLURAL = "databricksruns";

/** A client that records each state of a run object that it writes. */
function recording(kube: KubeClient, states: KubeObject[]): KubeClient {
  return altered(kube, (client) => ({
    patch: async (path, ...rest) => {
      const written = await client.patch(path, ...rest);
      if (path.plural === PLURAL) states.push(written);
      return written;
    },
  }));
}

/**
 * A client whose first list shows an old state; after the first attempt to write, the watch delivers the current one.
 */
function outdated(kube: KubeClient, old: KubeObject): KubeClient {
  const tried = Promise.withResolvers<void>();
  let isFirst = true;
  return altered(kube, (client) => ({
    list: async (path, options) => {
      const listed = await client.list(path, options);
      if (path.plural !== PLURAL || !isFirst) return listed;
      isFirst = false;
      const { resourceVersion = "" } = old.metadata;
      return { ...listed, metadata: { ...listed.metadata, resourceVersion }, items: [old] };
    },
    watch: async function* (path, options) {
      if (path.plural !== PLURAL) return yield* client.watch(path, options);
      await tried.promise;
      const { items, metadata } = await client.list(path);
      for (const object of items) yield { type: "MODIFIED", object };
      yield* client.watch(path, { ...options, resourceVersion: metadata.resourceVersion ?? "" });
    },
    patch: async (path, ...rest) => {
      try {
        return await client.patch(path, ...rest);
      } finally {
        if (path.plural === PLURAL) tried.resolve();
      }
    },
  }));
}

const views: Record<string, (state: KubeObject) => boolean> = {
  "as its start was announced": ({ status, metadata }) => status?.pending !== undefined && !metadata.finalizers?.length,
  "before the answer to its start": ({ status, metadata }) =>
    status?.pending !== undefined && metadata.finalizers?.length === 1,
};

for (const [when, isMeant] of Object.entries(views)) {
  clusterTest(
    `a process that sees a repaired run ${when} does not repair it again, and knows its parameters`,
    async (world) => {
      const { jobs, runs } = world.workspace;
      const states: KubeObject[] = [];
      const before = await world.startOperator({ client: recording(world.kube, states) });
      const job = jobs.add({ name: "etl", ...notebook() });
      await world.apply(manifest(RUN, "etl", { job_id: BigInt(job) }));
      const id = await started(world, "etl");
      runs.finish(id, "FAILED", "no data");
      await phase(world, "etl", "Failed");
      await world.patch(RUN, "etl", { spec: { repair: { attempt: 1 } } });
      const repaired = await phase(world, "etl", "Repairing");
      await world.stopOperator(before);

      const old = states.find(isMeant);
      assert.ok(old !== undefined, "the run was started normally");
      await world.startOperator({ client: outdated(world.kube, old) });
      runs.finish(id, "FAILED", "still no data");
      const after = await phase(world, "etl", "Failed");
      assert.deepEqual([runs.list().length, runs.require(id).repairs.length], [1, 1]);
      assert.deepEqual(after.status?.repair_request, repaired.status?.repair_request);
      assert.deepEqual(baselineOf(after), baselineOf(repaired));
      assert.equal(baselineOf(after)?.applied?.repair, undefined);
    },
    { start: false },
  );
}
