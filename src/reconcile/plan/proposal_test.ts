import assert from "node:assert/strict";
import fc from "fast-check";
import { effectsOfCreate, effectsOfUpdate } from "./effects.ts";
import { plan, type Situation } from "./plan.ts";
import { digestOf, type PlanSubject, type Proposal, shownPlan, summaryOf } from "./proposal.ts";
import { baselineOf, desired, type Fields, observed, rules, settled } from "./situations_fake.ts";

const subject: PlanSubject = { kind: "DatabricksJob", object: "team/etl", workspace: "https://adb-1", id: "7" };

const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(901234567890123456n));
const fields = fc.dictionary(
  fc.stringMatching(/^[a-z_]{1,8}$/),
  fc.oneof(value, fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value, { noNullPrototype: true })),
  { minKeys: 1, maxKeys: 6, noNullPrototype: true },
);

/** The same value with its keys in the opposite order, at every depth. */
function turned(one: unknown): unknown {
  if (Array.isArray(one)) return one.map(turned);
  if (one === null || typeof one !== "object") return one;
  return Object.fromEntries(Object.entries(one).reverse().map(([key, inner]) => [key, turned(inner)]));
}

const create = (manifest: Fields): Proposal => ({
  action: "create",
  cause: "manifest",
  changes: effectsOfCreate({ desired: manifest, rules: {} }, "manifest"),
});

Deno.test("the digest does not depend on the order of keys", () => {
  fc.assert(fc.property(fields, (manifest) => {
    assert.equal(digestOf(subject, create(manifest)), digestOf(subject, create(turned(manifest) as Fields)));
  }));
});

Deno.test("another value, another path or a further change gives another digest", () => {
  fc.assert(fc.property(fields, fields, (one, other) => {
    const isSame = JSON.stringify(create(one).changes.map(text).sort()) ===
      JSON.stringify(create(other).changes.map(text).sort());
    assert.equal(digestOf(subject, create(one)) === digestOf(subject, create(other)), isSame);
  }));
});

function text({ path, to }: { path: string; to: unknown }): string {
  const sorted = (_: string, inner: unknown) =>
    typeof inner === "bigint"
      ? `${inner}n`
      : inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort())
      : inner;
  return JSON.stringify([path, to], sorted);
}

Deno.test("another object, workspace, resource or action gives another digest", () => {
  const proposal = create({ name: "etl" });
  const others: PlanSubject[] = [
    { ...subject, kind: "Repo" },
    { ...subject, object: "team/elt" },
    { ...subject, workspace: "https://adb-2" },
    { ...subject, id: "8" },
    { ...subject, id: undefined },
  ];
  const digests = [...others.map((one) => digestOf(one, proposal)), digestOf(subject, proposal)];
  assert.equal(new Set(digests).size, digests.length);
  assert.notEqual(digestOf(subject, proposal), digestOf(subject, { ...proposal, action: "recreate" }));
});

const update = (more: Partial<Situation>): Proposal => {
  const situation = { ...settled({ generation: 2, ...more }), observed: (more.observed ?? observed) as Fields };
  const decided = plan(situation);
  assert.equal(decided.action, "update");
  if (decided.action !== "update") throw new Error("unreachable");
  return { action: "update", cause: "manifest", changes: effectsOfUpdate(situation, decided, []) };
};

const edited = { ...desired, schedule: { tz: "CET" } };

Deno.test("the digest of an update does not depend on the generation, nor on whether there is a baseline", () => {
  const digests = [
    update({ desired: edited }),
    update({ desired: edited, generation: 77 }),
    update({ desired: edited, baseline: undefined }),
    update({ desired: { ...edited, tasks: [...desired.tasks as unknown[]].reverse() } }),
  ].map((proposal) => digestOf(subject, proposal));
  assert.equal(new Set(digests).size, 1);
});

Deno.test("an update also shows reverted fields, and removed ones if it replaces everything", () => {
  const drifted = { ...observed, name: "theirs", extra: { on: true } };
  const paths = ({ changes }: Proposal) => changes.map(({ path, reason }) => `${path} ${reason}`).sort();
  const partly = update({ desired: edited, observed: drifted });
  assert.deepEqual(paths(partly), ["name drift", "schedule.tz manifest"]);
  const wholly = update({ desired: edited, observed: drifted, rules: { ...rules, replaces: true } });
  assert.deepEqual(paths(wholly), ["extra drift", "name drift", "schedule.tz manifest"]);
});

Deno.test("known spellings of Databricks are not changes", () => {
  const held = { ...observed, url: "HTTPS://A" };
  const asked = { ...edited, url: "https://a" };
  const { changes } = update({
    desired: asked,
    observed: held,
    baseline: baselineOf({ ...desired, url: "https://a" }, held),
  });
  assert.deepEqual(changes.map(({ path }) => path), ["schedule.tz"]);
});

Deno.test("a field or an element that leaves the manifest is shown with its last value", () => {
  const without = { name: "etl", tasks: [{ task_key: "a", retries: 1 }] };
  const { changes } = update({ desired: without });
  assert.deepEqual(changes.map(({ path, from, to }) => [path, typeof from, to]).sort(), [
    ["schedule", "object", undefined],
    ["tasks[b]", "object", undefined],
  ]);
});

Deno.test("the status shows at most fifty changes and 256 characters per value, and no confidential values", () => {
  const many = Array.from({ length: 80 }, (_, index) => ({
    path: `field_${index}`,
    from: { password: "c4nary", note: "x".repeat(1000) },
    to: 7,
    reason: "manifest" as const,
  }));
  const proposal: Proposal = { action: "update", cause: "manifest", changes: many };
  const options = { digest: "0", since: "2026-01-01T00:00:00Z", rules: { confidential: ["password"] } };
  const shown = shownPlan(proposal, options);
  assert.deepEqual([shown.total, shown.changes.length], [80, 50]);
  assert.ok(JSON.stringify(shown).length < 40_000);
  assert.doesNotMatch(JSON.stringify(shown), /c4nary/);
  assert.equal(summaryOf(proposal), "update: field_0, field_1, field_2 and 77 more");
});
