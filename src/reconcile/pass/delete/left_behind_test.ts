import assert from "node:assert/strict";
import { object } from "../../../../tests/support/passes.ts";
import { CredentialsError } from "../../../databricks/auth.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { BlockedError } from "../../object/outcome.ts";
import { leftBehind, withoutCredentials } from "./left_behind.ts";

const missing = new CredentialsError("ServiceAccount team/etl does not exist");

/** An object's deletion. */
const pass = () => object(databricksJob, {}).having({ id: "7", workspace: "https://a" }).pass();

/** A wait of this many ms, in a namespace that is or is not being deleted. */
function waiting(waitMs: number, { isEnding }: { isEnding: boolean }) {
  const metadata = isEnding ? { name: "team", deletionTimestamp: "2026-01-01T00:00:00Z" } : { name: "team" };
  return { waitMs, client: { get: () => Promise.resolve({ metadata }) } };
}

Deno.test("an object is released when its namespace's ServiceAccount is gone", async () => {
  assert.deepEqual(await withoutCredentials(pass(), missing, waiting(5000, { isEnding: true })), { afterMs: 1000 });
  assert.equal(await withoutCredentials(pass(), missing, waiting(0, { isEnding: true })), "abandon");
});

Deno.test("in an active namespace, and for another error, nothing is abandoned", async () => {
  await assert.rejects(withoutCredentials(pass(), missing, waiting(0, { isEnding: false })), missing);
  const other = new BlockedError("InvalidSpec", "no");
  await assert.rejects(withoutCredentials(pass(), other, waiting(0, { isEnding: true })), other);
});

Deno.test("a resource that an unanswered create may have made is reported as left in its workspace", () => {
  const pending = { operation: "create", token: "t", since: "2026-01-01T00:00:00Z", absent: true } as const;
  const pass = object(databricksJob, {}).having({ pending: { ...pending, workspace: "https://a" } }).pass();
  assert.match(leftBehind(pass), /^Left what was made for job ".*", if anything, behind in workspace "https:\/\/a"/);
});
