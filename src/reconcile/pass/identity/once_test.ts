import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed, object } from "../../../../tests/support/passes.ts";
import { databricksRun } from "../../../resources/databricks_run.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Status } from "../../object/status.ts";
import { identify } from "./identity.ts";

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** The identity for an hour-old run object that only its status mentions, while its job ran half an hour ago. */
async function ofOldRun(status: Status | undefined): Promise<string> {
  const workspace = new MockWorkspace({ now: () => NOW - HOUR / 2 });
  const job = workspace.jobs.add({ name: "etl", tasks: [] });
  workspace.runs.runNow(job, {});
  const built = object(databricksRun, { job_id: BigInt(job) });
  const pass = (status === undefined ? built : built.having(status)).pass();
  pass.object.metadata.creationTimestamp = new Date(NOW - HOUR).toISOString();
  const nobody = () => new Map<string, string>();
  const options = { holders: nobody, owners: nobody, isKnown: () => false, knownMs: 0, now: NOW, settleMs: 0 };
  try {
    return (await identify(pass, managed(pass, connectionTo(workspace)), options)).how;
  } catch (error) {
    assert.ok(error instanceof BlockedError, String(error));
    return error.reason;
  }
}

Deno.test("a run whose object lost status and finalizer long ago is not started again with a token that may be forgotten", async () => {
  assert.equal(await ofOldRun(undefined), "AlreadyExists");
});

Deno.test("a run that its doubt still holds back does not start because the doubt was recorded", async () => {
  const synced = { type: "Synced", status: "False", reason: "AlreadyExists", message: "", lastTransitionTime: "" };
  assert.equal(await ofOldRun({ observedGeneration: 1, conditions: [synced] as never }), "AlreadyExists");
});

Deno.test("a run that waited for long is started, whoever ran its job meanwhile", async () => {
  assert.equal(await ofOldRun({ observedGeneration: 1 }), "none");
});
