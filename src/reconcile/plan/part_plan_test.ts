import assert from "node:assert/strict";
import fc from "fast-check";
import type { ObservedPart } from "../../resource.ts";
import { type PartPlan, type PartSituation, planParts } from "./part_plan.ts";
import type { RecordedPart } from "../object/status.ts";

/** ACLs: exclusive, and they can be read back. */
const acls: PartSituation = {
  desired: {},
  observed: {},
  recorded: {},
  changed: new Set(),
  claimed: new Set(),
  exclusive: true,
  writeOnly: false,
};
/** Keys of a scope: shared with others, and write-only. */
const keys: PartSituation = { ...acls, exclusive: false, writeOnly: true };
const nothing: PartPlan = {
  ...{ put: [], delete: [], keep: [], forget: [], foreign: [], conflicts: [], drifted: [] },
  ...{ later: [], merged: [] },
};

const table: [name: string, situation: PartSituation, plan: Partial<PartPlan>][] = [
  ["no parts desired, no parts present", keys, {}],
  ["a missing key is sent", { ...keys, desired: { a: 1 } }, { put: ["a"] }],
  [
    "of two keys that differ only in case, the second waits for the result of the first",
    cased({ desired: { Key: 1, key: 2, other: 3 } }),
    { put: ["Key", "other"], later: ["key"] },
  ],
  [
    "a key that was just sent is not sent again because a list does not show it yet",
    cased({ desired: { Key: 1, key: 2 }, recorded: { Key: {} }, done: new Set(["Key"]) }),
    { put: ["key"] },
  ],
  [
    "two keys of which one overwrote the other are the same key, and are not sent again",
    cased({
      desired: { Key: 1, key: 2 },
      observed: { Key: { stamp: "2" } },
      recorded: { Key: { stamp: "1" }, key: { stamp: "2" } },
    }),
    { merged: ["Key", "key"] },
  ],
  [
    "a key that somebody deleted is sent again although another one differs from it only in case",
    cased({
      desired: { Key: 1, key: 2 },
      observed: { Key: { stamp: "1" } },
      recorded: { Key: { stamp: "1" }, key: { stamp: "2" } },
    }),
    { put: ["key"], drifted: ["key"] },
  ],
  [
    "an unmanaged key that differs only in case may be the desired one",
    cased({ desired: { key: 1 }, observed: { Key: { stamp: "1" } }, mayTake: () => false }),
    { foreign: ["key"] },
  ],
  ["a key that was sent and not changed stays", sentKey({}), {}],
  ["a key whose value changed in its Secret is sent", sentKey({ changed: new Set(["a"]) }), { put: ["a"] }],
  [
    "a key that somebody else changed is sent again, as drift",
    sentKey({ observed: { a: { stamp: "2" } } }),
    { put: ["a"], drifted: ["a"] },
  ],
  ["a key that somebody deleted is sent again, as drift", sentKey({ observed: {} }), { put: ["a"], drifted: ["a"] }],
  [
    "a key whose time was not recorded is sent again",
    sentKey({ recorded: { a: {} } }),
    { put: ["a"], drifted: ["a"] },
  ],
  ["a key that is no longer desired is deleted", sentKey({ desired: {} }), { delete: ["a"], forget: ["a"] }],
  [
    "a key that is no longer desired and already gone is forgotten",
    sentKey({ desired: {}, observed: {} }),
    { forget: ["a"] },
  ],
  [
    "a key that is no longer desired and that only one list lacks is neither deleted nor forgotten",
    sentKey({ desired: {}, observed: {}, missed: new Set(["a"]) }),
    {},
  ],
  ["an unmanaged key is left alone", { ...keys, observed: { theirs: { stamp: "1" } } }, {}],
  [
    "a key that an older object holds is not sent, and is reported",
    { ...keys, desired: { a: 1, b: 1 }, claimed: new Set(["a"]) },
    { put: ["b"], conflicts: ["a"] },
  ],
  [
    "a key that an older object took over is forgotten, not deleted",
    sentKey({ desired: {}, claimed: new Set(["a"]) }),
    { forget: ["a"] },
  ],
  [
    "our key that an older object claims since is no longer ours",
    sentKey({ claimed: new Set(["a"]) }),
    { forget: ["a"], conflicts: ["a"] },
  ],
  [
    "an unmanaged key is not overwritten, and is reported; the others are sent",
    { ...keys, desired: { a: 1, b: 1 }, observed: { a: { stamp: "1" } }, mayTake: () => false },
    { put: ["b"], foreign: ["a"] },
  ],
  [
    "an unmanaged key is overwritten with adopt",
    { ...keys, desired: { a: 1 }, observed: { a: { stamp: "1" } }, mayTake: () => true },
    { put: ["a"] },
  ],
  ["our own key stays ours without adopt", sentKey({ mayTake: () => false }), {}],
  ["a missing ACL is set", { ...acls, desired: { users: "READ" } }, { put: ["users"] }],
  ["an ACL as desired stays", { ...acls, desired: { users: "READ" }, observed: { users: { value: "READ" } } }, {}],
  [
    "a changed ACL is reverted, as drift",
    { ...acls, desired: { users: "READ" }, observed: { users: { value: "MANAGE" } }, recorded: { users: {} } },
    { put: ["users"], drifted: ["users"] },
  ],
  [
    "an ACL that was added beside ours is removed, as drift",
    { ...acls, observed: { guest: { value: "READ" } } },
    { delete: ["guest"], drifted: ["guest"] },
  ],
  [
    "an ACL from before us is removed, since the list is complete, but not as drift",
    { ...acls, observed: { former: { value: "MANAGE" } }, recorded: undefined },
    { delete: ["former"] },
  ],
  [
    "an ACL that the operator needs stays",
    { ...acls, observed: { us: { value: "MANAGE" } }, recorded: { us: { kept: true, needed: true } } },
    {},
  ],
  [
    "an ACL that version 0.1 kept is removed",
    { ...acls, observed: { former: { value: "MANAGE" } }, recorded: { former: { kept: true } } },
    { delete: ["former"] },
  ],
  [
    "a kept ACL that is gone is forgotten, so that a new one is drift",
    { ...acls, recorded: { creator: { kept: true } } },
    { forget: ["creator"] },
  ],
  [
    "a kept ACL that is now desired is set, but not as drift",
    {
      ...acls,
      desired: { creator: "READ" },
      observed: { creator: { value: "MANAGE" } },
      recorded: { creator: { kept: true } },
    },
    { put: ["creator"] },
  ],
];

for (const [name, situation, plan] of table) {
  Deno.test(`parts: ${name}`, () => assert.deepEqual(planParts(situation), { ...nothing, ...plan }));
}

/** A key "a" that was sent at time 1 and has not changed since. */
function sentKey(more: Partial<PartSituation>): PartSituation {
  return { ...keys, desired: { a: 1 }, observed: { a: { stamp: "1" } }, recorded: { a: { stamp: "1" } }, ...more };
}

const names = fc.constantFrom("a", "b", "c", "d", "constructor");
const situations: fc.Arbitrary<PartSituation> = fc.record({
  desired: fc.dictionary(names, fc.constantFrom("READ", "WRITE")),
  observed: fc.dictionary(
    names,
    fc.record({ value: fc.constantFrom("READ", "WRITE"), stamp: fc.constantFrom("1", "2") }),
  ),
  recorded: fc.option(
    fc.dictionary(names, fc.oneof(fc.record({ stamp: fc.constantFrom("1", "2") }), fc.constant({ kept: true }))),
    { nil: undefined },
  ),
  changed: fc.uniqueArray(names).map((list) => new Set(list)),
  claimed: fc.uniqueArray(names).map((list) => new Set(list)),
  exclusive: fc.boolean(),
  writeOnly: fc.boolean(),
  // Only parts that several objects may share can be claimed by another.
}).map((situation) => situation.exclusive ? { ...situation, claimed: new Set() } : situation);

Deno.test("parts: only recorded parts are deleted, unless the list is exclusively ours", () => {
  fc.assert(fc.property(situations, (situation) => {
    const plan = planParts(situation);
    for (const name of plan.delete) {
      assert.ok(situation.exclusive || Object.hasOwn(situation.recorded ?? {}, name), name);
      assert.ok(!Object.hasOwn(situation.desired, name));
    }
    for (const name of plan.put) assert.ok(!situation.claimed.has(name) && Object.hasOwn(situation.desired, name));
  }));
});

Deno.test("parts: after a plan is carried out there is nothing left to do", () => {
  fc.assert(fc.property(situations, (situation) => {
    const { put, delete: gone, conflicts, keep } = planParts(carriedOut(situation));
    assert.deepEqual({ put, gone, keep }, { put: [], gone: [], keep: [] });
    assert.deepEqual(conflicts, planParts(situation).conflicts);
  }));
});

/** The situation after its plan: a written part has a new time, and all are recorded. */
function carriedOut(situation: PartSituation): PartSituation {
  const plan = planParts(situation);
  const observed: Record<string, ObservedPart> = { ...situation.observed };
  const recorded: Record<string, RecordedPart> = { ...situation.recorded };
  for (const name of [...plan.delete, ...plan.forget]) delete recorded[name];
  for (const name of plan.delete) delete observed[name];
  for (const name of plan.keep) recorded[name] = { kept: true };
  for (const name of plan.put) {
    observed[name] = { value: situation.desired[name], stamp: "9" };
    recorded[name] = { stamp: "9" };
  }
  return { ...situation, observed, recorded, changed: new Set() };
}

/** Keys for which it is unknown whether case matters. */
function cased(more: Partial<PartSituation>): PartSituation {
  return { ...keys, spelling: (name) => name.toLowerCase(), ...more };
}
