import assert from "node:assert/strict";
import fc from "fast-check";
import { appliedFingerprint, observedFingerprint } from "./baseline.ts";
import { plan, type Situation } from "./plan.ts";
import { baselineOf, type Fields, none, rules, settled } from "./situations_fake.ts";

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

Deno.test("for any manifest and any response, there is nothing to do once the baseline is taken", () => {
  fc.assert(fc.property(fields, fields, fc.boolean(), (asked, held, updatable) => {
    assert.deepEqual(plan({ ...bound(asked, held), updatable }), none);
  }));
});

Deno.test("any change of one observed field is drift that names a path of that field", () => {
  fc.assert(fc.property(fields, fields, fields, fc.nat(), (asked, held, other, pick) => {
    const changed = Object.keys({ ...held, ...other }).filter((field) =>
      field !== "id" &&
      JSON.stringify(sorted(observedFingerprint({ [field]: held[field] }, rules))) !==
        JSON.stringify(sorted(observedFingerprint({ [field]: other[field] }, rules)))
    );
    const field = changed[pick % Math.max(1, changed.length)];
    fc.pre(field !== undefined);
    const decided = plan({ ...bound(asked, held), observed: { ...held, [field as string]: other[field as string] } });
    // A change of an immutable field is reported, not written.
    if (field === "path") return assert.deepEqual(decided, none);
    assert.ok(decided.action === "update" && decided.cause === "drift", JSON.stringify(decided));
    assert.ok(decided.changes.length > 0);
    for (const path of decided.changes) assert.equal(path.split(/[.[]/)[0], field);
  }));
});

Deno.test("an observed state that changes and changes back leaves nothing to do", () => {
  fc.assert(fc.property(fields, fields, fields, (asked, held, meanwhile) => {
    const before = bound(asked, held);
    const during = { ...before, observed: meanwhile };
    plan(during);
    assert.deepEqual(plan({ ...during, observed: structuredClone(held) }), none);
  }));
});

Deno.test("any edit of the manifest is written, rejected or, without an effect, bound", () => {
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
