import assert from "node:assert/strict";
import { object } from "../../../../tests/support/passes.ts";
import { scriptedServer } from "../../../kubernetes/server_fake.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { isUninstalling } from "./surroundings.ts";

/**
 * Returns {@link isUninstalling}, which decides to keep what is in Databricks, for an API server that serves these verbs
 * of these resources.
 */
async function uninstalls(...resources: { name: string; verbs: string[] }[]): Promise<boolean> {
  await using server = scriptedServer();
  const pass = object(databricksJob, {}).pass();
  const answer = isUninstalling(server.client, pass);
  answer.catch(() => {});
  (await server.next()).json({ resources });
  return await answer;
}

Deno.test("a kind that accepts new objects is not being uninstalled", async () => {
  assert.equal(await uninstalls({ name: "databricksjobs", verbs: ["create", "delete", "patch"] }), false);
});

Deno.test("a kind that accepts no new objects is being uninstalled", async () => {
  const other = { name: "repos", verbs: ["create"] };
  assert.equal(
    await uninstalls(other, { name: "databricksjobs", verbs: ["delete", "get", "list", "watch"] }),
    true,
  );
});

Deno.test("a kind that is temporarily not served is not being uninstalled, and nothing is deleted", async () => {
  const expected = { name: "BlockedError", reason: "CrdMissing", wait: "retry" };
  await assert.rejects(uninstalls({ name: "repos", verbs: ["create"] }), expected);
});
