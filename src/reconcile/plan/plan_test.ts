import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import type { FieldRules } from "../../resource.ts";
import type { Deviation } from "./diff.ts";
import { hashOf, project } from "./fields.ts";
import {
  appliedFingerprint,
  type Baseline,
  BASELINE_VERSION,
  heldAt,
  lessonOf,
  observedFingerprint,
  pairsOf,
} from "./baseline.ts";
import { type Plan, plan, rowHash, type Situation } from "./plan.ts";
import { settledDeviations, standing } from "./standing.ts";

const rules: FieldRules = {
  keyedBy: { tasks: "task_key", params: "name" },
  immutable: ["path", "principal"],
  createOnly: ["principal"],
  updateOnly: ["branch", "tag"],
  unread: ["tag"],
  irremovable: ["sparse"],
  outputOnly: ["id"],
  spelling: { url: (url) => url.toLowerCase() },
};

type Fields = Record<string, unknown>;

const desired: Fields = {
  name: "etl",
  tasks: [{ task_key: "a", retries: 1 }, { task_key: "b" }],
  schedule: { tz: "UTC" },
};
/** Databricks' version of `desired`: with defaults. */
const observed: Fields = {
  ...desired,
  tasks: [{ task_key: "a", retries: 1, run_if: "ALL_SUCCESS" }, { task_key: "b", run_if: "ALL_SUCCESS" }],
  schedule: { tz: "UTC", pause_status: "UNPAUSED" },
  timeout_seconds: 0,
};

/** The baseline that a pass takes when Databricks holds `held` after `asked` was written. */
function baselineOf(asked: Fields, held: Fields | undefined, more: Partial<Baseline> = {}): Baseline {
  return {
    version: BASELINE_VERSION,
    api: "2.2",
    generation: 1,
    words: true,
    applied: appliedFingerprint(asked, rules),
    ...(held === undefined ? {} : { observed: observedFingerprint(held, rules) }),
    ...more,
  };
}

/** A settled resource: nothing differs from its baseline. */
function settled(more: Partial<Situation> = {}): Situation {
  return {
    desired,
    observed,
    baseline: baselineOf(desired, observed),
    api: "2.2",
    generation: 1,
    rules,
    updatable: true,
    rotated: false,
    ...more,
  };
}

/** A settled resource whose baseline has something else. */
const withBaseline = (more: Partial<Baseline>, rest: Partial<Situation> = {}) =>
  settled({ baseline: baselineOf(desired, observed, more), ...rest });

/** A resource that was written just now, and not looked at since. */
const pending = (asked: Fields, held: Situation["observed"], more: Partial<Baseline> = {}) =>
  settled({ desired: asked, observed: held, baseline: baselineOf(asked, undefined, more) });

const none: Plan = { action: "none" };
const bind: Plan = { action: "bind" };
const drift = (...changes: string[]): Plan => ({ action: "update", cause: "drift", changes });
const manifest = (...changes: string[]): Plan => ({ action: "update", cause: "manifest", changes });
const doubt = (...differing: Deviation[]): Plan => ({
  action: "update",
  cause: "doubt",
  changes: differing.map(({ path }) => path),
  doubted: pairsOf(differing),
});
const immutable = (field: string): Plan => ({ action: "immutable", field });

const [a, b] = desired.tasks as Fields[];
const [heldA, heldB] = observed.tasks as Fields[];
const edited = { generation: 2 };

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
    "an edit right after our write is told once the second write has set it back",
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
  ["a repair that holds is told no more", repaired(observed), bind],
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
  ["a mark that somebody took away is set back", settled({ unmarked: "tags[us]" }), drift("tags[us]")],
  [
    "a mark that only a list lacks is looked for first",
    { ...listed(observed), unmarked: "tags[us]" },
    { action: "look" },
  ],

  // Fields that no call can clear, and fields that nobody follows.
  ["what no call can clear leaves the manifest without a write", left(), bind],
  [
    "what the manifest does not follow may change",
    settled({ desired, observed: { ...observed, sparse: 1 } }),
    none,
  ],
  ["what cannot be read back is not written again", pending({ ...desired, tag: "v1" }, observed), bind],

  // Rules.
  ["an immutable field is refused", settled({ desired: { ...desired, path: "/new" }, ...edited }), immutable("path")],
  [
    "an immutable field that was changed in Databricks is not written",
    settled({
      desired: { ...desired, path: "/a" },
      observed: { ...observed, path: "/b" },
      baseline: baselineOf({ ...desired, path: "/a" }, { ...observed, path: "/a" }),
    }),
    none,
  ],
  [
    "an immutable field that was changed in Databricks does not keep the rest from being repaired",
    settled({
      desired: { ...desired, path: "/a" },
      observed: { ...observed, path: "/b", name: "x" },
      baseline: baselineOf({ ...desired, path: "/a" }, { ...observed, path: "/a" }),
    }),
    drift("name"),
  ],
  [
    "a manifest that names what was changed in Databricks as it is, is no refused edit",
    settled({
      desired: { ...desired, path: "/b" },
      observed: { ...observed, path: "/b" },
      baseline: baselineOf({ ...desired, path: "/a" }, { ...observed, path: "/a" }),
      ...edited,
    }),
    bind,
  ],
  [
    "without an update every field is immutable",
    settled({ desired: { ...desired, schedule: { tz: "CET" } }, updatable: false, ...edited }),
    immutable("schedule.tz"),
  ],
  [
    "a field that only a create reads is not looked for",
    settled({ desired: { ...desired, principal: "users" }, baseline: undefined }),
    bind,
  ],
  [
    "a field that only a create reads cannot be changed later",
    settled({
      desired: { ...desired, principal: "users" },
      baseline: baselineOf({ ...desired, principal: "me" }, observed),
      ...edited,
    }),
    immutable("principal"),
  ],
  [
    "a field that a create cannot set is written after it",
    settled({
      desired: { ...desired, branch: "main" },
      observed: "unknown",
      baseline: { ...baselineOf(desired, undefined), applied: created({ ...desired, branch: "main" }) },
    }),
    manifest("branch"),
  ],
  [
    "another spelling is no difference",
    settled({ desired: { url: "https://Git" }, observed: { url: "https://git" }, baseline: undefined }),
    bind,
  ],

  // Write-only values.
  ["a value that was rotated is sent", settled({ rotated: true }), {
    action: "update",
    cause: "rotation",
    changes: [],
  }],
  [
    "a value that was rotated is sent though nobody looked",
    settled({ rotated: true, observed: "unknown" }),
    { action: "update", cause: "rotation", changes: [] },
  ],
  [
    "a value that was rotated goes with the drift that is there",
    settled({ rotated: true, observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  [
    "a value that was rotated does not make an immutable field mutable",
    settled({ rotated: true, desired: { ...desired, path: "/new" }, ...edited }),
    immutable("path"),
  ],

  // Gone.
  ["what is gone is made again", settled({ observed: "absent" }), { action: "recreate" }],
  ["what is gone is made again, baseline or not", settled({ observed: "absent", baseline: undefined }), {
    action: "recreate",
  }],
];

for (const [name, situation, expected] of table) {
  Deno.test(`plan: ${name}`, () => assert.deepEqual(plan(situation), expected));
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

/** `sparse` left the manifest. */
function left(): Situation {
  const before = { ...observed, sparse: 1 };
  return settled({ observed: before, baseline: baselineOf({ ...desired, sparse: 1 }, before), ...edited });
}

const standings: [name: string, situation: Situation, expected: string[]][] = [
  ["what is settled does not stand", settled(), []],
  [
    "what Databricks dropped is not applied",
    settled({ observed: { ...observed, name: undefined }, desired }),
    ["ignored name"],
  ],
  [
    "a number that Databricks cut is not applied",
    settled({ desired: { ...desired, timeout_seconds: 9 } }),
    ["ignored timeout_seconds"],
  ],
  ["another spelling of a text is", settled({ observed: { ...observed, name: "ETL" } }), []],
  [
    "a text that is as it was before our write is not applied",
    settled({
      desired: { ...desired, name: "new" },
      baseline: baselineOf(desired, observed, { was: heldAt([{ path: "name", wanted: "new", got: "etl" }]) }),
    }),
    ["ignored name"],
  ],
  [
    "what cannot be changed and was moved is told",
    settled({ desired: { ...desired, path: "/a" }, observed: { ...observed, path: "/b" } }),
    ["moved path"],
  ],
  [
    "what no call can clear is told for as long as it is there",
    withBaseline({ left: ["sparse"] }, { observed: { ...observed, sparse: 1 } }),
    ["left sparse"],
  ],
  ["what no call could clear and is gone is not told", withBaseline({ left: ["sparse"] }), []],
];

for (const [name, situation, expected] of standings) {
  Deno.test(`standing: ${name}`, () => {
    assert.deepEqual(standing(situation).map(({ why, path }) => `${why} ${path}`), expected);
  });
}

Deno.test("how a create's answer writes what cannot be changed is no move, then or later", () => {
  const asked = { ...desired, path: "/a" };
  const held = { ...observed, path: "/A" };
  const first = pending(asked, held, { created: true });
  const baseline = baselineOf(asked, held, { stands: pairsOf(settledDeviations(first)) });
  assert.deepEqual(standing(settled({ desired: asked, observed: held, baseline })), []);
});

function fromApi(): Situation {
  const { applied: _applied, ...baseline } = baselineOf(desired, observed);
  return settled({ baseline, observed: { ...observed, trigger: {} } });
}

/** An older operator wrote the same generation, and read `name` in another way. */
function upgraded(more: Partial<Situation>): Situation {
  return settled({ baseline: baselineOf({ ...desired, name: 1 }, { ...observed, name: 1 }), ...more });
}

function created(asked: Fields) {
  return appliedFingerprint(asked, rules, { created: true });
}

Deno.test("a field that our types do not know never counts, unless the manifest speaks of it", () => {
  const schema = z.looseObject({ name: z.string(), schedule: z.looseObject({ tz: z.string() }).optional() });
  const see = (held: Fields, asked: Fields) => project(schema, held, asked) as Fields;
  const asked = { name: "etl", schedule: { tz: "UTC", said: 1 } };
  const held = { name: "etl", brand_new: 1, schedule: { tz: "UTC", said: 1, brand_new: 1 } };
  const now = (change: Fields) =>
    settled({
      desired: asked,
      observed: see({ ...held, ...change }, asked),
      baseline: baselineOf(asked, see(held, asked)),
    });
  assert.deepEqual(plan(now({ brand_new: 2, another: 3 })), none);
  assert.deepEqual(plan(now({ schedule: { ...held.schedule, brand_new: 2 } })), none);
  assert.deepEqual(plan(now({ schedule: { ...held.schedule, said: 2 } })), drift("schedule.said"));
});

// --- Laws ---

const element = fc.record({ task_key: fc.constantFrom("a", "b", "c"), retries: fc.nat(3) }, {
  requiredKeys: ["task_key"],
  noNullPrototype: true,
});
const fields: fc.Arbitrary<Fields> = fc.record({
  name: fc.constantFrom("etl", "", "x"),
  path: fc.constantFrom("/a", "/b"),
  id: fc.nat(9),
  tasks: fc.oneof(fc.uniqueArray(element, { selector: (one) => one.task_key }), fc.array(element)),
  params: fc.uniqueArray(fc.record({ name: fc.constantFrom("p", "q") }), { selector: (one) => one.name }),
  schedule: fc.record({ tz: fc.constantFrom("UTC", "CET"), on: fc.boolean() }, {
    requiredKeys: [],
    noNullPrototype: true,
  }),
  tags: fc.dictionary(fc.constantFrom("t", "u"), fc.constantFrom("1", "2"), { noNullPrototype: true }),
  libraries: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
}, { requiredKeys: [], noNullPrototype: true });

/** A resource whose baseline was taken from what is observed, as `bind` does. */
function bound(asked: Fields, held: Fields): Situation {
  return settled({ desired: asked, observed: held, baseline: baselineOf(asked, held) });
}

Deno.test("for any manifest and any answer, once the baseline is taken there is nothing to do", () => {
  fc.assert(fc.property(fields, fields, fc.boolean(), (asked, held, updatable) => {
    assert.deepEqual(plan({ ...bound(asked, held), updatable }), none);
  }));
});

Deno.test("any change of one field of the answer is drift that names a path of that field", () => {
  fc.assert(fc.property(fields, fields, fields, fc.nat(), (asked, held, other, pick) => {
    const changed = Object.keys({ ...held, ...other }).filter((field) =>
      field !== "id" &&
      JSON.stringify(sorted(observedFingerprint({ [field]: held[field] }, rules))) !==
        JSON.stringify(sorted(observedFingerprint({ [field]: other[field] }, rules)))
    );
    const field = changed[pick % Math.max(1, changed.length)];
    fc.pre(field !== undefined);
    const decided = plan({ ...bound(asked, held), observed: { ...held, [field as string]: other[field as string] } });
    // What cannot be changed is reported, not written.
    if (field === "path") return assert.deepEqual(decided, none);
    assert.ok(decided.action === "update" && decided.cause === "drift", JSON.stringify(decided));
    assert.ok(decided.changes.length > 0);
    for (const path of decided.changes) assert.equal(path.split(/[.[]/)[0], field);
  }));
});

Deno.test("an answer that changes and changes back leaves nothing to do", () => {
  fc.assert(fc.property(fields, fields, fields, (asked, held, meanwhile) => {
    const before = bound(asked, held);
    const during = { ...before, observed: meanwhile };
    plan(during);
    assert.deepEqual(plan({ ...during, observed: structuredClone(held) }), none);
  }));
});

Deno.test("any edit of the manifest is written, refused or, when it changes nothing, bound", () => {
  fc.assert(fc.property(fields, fields, fields, (asked, held, next) => {
    const decided = plan({ ...bound(asked, held), desired: next, generation: 2 });
    const isSame = JSON.stringify(sorted(appliedFingerprint(asked, rules))) ===
      JSON.stringify(sorted(appliedFingerprint(next, rules)));
    const isPath = asked.path !== next.path && (next.path === undefined || next.path !== held.path);
    if (asked.path !== next.path && !isPath) return assert.notEqual(decided.action, "immutable");
    assert.equal(decided.action, isSame ? "bind" : isPath ? "immutable" : "update");
    if (decided.action === "update") assert.equal(decided.cause, "manifest");
  }));
});

function sorted(value: object): unknown {
  return Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1)
    .map(([key, item]) => [key, typeof item === "object" ? sorted(item) : item]);
}
