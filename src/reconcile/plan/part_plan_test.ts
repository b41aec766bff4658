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
  ["nothing wanted, nothing there", keys, {}],
  ["a key that is missing is put", { ...keys, desired: { a: 1 } }, { put: ["a"] }],
  [
    "of two keys that differ in case only, the second waits until it is seen what became of the first",
    cased({ desired: { Key: 1, key: 2, other: 3 } }),
    { put: ["Key", "other"], later: ["key"] },
  ],
  [
    "a key that was put just now is not put again because a list does not show it yet",
    cased({ desired: { Key: 1, key: 2 }, recorded: { Key: {} }, done: new Set(["Key"]) }),
    { put: ["key"] },
  ],
  [
    "two keys of which the one that is not shown changed the other are one, and are not put again",
    cased({
      desired: { Key: 1, key: 2 },
      observed: { Key: { stamp: "2" } },
      recorded: { Key: { stamp: "1" }, key: { stamp: "2" } },
    }),
    { merged: ["Key", "key"] },
  ],
  [
    "a key that somebody deleted is put again though another one differs from it in case only",
    cased({
      desired: { Key: 1, key: 2 },
      observed: { Key: { stamp: "1" } },
      recorded: { Key: { stamp: "1" }, key: { stamp: "2" } },
    }),
    { put: ["key"], drifted: ["key"] },
  ],
  [
    "a key of somebody else's that differs in case only may be the one that is wanted",
    cased({ desired: { key: 1 }, observed: { Key: { stamp: "1" } }, mayTake: () => false }),
    { foreign: ["key"] },
  ],
  ["a key that was sent and not touched stays", sentKey({}), {}],
  ["a key whose value changed in its Secret is put", sentKey({ changed: new Set(["a"]) }), { put: ["a"] }],
  [
    "a key that somebody else wrote is put again, as drift",
    sentKey({ observed: { a: { stamp: "2" } } }),
    { put: ["a"], drifted: ["a"] },
  ],
  ["a key that somebody deleted is put again, as drift", sentKey({ observed: {} }), { put: ["a"], drifted: ["a"] }],
  [
    "a key whose time was not recorded is put again",
    sentKey({ recorded: { a: {} } }),
    { put: ["a"], drifted: ["a"] },
  ],
  ["a key that is not wanted any more is deleted", sentKey({ desired: {} }), { delete: ["a"], forget: ["a"] }],
  [
    "a key that is not wanted and already gone is forgotten",
    sentKey({ desired: {}, observed: {} }),
    { forget: ["a"] },
  ],
  ["a key that is not ours is left alone", { ...keys, observed: { theirs: { stamp: "1" } } }, {}],
  [
    "a key that an older object holds is not put, and is reported",
    { ...keys, desired: { a: 1, b: 1 }, claimed: new Set(["a"]) },
    { put: ["b"], conflicts: ["a"] },
  ],
  [
    "a key that an older object took over is forgotten, not deleted",
    sentKey({ desired: {}, claimed: new Set(["a"]) }),
    { forget: ["a"] },
  ],
  [
    "a key that we put and that an older object claims since is no more ours",
    sentKey({ claimed: new Set(["a"]) }),
    { forget: ["a"], conflicts: ["a"] },
  ],
  [
    "a key that somebody else put is not overwritten, and is reported; the others are put",
    { ...keys, desired: { a: 1, b: 1 }, observed: { a: { stamp: "1" } }, mayTake: () => false },
    { put: ["b"], foreign: ["a"] },
  ],
  [
    "a key that somebody else put is overwritten by consent",
    { ...keys, desired: { a: 1 }, observed: { a: { stamp: "1" } }, mayTake: () => true },
    { put: ["a"] },
  ],
  ["a key of ours is ours whoever may take it", sentKey({ mayTake: () => false }), {}],
  ["an ACL that is missing is put", { ...acls, desired: { users: "READ" } }, { put: ["users"] }],
  ["an ACL as wanted stays", { ...acls, desired: { users: "READ" }, observed: { users: { value: "READ" } } }, {}],
  [
    "an ACL that was changed is set back, as drift",
    { ...acls, desired: { users: "READ" }, observed: { users: { value: "MANAGE" } }, recorded: { users: {} } },
    { put: ["users"], drifted: ["users"] },
  ],
  [
    "an ACL that was added beside ours is taken away, as drift",
    { ...acls, observed: { guest: { value: "READ" } } },
    { delete: ["guest"], drifted: ["guest"] },
  ],
  [
    "an ACL that was there before us goes, for the list is complete, and that is no drift",
    { ...acls, observed: { former: { value: "MANAGE" } }, recorded: undefined },
    { delete: ["former"] },
  ],
  [
    "an ACL that the operator needs stays for good",
    { ...acls, observed: { us: { value: "MANAGE" } }, recorded: { us: { kept: true, needed: true } } },
    {},
  ],
  [
    "an ACL that version 0.1 kept goes",
    { ...acls, observed: { former: { value: "MANAGE" } }, recorded: { former: { kept: true } } },
    { delete: ["former"] },
  ],
  [
    "an ACL that was kept and is gone is forgotten, so that a new one is drift",
    { ...acls, recorded: { creator: { kept: true } } },
    { forget: ["creator"] },
  ],
  [
    "an ACL that was kept and is wanted now is set, and is no drift",
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
