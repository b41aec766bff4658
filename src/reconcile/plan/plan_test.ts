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
  ["what is settled stays", settled(), none],
  ["defaults that Databricks adds are no drift", settled(), none],
  ["a new order of a keyed list is no drift", settled({ observed: { ...observed, tasks: [heldB, heldA] } }), none],
  ["a new order in the manifest is no edit", settled({ desired: { ...desired, tasks: [b, a] }, ...edited }), bind],
  ["a field that Databricks computes may move", settled({ observed: { ...observed, id: 7 } }), none],
  ["an unknown state is no drift", settled({ observed: "unknown" }), none],

  // The webapp.
  ["a value that was changed is set back", settled({ observed: { ...observed, name: "x" } }), drift("name")],
  ["a field that was added is removed", settled({ observed: { ...observed, trigger: {} } }), drift("trigger")],
  ["a field that was removed is set", settled({ observed: { ...observed, schedule: undefined } }), drift("schedule")],
  [
    "a default that was changed is set back",
    settled({ observed: { ...observed, timeout_seconds: 60 } }),
    drift("timeout_seconds"),
  ],
  [
    "a change deep below is named exactly",
    settled({ observed: { ...observed, schedule: { tz: "CET", pause_status: "UNPAUSED" } } }),
    drift("schedule.tz"),
  ],
  [
    "a change of what the manifest does not say is named by its field",
    settled({ observed: { ...observed, schedule: { tz: "UTC", pause_status: "PAUSED" } } }),
    drift("schedule"),
  ],
  [
    "a change in an element is named by its key",
    settled({ observed: { ...observed, tasks: [{ ...heldA, retries: 9 }, heldB] } }),
    drift("tasks[a].retries"),
  ],
  [
    "elements that were added and removed are named by their keys",
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
    "an edit is written though nobody looked",
    settled({ desired: { ...desired, name: "new" }, observed: "unknown", ...edited }),
    manifest("name"),
  ],
  [
    "an edit to what the webapp has already is written, since a full replace tells both sides the same",
    settled({ desired: { ...desired, name: "new" }, observed: { ...observed, name: "new" }, ...edited }),
    manifest("name"),
  ],
  ["an edit of other parts of the manifest is a new baseline only", settled(edited), bind],
  [
    "an edit of other parts does not hide drift",
    settled({ observed: { ...observed, name: "x" }, ...edited }),
    drift("name"),
  ],
  ["an edit of other parts without a look waits", settled({ observed: "unknown", ...edited }), none],

  // No baseline, or one of another kind.
  ["without a baseline equal values are bound", settled({ baseline: undefined }), bind],
  [
    "without a baseline only what the manifest says counts",
    settled({ baseline: undefined, observed: { ...observed, trigger: {}, name: "x" } }),
    manifest("name"),
  ],
  ["without a baseline an unknown state decides nothing", settled({ baseline: undefined, observed: "unknown" }), none],
  ["another format of the baseline writes nothing", withBaseline({ version: 0, applied: {}, observed: {} }), bind],
  ["another version of the API writes nothing", withBaseline({ api: "2.1", observed: {} }), bind],
  [
    "another version of the API still sets back what differs",
    withBaseline({ api: "2.1" }, { observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  ["a baseline from when Databricks was the source of truth is not for the manifest", fromApi(), bind],

  // An upgrade: the same manifest, read differently.
  ["an upgrade that reads a field differently writes nothing where values agree", upgraded({}), bind],
  [
    "an upgrade writes what differs in value",
    upgraded({ observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  ["an upgrade without a look waits", upgraded({ observed: "unknown" }), none],

  // After a write.
  ["after a write what Databricks answers is the new baseline", pending(desired, observed), bind],
  ["after a write nothing is done before somebody looked", pending(desired, "unknown"), none],
  ["an edit right after our write is set back", pending(desired, { ...observed, name: "x" }), doubt(spelt("x"))],
  [
    "what differs even after a second write is Databricks' own way to say it",
    pending(desired, { ...observed, name: "ETL" }, { doubted: pairsOf([spelt("ETL")]) }),
    bind,
  ],
  [
    "an edit right after our write is reported once the second write has reverted it",
    pending(desired, observed, { doubted: pairsOf([spelt("x")]) }),
    { action: "bind", corrected: ["name"] },
  ],
  [
    "what differs in a new way after a second write is in doubt again",
    pending(desired, { ...observed, name: "y" }, { doubted: pairsOf([spelt("x")]) }),
    doubt(spelt("y")),
  ],
  [
    "a spelling that stood before is not written again after an edit of another field",
    pending(desired, { ...observed, name: "ETL" }, { stands: pairsOf([spelt("ETL")]) }),
    bind,
  ],
  [
    "a spelling that another object's second write showed is not written again",
    { ...pending(desired, { ...observed, name: "ETL" }), learned: new Set([lessonOf(spelt("ETL"))]) },
    bind,
  ],
  [
    "what cannot be changed is not refused right after our own create, whatever the answer makes of it",
    pending({ ...desired, path: "/a" }, { ...observed, path: "/A" }, { created: true }),
    bind,
  ],
  ["what a list lacks right after our write is asked for", written({ row: { name: "etl" } }), { action: "look" }],
  ["a list that shows what was asked for is a baseline", written({ row: observed }), bind],

  // Lists.
  ["a row that is as it was decides that nothing changed", listed(observed), none],
  ["a row that changed is confirmed before anything is written", listed({ ...observed, name: "x" }), {
    action: "look",
  }],
  [
    "a row that changed is no drift where a get finds nothing",
    { ...listed({ ...observed, name: "x" }), observed },
    bind,
  ],
  ["a row that changed is drift where a get finds it too", {
    ...listed({ ...observed, name: "x" }),
    observed: { ...observed, name: "x" },
  }, drift("name")],
  [
    "what a list never tells is no drift when a get tells it",
    fromList({ ...observed, parameters: [1] }, observed),
    bind,
  ],
  [
    "what a list tells in another way is no drift",
    fromList({ ...observed, schedule: { tz: "UTC", pause_status: "ON" } }, observed),
    bind,
  ],
  [
    "what was added since a list's row is drift",
    fromList({ ...observed, trigger: {} }, { ...observed, trigger: {} }),
    drift("trigger"),
  ],
  [
    "a field that Databricks began to answer for all at once is no drift",
    settled({ observed: { ...observed, trigger: {} }, isNew: (field) => field === "trigger" }),
    none,
  ],

  // After a repair.
  ["a repair that holds is reported no more", repaired(observed), bind],
  ["a repair that does not hold is drift again", repaired({ ...observed, name: "x" }), drift("name")],
  [
    "what a repair brings along is in doubt, and written once more",
    repaired({ ...observed, trigger: {} }),
    { action: "update", cause: "doubt", changes: ["trigger"], doubted: { trigger: hashOf(hashOf({})) } },
  ],
  [
    "what a repair brings along twice is Databricks' own",
    repaired({ ...observed, trigger: {} }, { doubted: { trigger: hashOf(hashOf({})) } }),
    bind,
  ],

  // Marks.
  ["a mark that somebody took away is set back", settled({ unmarked: unseenMark }), drift(unseenMark)],
  [
    "a mark that only a list lacks is looked for first",
    { ...listed(observed), unmarked: unseenMark },
    { action: "look" },
  ],
  ["a mark that our write put there and nobody saw is written once more", unseen(), doubt(mark)],
  ["a mark that Databricks drops is not written for ever", unseen({ doubted: pairsOf([mark]) }), bind],
  [
    "a list that lacks our mark right after our write is no baseline",
    { ...written({ row: observed }), unseenMark },
    { action: "look" },
  ],
  ["a resource that was taken over without a mark is left as it is", settled({ unseenMark }), none],
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
