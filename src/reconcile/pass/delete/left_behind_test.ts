import assert from "node:assert/strict";
import { object } from "../../../../tests/support/passes.ts";
import { CredentialsError } from "../../../databricks/auth.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { BlockedError } from "../../object/outcome.ts";
import { leftBehind, withoutCredentials } from "./left_behind.ts";

const missing = new CredentialsError("ServiceAccount team/etl does not exist");

/** An object's deletion in a namespace that is being deleted, or lives. */
function deletion({ isEnding }: { isEnding: boolean }) {
  const pass = object(databricksJob, {}).having({ id: "7", workspace: "https://a" }).pass();
  return Object.assign(pass, { isNamespaceEnding: () => Promise.resolve(isEnding) });
}

Deno.test("a ServiceAccount that went with its namespace does not hold an object there for ever", async () => {
  assert.deepEqual(await withoutCredentials(deletion({ isEnding: true }), missing, 5000), { afterMs: 1000 });
  assert.equal(await withoutCredentials(deletion({ isEnding: true }), missing, 0), "abandon");
});

Deno.test("in a namespace that lives, and for another error, nothing is abandoned", async () => {
  await assert.rejects(withoutCredentials(deletion({ isEnding: false }), missing, 0), missing);
  const other = new BlockedError("InvalidSpec", "no");
  await assert.rejects(withoutCredentials(deletion({ isEnding: true }), other, 0), other);
});

Deno.test("what an unanswered create may have made is said to be left in the workspace where it was begun", () => {
  const pending = { operation: "create", token: "t", since: "2026-01-01T00:00:00Z", absent: true } as const;
  const pass = object(databricksJob, {}).having({ pending: { ...pending, workspace: "https://a" } }).pass();
  assert.match(leftBehind(pass), /^Left what was made for job ".*", if anything, behind in workspace "https:\/\/a"/);
});
