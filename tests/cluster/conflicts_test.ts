/** Writes that the API server refuses because of a concurrent write. */
import assert from "node:assert/strict";
import { KubeError } from "../../src/kubernetes/client.ts";
import { altered } from "../support/altered_client.ts";
import { clusterTest, eventually, job } from "../support/harness.ts";

clusterTest("a status write that always conflicts is not retried ten times a second", async (world) => {
  const tried: number[] = [];
  const client = altered(world.kube, (client) => ({
    patch: (path, name, patch, options) => {
      if (path.plural !== "databricksjobs" || tried.length === 6) return client.patch(path, name, patch, options);
      tried.push(performance.now());
      return Promise.reject(new KubeError("the object has been modified", { status: 409, reason: "Conflict" }));
    },
  }));
  await world.startOperator({ client });
  await world.apply(job("etl"));
  await eventually("some writes have failed", () => tried.length === 6);
  const [last = 0, before = 0] = tried.toReversed();
  assert.ok(last - before > 1000, `the sixth came ${Math.round(last - before)} ms after the fifth`);
  await world.ready("DatabricksJob", "etl");
}, { start: false });
