/** Runs docs/adopt.md and docs/bundles.md literally, after docs/practise.md. */
import assert from "node:assert/strict";
import { clusterTest } from "../support/harness.ts";
import { followPage } from "../support/practice.ts";

/** The write calls, by method and path. */
function writesIn(calls: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(calls).filter(([call]) => !call.startsWith("GET ")));
}

clusterTest(
  "every command of docs/adopt.md works as shown, and writes nothing to Databricks",
  async (world) => {
    const { compared, calls } = await followPage(world, "docs/adopt.md");
    assert.equal(compared, 6);
    assert.deepEqual(writesIn(calls), {
      "POST /api/2.2/jobs/create": 2,
      "POST /api/2.0/sql/warehouses": 1,
      "POST /api/2.0/secrets/scopes/create": 1,
    }, "only calls that filled the mock");
  },
  { start: false, settings: null, needs: ["kubectl"] },
);

clusterTest(
  "every command of docs/bundles.md works as shown, and writes nothing to Databricks",
  async (world) => {
    const { compared, calls } = await followPage(world, "docs/bundles.md");
    assert.equal(compared, 4);
    assert.deepEqual(writesIn(calls), { "POST /api/2.2/jobs/create": 2 }, "only calls that filled the mock");
  },
  { start: false, settings: null, needs: ["kubectl"] },
);
