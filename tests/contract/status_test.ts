/** A kind's own status fields: `show` writes each of them, and no others, which the API server would drop. */
import assert from "node:assert/strict";
import type { Resource } from "../../src/resource.ts";
import { Bench, type Fields } from "./bench.ts";
import { everyKind } from "./kinds.ts";

/** Answers of Databricks that the mock does not give right after a create. */
const later: Readonly<Record<string, readonly Fields[]>> = {
  DatabricksPipeline: [{ state: "IDLE", latest_updates: [{ update_id: "u", state: "COMPLETED" }] }],
  DatabricksRun: [
    // The status shows an update of a pipeline as a run.
    { run_id: 1, pipeline_id: "p", state: { life_cycle_state: "RUNNING" } },
    {
      run_id: 1,
      state: { life_cycle_state: "QUEUED" },
      status: { state: "QUEUED", queue_details: { code: "ACTIVE_RUNS_LIMIT_REACHED" } },
    },
    {
      run_id: 1,
      state: { life_cycle_state: "TERMINATED", result_state: "SUCCESS" },
      ...{ start_time: 1, end_time: 9, queue_duration: 1, setup_duration: 1, execution_duration: 1, run_duration: 3 },
      repair_history: [{ type: "REPAIR", id: 2, state: { life_cycle_state: "TERMINATED", result_state: "SUCCESS" } }],
      output: [{ key: "main", text: "3 rows" }],
    },
  ],
  // An endpoint that is optimized for routes.
  DatabricksServingEndpoint: [{ name: "churn", endpoint_url: "https://1.serving.example.com/churn" }],
  // An app with deployed code.
  DatabricksApp: [{ name: "a", active_deployment: { deployment_id: "1", status: { state: "SUCCEEDED" } } }],
  // On Google Cloud only.
  DatabricksStorageCredential: [{ databricks_gcp_service_account: { email: "dbx@example.com" } }],
};

everyKind(
  "each additional status field is set for at least one response of Databricks, and no others are",
  async (resource) => {
    if (resource.statusFields === undefined) return;
    const shown = new Set<string>();
    for (const observed of [...await created(resource), ...later[resource.kind] ?? []]) {
      for (const [field, value] of Object.entries(resource.show?.(observed) ?? {})) {
        if (value !== undefined) shown.add(field);
      }
    }
    assert.deepEqual([...shown].sort(), Object.keys(resource.statusFields).sort());
  },
);

/** Databricks' answers after each example was created. */
async function created(resource: Resource): Promise<Fields[]> {
  return await Promise.all(resource.examples.map(async (example) => {
    const bench = await new Bench(resource, example).prepare();
    return await bench.observe(await bench.create());
  }));
}
