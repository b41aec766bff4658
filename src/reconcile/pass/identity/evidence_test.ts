import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed, object, type ObjectBuilder, UID } from "../../../../tests/support/passes.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { BlockedError } from "../../object/outcome.ts";
import { identify } from "./identity.ts";
import { withoutClones } from "./evidence.ts";
import type { Managed, Pass } from "../pass.ts";

const FORMER = "00000000-0000-4000-8000-000000000001";

/** The ids of the jobs with the object's tag that count as its own, by their creators. */
async function ownOf(creators: readonly (string | undefined)[], { us = "operator@example.com", adopt = "" } = {}) {
  const annotations = { "databricks-operator/adopt": adopt };
  const resource = {
    made: ({ by }: { by?: string }) => ({ by }),
    external: { self: () => Promise.resolve(us) },
  };
  const pass = { resource, object: { metadata: { annotations } } } as unknown as Pass;
  const marked = creators.map((by, index) => ({ id: String(index), observed: by === undefined ? {} : { by } }));
  return (await withoutClones(pass, { connection: {} } as Managed, marked)).map(({ id }) => id);
}

Deno.test("a job with our tag that another user created is not taken, unless the author names the tag", async () => {
  assert.deepEqual(await ownOf(["ann@example.com", "Operator@example.com"]), ["1"]);
  assert.deepEqual(await ownOf(["ann@example.com"]), []);
  assert.deepEqual(await ownOf(["ann@example.com"], { adopt: "true" }), []);
  assert.deepEqual(await ownOf(["ann@example.com"], { adopt: FORMER }), ["0"]);
});

Deno.test("if the creator of a job or our own user is unknown, the tag is trusted", async () => {
  assert.deepEqual(await ownOf([undefined, "ann@example.com"]), ["0"]);
  assert.deepEqual(await ownOf(["ann@example.com"], { us: "" }), ["0"]);
});

const NOW = Date.UTC(2026, 0, 1);
const SETTLE = 10_000;
const settings = { name: "etl", tasks: [{ task_key: "a", notebook_task: { notebook_path: "/x" } }] };
const job = () => object(databricksJob, { job: { settings } }).finalized();

/** The status of a create that began this long ago (ms), and ended without an answer. */
function inDoubt(agoMs: number, operation: "create" | "recreate") {
  const at = new Date(NOW - agoMs).toISOString();
  return { pending: { operation, token: "t", since: at, until: at, absent: true } };
}

/** The outcome for an object beside a job with its tag that a person created some time ago (ms). */
async function besideClone(agoMs: number, built: ObjectBuilder): Promise<string> {
  const workspace = new MockWorkspace({ now: () => NOW });
  const clone = workspace.jobs.add({ ...settings, tags: { "databricks-kube-operator": UID } }, {
    creator: "ann@example.com",
  });
  workspace.jobs.require(clone).created_time = NOW - agoMs;
  const pass = built.pass();
  const since = Date.parse(pass.status.pending?.since ?? new Date(NOW).toISOString());
  const options = {
    holders: () => new Map(),
    owners: () => new Map(),
    isKnown: () => false,
    knownMs: NOW - since,
    now: NOW,
    settleMs: SETTLE,
  };
  try {
    const identity = await identify(pass, managed(pass, connectionTo(workspace)), options);
    return "id" in identity && identity.id === clone ? `${identity.how} the clone` : identity.how;
  } catch (error) {
    assert.ok(error instanceof BlockedError, String(error));
    return error.reason;
  }
}

Deno.test("during a recreate, a person's clone with our tag is not the successor", async () => {
  const recreate = (agoMs: number) => job().having({ id: "5", ...inDoubt(agoMs, "recreate") });
  assert.equal(await besideClone(3_600_000, recreate(1)), "wait");
  assert.equal(await besideClone(3_600_000, recreate(SETTLE)), "none");
});

Deno.test("a resource with our tag that another user created during our attempt is neither taken nor duplicated", async () => {
  assert.equal(await besideClone(0, job().having({ id: "5", ...inDoubt(SETTLE, "recreate") })), "AlreadyExists");
});

Deno.test("without a known id, a person must decide about a resource with our tag that another user created", async () => {
  assert.equal(await besideClone(3_600_000, job()), "AlreadyExists");
  assert.equal(await besideClone(3_600_000, job().having(inDoubt(SETTLE, "create"))), "AlreadyExists");
});

Deno.test("a clone that adopt permits is still a person's: an object that never took it does not delete it", async () => {
  assert.equal(await besideClone(3_600_000, job().annotated({ adopt: "true" })), "adopt the clone");
});
