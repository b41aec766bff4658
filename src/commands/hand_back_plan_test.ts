import assert from "node:assert/strict";
import type { KubeObject, ObjectMeta } from "../kubernetes/object.ts";
import { resources } from "../resources/mod.ts";
import { type HandBackPlan, planHandBack } from "./hand_back_plan.ts";

const OURS = "databricks-operator/external-resource";
const REMOTE = "databricks-operator/remote_api_resource";
const ID = "901234567890123457";

function job(metadata: ObjectMeta, status?: Record<string, unknown>, job: Record<string, unknown> = {}): KubeObject {
  return { metadata, spec: { job }, ...status && { status } };
}

const cases: [claim: string, object: KubeObject, expected: Partial<HandBackPlan> | RegExp][] = [
  ["a bound job gets its exact id and the predecessor's finalizer, others keep theirs", {
    ...job({ finalizers: ["example.com/mine", OURS] }, { id: ID, baseline: {}, latest_run_state: {} }),
  }, {
    action: "give",
    patch: { metadata: { finalizers: ["example.com/mine", REMOTE] }, spec: { job: { job_id: BigInt(ID) } } },
    statusPatch: { id: null, baseline: null },
  }],
  ["an id that was replaced since is corrected", job({ finalizers: [OURS] }, { id: ID }, { job_id: 7 }), {
    patch: { metadata: { finalizers: [REMOTE] }, spec: { job: { job_id: BigInt(ID) } } },
  }],
  [
    "a command that stopped after the first write clears the status when it runs again",
    job({ finalizers: [REMOTE] }, { id: ID }, { job_id: BigInt(ID) }),
    { patch: undefined, statusPatch: { id: null } },
  ],
  ["an api-owned job is unchanged", job({}, { id: ID }, { job_id: BigInt(ID) }), { patch: undefined }],
  [
    "an object that Databricks rejected is released without a finalizer",
    job({ finalizers: [OURS] }, { create_refused: true }),
    {
      patch: { metadata: { finalizers: [] } },
      statusPatch: { create_refused: null },
    },
  ],
  ["an object that was given back is left alone", job({ finalizers: [REMOTE] }, undefined, { job_id: 7 }), {
    action: "none",
  }],
  ["an object that was never bound is left alone", job({}, { conditions: [] }), { action: "none" }],
  ["an unconfirmed create is rejected", job({ finalizers: [OURS] }, { pending: {} }), /until it is Ready/],
  ["a lost status is rejected", job({ finalizers: [OURS] }), /has lost its status/],
  [
    "a deletion in progress is rejected",
    job({ finalizers: [OURS], deletionTimestamp: "2026-01-01T00:00:00Z" }, { id: ID }),
    /is being deleted/,
  ],
];

for (const [claim, object, expected] of cases) {
  Deno.test(`hand-back: ${claim}`, () => {
    const plan = planHandBack("DatabricksJob", object);
    if (expected instanceof RegExp) return assert.match(plan.action === "refuse" ? plan.why : plan.action, expected);
    for (const [field, value] of Object.entries(expected)) {
      assert.deepEqual(plan[field as keyof HandBackPlan], value, field);
    }
  });
}

Deno.test("hand-back: it warns of features that the Rust operator does not know", () => {
  const annotations = { "databricks-operator/paused": "true", "databricks-operator/deletion-policy": "retain" };
  const plan = planHandBack("DatabricksJob", job({ finalizers: [OURS], annotations }, { id: ID }));
  assert.equal(plan.action === "give" && plan.warnings.length, 2);
});

Deno.test("hand-back: a kind that the Rust operator does not have is left alone", () => {
  assert.equal(planHandBack("ClusterPolicy", job({ finalizers: [OURS] }, { id: ID })).action, "none");
});

/** The kinds that the Rust operator has. */
const ofPredecessor = ["DatabricksJob", "GitCredential", "Repo", "DatabricksSecretScope", "DatabricksSecret"];

Deno.test("hand-back: every kind with an id in spec gets it in the field that a take-over reads", () => {
  for (const { kind, specId, spec, examples } of resources) {
    const object = { metadata: { finalizers: [OURS] }, spec: structuredClone(examples[0]?.spec), status: { id: ID } };
    const plan = planHandBack(kind, object as KubeObject);
    if (!ofPredecessor.includes(kind)) {
      assert.deepEqual(plan, { action: "none", why: "the Rust operator has no such kind" }, kind);
      continue;
    }
    assert.ok(plan.action === "give", kind);
    for (const [field, value] of Object.entries((plan.patch?.spec ?? {}) as Record<string, object>)) {
      Object.assign(object.spec?.[field] as object, value);
    }
    assert.equal(specId?.(spec.parse(object.spec) as Record<string, unknown>), specId && ID, kind);
  }
});
