/** A registered model's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, sweeps } from "../support/harness.ts";

const KIND = "DatabricksRegisteredModel";
const NAME = "main.default.churn";

const model = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "churn", { registered_model: { catalog_name: "Main", schema_name: "default", ...more } });

clusterTest(
  "a registered model is created, repaired and edited, and stays when its object is deleted",
  async (world) => {
    const { catalog } = world.workspace.kinds;
    await world.apply(model({ comment: "Who may leave" }));
    assert.equal((await world.ready(KIND, "churn")).status?.id, NAME);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, "/api/2.1/unity-catalog/models", 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    catalog.edit(NAME, { comment: "Edited" });
    await world.event("churn", "DriftCorrected");
    assert.equal(catalog.get(NAME)?.comment, "Who may leave");
    await world.apply(model({ comment: "Who may leave", owner: "data-scientists" }));
    await world.event("churn", "Updated");
    assert.equal(catalog.get(NAME)?.owner, "data-scientists");
    await world.delete(KIND, "churn");
    await world.gone(KIND, "churn");
    assert.notEqual(catalog.get(NAME), undefined);
  },
);

clusterTest(
  "a registered model is deleted with its object on request, and a rejection names the remedy",
  async (world) => {
    await world.apply(model());
    await world.ready(KIND, "churn");
    await world.annotate(KIND, "churn", "deletion-policy", "delete");
    const refusal = { error_code: "INVALID_STATE", message: "The model is not empty: it has versions" };
    const refused = world.workspace.faults.add({
      match: `DELETE /api/2.1/unity-catalog/models`,
      status: 400,
      body: refusal,
    });
    await world.delete(KIND, "churn");
    const message = await world.event("churn", "InvalidRequest");
    assert.match(message, /delete its versions first; or set annotation databricks-operator\/deletion-policy: retain/);
    assert.doesNotMatch(message, /force_destroy/);
    refused.remove();
    await world.gone(KIND, "churn");
    assert.equal(world.workspace.kinds.catalog.get(NAME), undefined);
  },
);
