import assert from "node:assert/strict";
import { object } from "../../../tests/support/passes.ts";
import { databricksJob } from "../../resources/databricks_job.ts";
import { databricksSecret } from "../../resources/databricks_secret.ts";

Deno.test("messages use the singular for one job and the plural for several keys", () => {
  assert.equal(object(databricksJob, {}).having({ id: "7" }).pass().externalIs, "job 7 is");
  assert.equal(object(databricksSecret, {}).having({ id: "team" }).pass().externalIs, "keys of team are");
  assert.equal(object(databricksJob, {}).having({ id: "7" }).pass().externalMatches, "job 7 matches");
  assert.equal(object(databricksSecret, {}).having({ id: "team" }).pass().externalMatches, "keys of team match");
});
