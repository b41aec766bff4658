import assert from "node:assert/strict";
import type { Deviation } from "./diff.ts";
import { hashOf } from "./fields.ts";
import { type Baseline, lessonOf, pairsOf } from "./baseline.ts";
import { type Plan, plan, rowHash, type Situation } from "./plan.ts";
import {
  a,
  b,
  baselineOf,
  bind,
  desired,
  doubt,
  drift,
  edited,
  type Fields,
  heldA,
  heldB,
  manifest,
  none,
  observed,
  pending,
  rules,
  settled,
  withBaseline,
} from "./situations_fake.ts";

const unseenMark = "tags[us]";
const mark: Deviation = { path: unseenMark, wanted: "our mark", got: undefined };

const table: [name: string, situation: Situation, plan: Plan][] = [
  // Nothing to do.
  ["a settled state stays", settled(), none],
  ["defaults that Databricks adds are not drift", settled(), none],
  ["a new order of a keyed list is not drift", settled({ observed: { ...observed, tasks: [heldB, heldA] } }), none],
  ["a new order in the manifest is not an edit", settled({ desired: { ...desired, tasks: [b, a] }, ...edited }), bind],
  ["a field that Databricks computes may change", settled({ observed: { ...observed, id: 7 } }), none],
  ["an unknown state is not drift", settled({ observed: "unknown" }), none],

  // The webapp.
  ["a changed value is reverted", settled({ observed: { ...observed, name: "x" } }), drift("name")],
  ["an added field is removed", settled({ observed: { ...observed, trigger: {} } }), drift("trigger")],
  ["a removed field is set", settled({ observed: { ...observed, schedule: undefined } }), drift("schedule")],
  [
    "a changed default is reverted",
    settled({ observed: { ...observed, timeout_seconds: 60 } }),
    drift("timeout_seconds"),
  ],
  [
    "a deeply nested change is named exactly",
    settled({ observed: { ...observed, schedule: { tz: "CET", pause_status: "UNPAUSED" } } }),
    drift("schedule.tz"),
  ],
  [
    "a change of a field that the manifest does not set is named by its field",
    settled({ observed: { ...observed, schedule: { tz: "UTC", pause_status: "PAUSED" } } }),
    drift("schedule"),
  ],
  [
    "a change in an element is named by its key",
    settled({ observed: { ...observed, tasks: [{ ...heldA, retries: 9 }, heldB] } }),
    drift("tasks[a].retries"),
  ],
  [
    "added and removed elements are named by their keys",
    settled({ observed: { ...observed, tasks: [heldA, { task_key: "c" }] } }),
    drift("tasks[b]", "tasks[c]"),
  ],

  // The manifest.
  ["an edit is written", settled({ desired: { ...desired, name: "new" }, ...edited }), manifest("name")],
  [
    "a field that was removed from the manifest is removed",
    settled({ desired: { name: "etl", tasks: [a, b] }, ...edited }),
    manifest("schedule"),
  ],
  [
    "an element that was removed from the manifest is removed",
    settled({ desired: { ...desired, tasks: [a] }, ...edited }),
    manifest("tasks[b]"),
  ],
  [
    "an edit is written without a look",
    settled({ desired: { ...desired, name: "new" }, observed: "unknown", ...edited }),
    manifest("name"),
  ],
  [
    "an edit to a value that Databricks already has is written, since a reset replaces everything",
    settled({ desired: { ...desired, name: "new" }, observed: { ...observed, name: "new" }, ...edited }),
    manifest("name"),
  ],
  ["an edit of other parts of the manifest only renews the baseline", settled(edited), bind],
  [
    "an edit of other parts does not hide drift",
    settled({ observed: { ...observed, name: "x" }, ...edited }),
    drift("name"),
  ],
  ["an edit of other parts without a look waits", settled({ observed: "unknown", ...edited }), none],

  // No baseline, or one of another kind.
  ["without a baseline equal values are bound", settled({ baseline: undefined }), bind],
  [
    "without a baseline only fields in the manifest count",
    settled({ baseline: undefined, observed: { ...observed, trigger: {}, name: "x" } }),
    manifest("name"),
  ],
  ["without a baseline an unknown state decides nothing", settled({ baseline: undefined, observed: "unknown" }), none],
  ["another format of the baseline writes nothing", withBaseline({ version: 0, applied: {}, observed: {} }), bind],
  ["another version of the API writes nothing", withBaseline({ api: "2.1", observed: {} }), bind],
  [
    "another version of the API still reverts differences",
    withBaseline({ api: "2.1" }, { observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  ["a baseline from owner api does not count for the manifest", fromApi(), bind],

  // An upgrade: the same manifest, read differently.
  ["an upgrade that reads a field differently writes nothing if values are equal", upgraded({}), bind],
  [
    "an upgrade writes different values",
    upgraded({ observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  ["an upgrade without a look waits", upgraded({ observed: "unknown" }), none],

  // After a write.
  ["after a write the observed state is the new baseline", pending(desired, observed), bind],
  ["after a write nothing is done before the next look", pending(desired, "unknown"), none],
  ["an edit right after our write is reverted", pending(desired, { ...observed, name: "x" }), doubt(spelt("x"))],
  [
    "a difference that remains after a second write is Databricks' spelling",
    pending(desired, { ...observed, name: "ETL" }, { doubted: pairsOf([spelt("ETL")]) }),
    bind,
  ],
  [
    "an edit right after our write is reported once the second write has reverted it",
    pending(desired, observed, { doubted: pairsOf([spelt("x")]) }),
    { action: "bind", corrected: ["name"] },
  ],
  [
    "a new difference after a second write is unconfirmed again",
    pending(desired, { ...observed, name: "y" }, { doubted: pairsOf([spelt("x")]) }),
    doubt(spelt("y")),
  ],
  [
    "a known spelling is not written again after an edit of another field",
    pending(desired, { ...observed, name: "ETL" }, { stands: pairsOf([spelt("ETL")]) }),
    bind,
  ],
  [
    "a spelling that another object's second write showed is not written again",
    { ...pending(desired, { ...observed, name: "ETL" }), learned: new Set([lessonOf(spelt("ETL"))]) },
    bind,
  ],
  [
    "an immutable field is not rejected right after our own create, whatever the response contains",
    pending({ ...desired, path: "/a" }, { ...observed, path: "/A" }, { created: true }),
    bind,
  ],
  ["a field that a list lacks right after our write is checked by a get", written({ row: { name: "etl" } }), {
    action: "look",
  }],
  ["a list that shows the desired state is a baseline", written({ row: observed }), bind],

  // Lists.
  ["an unchanged row proves that nothing changed", listed(observed), none],
  ["a changed row is confirmed before any write", listed({ ...observed, name: "x" }), {
    action: "look",
  }],
  [
    "a changed row is not drift if a get finds none",
    { ...listed({ ...observed, name: "x" }), observed },
    bind,
  ],
  ["a changed row is drift if a get confirms it", {
    ...listed({ ...observed, name: "x" }),
    observed: { ...observed, name: "x" },
  }, drift("name")],
  [
    "a field that lists never contain is not drift when a get returns it",
    fromList({ ...observed, parameters: [1] }, observed),
    bind,
  ],
  [
    "a list's own spelling is not drift",
    fromList({ ...observed, schedule: { tz: "UTC", pause_status: "ON" } }, observed),
    bind,
  ],
  [
    "an addition since a list's row is drift",
    fromList({ ...observed, trigger: {} }, { ...observed, trigger: {} }),
    drift("trigger"),
  ],
  [
    "a field that Databricks starts to return for all is not drift",
    settled({ observed: { ...observed, trigger: {} }, isNew: (field) => field === "trigger" }),
    none,
  ],

  // After a repair.
  ["a repair that holds is no longer reported", repaired(observed), bind],
  ["a repair that does not hold is drift again", repaired({ ...observed, name: "x" }), drift("name")],
  [
    "a side effect of a repair is unconfirmed, and written once more",
    repaired({ ...observed, trigger: {} }),
    { action: "update", cause: "doubt", changes: ["trigger"], doubted: { trigger: hashOf(hashOf({})) } },
  ],
  [
    "a side effect of two repairs is Databricks' spelling",
    repaired({ ...observed, trigger: {} }, { doubted: { trigger: hashOf(hashOf({})) } }),
    bind,
  ],

  // Marks.
  ["a mark that somebody removed is restored", settled({ unmarked: unseenMark }), drift(unseenMark)],
  [
    "a mark that only a list lacks is first checked by a get",
    { ...listed(observed), unmarked: unseenMark },
    { action: "look" },
  ],
  ["a mark that was written but never seen is written once more", unseen(), doubt(mark)],
  ["a mark that Databricks drops is not written forever", unseen({ doubted: pairsOf([mark]) }), bind],
  [
    "a list that lacks our mark right after our write is not a baseline",
    { ...written({ row: observed }), unseenMark },
    { action: "look" },
  ],
  ["a resource that was taken over without a mark stays without it", settled({ unseenMark }), none],
];

for (const [name, situation, expected] of table) {
  Deno.test(`plan: ${name}`, () => assert.deepEqual(plan(situation), expected));
}

/** An observation without the operator's mark, of a resource that was written with it. */
function unseen(more: Parameters<typeof pending>[2] = {}): Situation {
  return { ...pending(desired, observed, more), unseenMark };
}

function spelt(got: string): Deviation {
  return { path: "name", wanted: "etl", got };
}

/** Only a list's row was seen since the write. */
function written({ row }: { row: Fields }): Situation {
  return { ...pending(desired, "unknown"), row };
}

/** Only a list's row was seen, which was `observed` when the baseline was taken. */
function listed(row: Fields): Situation {
  const baseline = baselineOf(desired, observed, { listed: rowHash({ desired, rules }, observed) });
  return settled({ observed: "unknown", row, baseline });
}

/** A get, where the baseline is of a list's row. */
function fromList(got: Fields, row: Fields): Situation {
  const hash = rowHash({ desired, rules }, observed);
  return settled({ observed: got, row, baseline: baselineOf(desired, observed, { from: "list", listed: hash }) });
}

function repaired(held: Fields, more: Partial<Baseline> = {}): Situation {
  return withBaseline({ repaired: ["name"], ...more }, { observed: held });
}

function fromApi(): Situation {
  const { applied: _applied, ...baseline } = baselineOf(desired, observed);
  return settled({ baseline, observed: { ...observed, trigger: {} } });
}

/** An older operator wrote the same generation, and read `name` in another way. */
function upgraded(more: Partial<Situation>): Situation {
  return settled({ baseline: baselineOf({ ...desired, name: 1 }, { ...observed, name: 1 }), ...more });
}
