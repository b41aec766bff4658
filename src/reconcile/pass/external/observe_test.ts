import assert from "node:assert/strict";
import { object } from "../../../../tests/support/passes.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { repo } from "../../../resources/repo.ts";
import { Observations } from "../../observe/observations.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Context } from "../context.ts";
import { Work } from "../work.ts";
import { looksFirst } from "./observe.ts";
import type { Managed } from "../pass.ts";

interface Situation {
  readonly resource?: typeof databricksJob;
  readonly decided?: Plan;
  readonly spec?: Record<string, unknown>;
  readonly tag?: string;
  /** True when sweeps fail. */
  readonly isStuck?: boolean;
  /** True when the resource was seen in this pass. */
  readonly isSeen?: boolean;
}

const update = (cause: "manifest" | "drift" | "doubt"): Plan => ({ action: "update", cause, changes: ["name"] });

/** True if a resource that was observed must be read once more before a write. */
function looks(situation: Situation): boolean {
  const { resource = databricksJob, decided = { action: "none" }, spec = {}, tag = "owner" } = situation;
  const observations = new Observations();
  const seenBefore = observations.begin();
  const begun = observations.begin();
  observations.put("5", {}, situation.isSeen ? observations.begin() : seenBefore);
  const here = { observations, sweeper: { isStuck: situation.isStuck ?? false } };
  const managed = { connection: { settings: { ownershipTag: tag } }, spec } as unknown as Managed;
  const pass = object(resource, {}).having({ id: "5", run_request: { hash: "known" } }).pass();
  return looksFirst(new Work({ state: { in: () => here } } as unknown as Context, pass, managed), { decided, begun });
}

Deno.test("a resource that may have got another object's tag is not written or run without a look", () => {
  assert.equal(looks({ decided: update("manifest") }), true, "an edit");
  assert.equal(looks({ spec: { run: {} } }), true, "a run");
  assert.equal(looks({ decided: update("drift"), isStuck: true }), true, "a repair, before a sweep shows it");
  assert.equal(
    looks({ decided: update("doubt"), isStuck: true }),
    true,
    "an unconfirmed create, before a sweep shows it",
  );
});

Deno.test("a resource seen in this pass or by the last sweep costs no further call", () => {
  assert.equal(looks({ decided: update("manifest"), isSeen: true }), false);
  assert.equal(looks({ spec: { run: {} }, isSeen: true }), false);
  assert.equal(looks({ decided: update("drift") }), false);
  assert.equal(looks({ isStuck: true }), false, "nothing is to be done");
});

Deno.test("a kind without tags is not looked at for one", () => {
  assert.equal(looks({ decided: update("manifest"), tag: "" }), false);
  assert.equal(looks({ decided: update("manifest"), resource: repo }), false);
});
