/** A cluster's life, and its cost. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, manifest, problem, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksCluster";
const PATH = "/api/2.1/clusters";
const LIST = `${PATH}/list`;

const cluster = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "notebooks", {
    cluster: {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "m5.large",
      num_workers: 1,
      autotermination_minutes: 20,
      ...more,
    },
  });

type Told = Record<string, unknown> & { cluster_id: string; custom_tags?: Record<string, string> };

function only(world: World): Told {
  const all = world.workspace.kinds.clusters.all();
  assert.equal(all.length, 1, JSON.stringify(all));
  return all[0] as Told;
}

const count = (world: World, call: string) => world.workspace.ledger.count("POST", `${PATH}/${call}`);

async function applied(world: World, more: Record<string, unknown> = {}): Promise<string> {
  await world.apply(cluster(more));
  return String((await world.ready(KIND, "notebooks")).status?.id);
}

/** Waits until the object is not Ready with this reason, and returns the message. */
async function unready(world: World, reason: string): Promise<string> {
  return await eventually(`it is not Ready: ${reason}`, async () => {
    const ready = condition(await world.get(KIND, "notebooks"), "Ready");
    return ready?.status === "False" && ready.reason === reason ? ready.message : problem(JSON.stringify(ready));
  });
}

for (const missingCluster of ["INVALID_PARAMETER_VALUE", "INVALID_STATE"] as const) {
  clusterTest(`a cluster is created, repaired, edited and deleted: ${missingCluster}`, async (world) => {
    const { clusters } = world.workspace.kinds;
    const id = await applied(world, { custom_tags: { team: "data" } });
    const { metadata } = await world.ready(KIND, "notebooks");
    assert.equal(only(world).cluster_name, "notebooks", "metadata.name is the name");
    assert.deepEqual(only(world).custom_tags, { team: "data", "databricks-kube-operator": metadata.uid });
    world.workspace.ledger.clear();
    await sweeps(world.workspace, LIST, 3);
    assert.deepEqual(
      world.workspace.ledger.writes(),
      [],
      "our tag, defaults and fields that Databricks sets are not drift",
    );
    clusters.edit(id, { node_type_id: "m5.24xlarge" });
    await world.event("notebooks", "DriftCorrected");
    assert.equal(only(world).node_type_id, "m5.large");
    clusters.remove(id);
    await world.event("notebooks", "ExternalResourceMissing");
    await world.ready(KIND, "notebooks");
    only(world);
    await world.delete(KIND, "notebooks");
    await world.gone(KIND, "notebooks");
    assert.deepEqual(clusters.all(), []);
  }, { mock: { doubts: { missingCluster } } });
}

clusterTest("a cluster that terminates by itself is Ready, and is neither started nor created again", async (world) => {
  const id = await applied(world);
  world.workspace.kinds.clusters.idle(id);
  world.workspace.ledger.clear();
  await eventually("its state is shown", async () => {
    return (await world.get(KIND, "notebooks"))?.status?.state === "TERMINATED";
  });
  await sweeps(world.workspace, LIST, 2);
  await world.ready(KIND, "notebooks");
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest(
  "another size is a resize while the cluster runs, and an edit while it is terminated, without a restart",
  async (world) => {
    const id = await applied(world);
    await world.apply(cluster({ num_workers: 3 }));
    await eventually("it is resized", () => only(world).num_workers === 3);
    assert.deepEqual([count(world, "resize"), count(world, "edit")], [1, 0]);
    await world.ready(KIND, "notebooks");
    world.workspace.kinds.clusters.idle(id);
    await world.apply(cluster({ num_workers: 2 }));
    await eventually("it is edited", () => only(world).num_workers === 2);
    assert.deepEqual([count(world, "resize"), count(world, "edit"), count(world, "start")], [1, 1, 0]);
  },
);

clusterTest("tags wait until a cluster is terminated, since an edit would restart it", async (world) => {
  const id = await applied(world, { custom_tags: { team: "data" } });
  await world.apply(cluster({ custom_tags: { team: "finance" } }));
  const message = await unready(world, "ExternalBusy");
  assert.match(message, /an edit would restart it: its tags are set when it is terminated/);
  assert.equal(count(world, "edit"), 0);
  world.workspace.kinds.clusters.idle(id);
  await eventually("the tag is set", () => only(world).custom_tags?.team === "finance");
  await world.ready(KIND, "notebooks");
  assert.equal(only(world).state, "TERMINATED");
});

clusterTest("removing our tag restarts no cluster", async (world) => {
  const id = await applied(world);
  world.workspace.kinds.clusters.edit(id, { custom_tags: undefined });
  world.workspace.ledger.clear();
  await sweeps(world.workspace, LIST, 3);
  assert.deepEqual(world.workspace.ledger.writes(), []);
  await world.ready(KIND, "notebooks");
});

clusterTest(
  "lifecycle.started: false terminates a cluster right after its create, and again when somebody starts it",
  async (world) => {
    const id = await applied(world, { lifecycle: { started: false } });
    await eventually("it is terminated", () => only(world).state === "TERMINATED");
    assert.deepEqual([count(world, "create"), count(world, "delete")], [1, 1]);
    world.workspace.kinds.clusters.start(id);
    await eventually("it is terminated again", () => count(world, "delete") === 2);
  },
);

clusterTest(
  "a cluster that fails to start says why, is not retried, and becomes Ready after a correction",
  async (world) => {
    const id = await applied(world);
    const { clusters } = world.workspace.kinds;
    clusters.idle(id);
    clusters.breaks(id, "no instances left");
    clusters.start(id);
    const message = await unready(world, "ExternalFailed");
    assert.match(message, /CLOUD_PROVIDER_LAUNCH_FAILURE: no instances left/);
    assert.equal(count(world, "start"), 0);
    clusters.breaks(id, undefined);
    clusters.start(id);
    await world.ready(KIND, "notebooks");
  },
);

clusterTest("a cluster whose create lost its response is found by its tag, and not created again", async (world) => {
  world.workspace.faults.add({ match: `${PATH}/create`, effect: "kept", cut: "before-headers", times: 1 });
  await applied(world);
  only(world);
});

clusterTest("an unmanaged cluster of the same name is left alone", async (world) => {
  const { clusters } = world.workspace.kinds;
  const theirs = { cluster_name: "notebooks", spark_version: "14.3.x-scala2.12", num_workers: 8 };
  const other = clusters.add(theirs, "anna@example.com");
  const id = await applied(world);
  assert.notEqual(id, other, "names are not unique");
  assert.equal(clusters.get(other)?.num_workers, 8);
});

clusterTest(
  "the API server rejects a cluster without autotermination_minutes, or with an invalid combination",
  async (world) => {
    const without = cluster();
    delete (without.spec as { cluster: Record<string, unknown> }).cluster.autotermination_minutes;
    await assert.rejects(world.apply(without), /autotermination_minutes is missing/);
    await assert.rejects(world.apply(cluster({ lifecycle: { started: true } })), /autotermination_minutes must be 0/);
    await assert.rejects(world.apply(cluster({ autoscale: { min_workers: 1, max_workers: 2 } })), /exclude each other/);
  },
);

clusterTest("a job refers to a cluster by its object, and a cluster to a policy and a pool", async (world) => {
  await world.apply(job("nightly", {
    tasks: [{ task_key: "t", existing_cluster_ref: { name: "notebooks" }, notebook_task: { notebook_path: "/a" } }],
  }));
  await world.apply(cluster({ policy_ref: { name: "p" }, instance_pool_ref: { name: "i" }, node_type_id: undefined }));
  await world.apply(manifest("DatabricksClusterPolicy", "p", { policy: { definition: "{}" } }));
  await world.apply(manifest("DatabricksInstancePool", "i", { pool: { node_type_id: "m5.large" } }));
  const { status } = await world.ready("DatabricksJob", "nightly");
  const [task] = world.workspace.jobs.get(String(status?.id))?.settings.tasks ?? [];
  const { cluster_id, policy_id, instance_pool_id } = only(world);
  assert.equal(task.existing_cluster_id, cluster_id);
  assert.equal(policy_id, (await world.get("DatabricksClusterPolicy", "p"))?.status?.id);
  assert.equal(instance_pool_id, (await world.get("DatabricksInstancePool", "i"))?.status?.id);
}, { settings: { ingest: "false" } });
