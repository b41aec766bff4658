/** The writes to Kubernetes for a create, and their order. */
import assert from "node:assert/strict";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, job, manifest, notebook } from "../support/harness.ts";

/** The default intervals, so that no sweep is due during a test. */
const settings = { ingest: "false", default_requeue_interval: "300", status_poll_interval: "60" };

clusterTest("a job's create causes four writes to its object and one Event", async (world) => {
  const written: string[] = [];
  const client = altered(world.kube, (kube) => ({
    create: (path, object) => {
      written.push(`create ${path.plural}`);
      return kube.create(path, object);
    },
    patch: (path, name, patch, options) => {
      const { status = {} } = patch as { status?: Record<string, unknown> };
      written.push(`patch ${path.plural} ${options?.subresource ?? ""} ${Object.keys(status).sort()}`);
      return kube.patch(path, name, patch, options);
    },
  }));
  await world.startOperator({ client });
  // The first object of a kind also waits for the kind's first list.
  await world.apply(job("first"));
  await world.ready("DatabricksJob", "first");
  await eventually("it was observed", () => written.some((line) => line.endsWith(" fingerprints")));
  written.length = 0;
  await world.apply(job("second"));
  await eventually("it was observed", () => written.some((line) => line.endsWith(" fingerprints")));
  // An Event is written concurrently.
  assert.deepEqual(written.filter((line) => line !== "create events"), [
    "patch databricksjobs status conditions,observedGeneration,owner,pending,principal",
    "patch databricksjobs  ",
    "patch databricksjobs status conditions,fingerprints,id,latest_run_state,pending,url,workspace",
    "patch databricksjobs status fingerprints",
  ]);
  assert.equal(written.filter((line) => line === "create events").length, 1);
}, { start: false, settings });

clusterTest("a new job's id is in its status before its permissions are read", async (world) => {
  using _hanging = world.workspace.faults.add({ match: "permissions/jobs", latencyMs: 20_000 });
  const permissions = [{ group_name: "users", level: "CAN_VIEW" }];
  await world.apply(manifest("DatabricksJob", "etl", { job: { settings: notebook() }, permissions }));
  const { status } = await eventually("the id is written", async () => {
    const object = await world.get("DatabricksJob", "etl");
    return object?.status?.id === undefined ? false : object;
  }, { patience: 10_000 });
  assert.deepEqual(world.workspace.jobs.ids(), [status?.id]);
  assert.equal(status?.pending, undefined);
}, { settings });
