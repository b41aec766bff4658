import assert from "node:assert/strict";
import { object } from "../../../tests/support/passes.ts";
import { FakeClock } from "../../base/clock_fake.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import { scriptedServer } from "../../kubernetes/server_fake.ts";
import { databricksJob } from "../../resources/databricks_job.ts";
import { databricksSecret } from "../../resources/databricks_secret.ts";
import { Pass } from "./pass.ts";

/**
 * Returns `Pass.isUninstalling`, which decides to keep what is in Databricks, for an API server that serves these verbs
 * of these resources.
 */
async function isUninstalling(...resources: { name: string; verbs: string[] }[]): Promise<boolean> {
  await using server = scriptedServer();
  const pass = new Pass({
    key: "team/etl",
    object: { metadata: { name: "etl", namespace: "team" } },
    resource: databricksJob,
    client: server.client,
    clock: new FakeClock(),
    events: {} as EventRecorder,
    state: { expectStatus: () => {}, observeWrite: () => {} },
  });
  const answer = pass.isUninstalling();
  answer.catch(() => {});
  (await server.next()).json({ resources });
  return await answer;
}

Deno.test("a kind that takes new objects is no uninstall", async () => {
  assert.equal(await isUninstalling({ name: "databricksjobs", verbs: ["create", "delete", "patch"] }), false);
});

Deno.test("a kind that takes no new objects is one", async () => {
  const other = { name: "repos", verbs: ["create"] };
  assert.equal(
    await isUninstalling(other, { name: "databricksjobs", verbs: ["delete", "get", "list", "watch"] }),
    true,
  );
});

Deno.test("a kind that is not served at the moment is neither, and nothing is deleted", async () => {
  const expected = { name: "BlockedError", reason: "CrdMissing", wait: "retry" };
  await assert.rejects(isUninstalling({ name: "repos", verbs: ["create"] }), expected);
});

Deno.test("one job matches the manifest, and several keys match it", () => {
  assert.equal(object(databricksJob, {}).having({ id: "7" }).pass().externalIs, "job 7 is");
  assert.equal(object(databricksSecret, {}).having({ id: "team" }).pass().externalIs, "keys of team are");
  assert.equal(object(databricksJob, {}).having({ id: "7" }).pass().externalMatches, "job 7 matches");
  assert.equal(object(databricksSecret, {}).having({ id: "team" }).pass().externalMatches, "keys of team match");
});
