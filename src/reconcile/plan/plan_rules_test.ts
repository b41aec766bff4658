import assert from "node:assert/strict";
import * as z from "zod";
import { project } from "./fields.ts";
import { appliedFingerprint } from "./baseline.ts";
import { type Plan, plan, type Situation } from "./plan.ts";
import {
  baselineOf,
  bind,
  desired,
  drift,
  edited,
  type Fields,
  immutable,
  manifest,
  none,
  observed,
  pending,
  rules,
  settled,
} from "./situations_fake.ts";

const table: [name: string, situation: Situation, plan: Plan][] = [
  // Fields that no call can clear, and fields that are left alone.
  ["removing a field that no call can clear causes no write", left(), bind],
  [
    "a field that is not compared may change",
    settled({ desired, observed: { ...observed, sparse: 1 } }),
    none,
  ],
  ["a write-only field is not written again", pending({ ...desired, tag: "v1" }, observed), bind],

  // Rules.
  [
    "a change of an immutable field is rejected",
    settled({ desired: { ...desired, path: "/new" }, ...edited }),
    immutable("path"),
  ],
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
    "a manifest that adopts an immutable field's value from Databricks is not a rejected edit",
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
    "a field that only a create reads is not compared",
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
    "another spelling is not a difference",
    settled({ desired: { url: "https://Git" }, observed: { url: "https://git" }, baseline: undefined }),
    bind,
  ],

  // Write-only values.
  ["a rotated value is sent", settled({ rotated: true }), {
    action: "update",
    cause: "rotation",
    changes: [],
  }],
  [
    "a rotated value is sent without a look",
    settled({ rotated: true, observed: "unknown" }),
    { action: "update", cause: "rotation", changes: [] },
  ],
  [
    "a rotated value is sent together with a repair",
    settled({ rotated: true, observed: { ...observed, name: "x" } }),
    drift("name"),
  ],
  [
    "a rotated value does not make an immutable field mutable",
    settled({ rotated: true, desired: { ...desired, path: "/new" }, ...edited }),
    immutable("path"),
  ],

  // Gone.
  ["a missing resource is created again", settled({ observed: "absent" }), { action: "recreate" }],
  [
    "a missing resource is created again, with or without a baseline",
    settled({ observed: "absent", baseline: undefined }),
    {
      action: "recreate",
    },
  ],
];

for (const [name, situation, expected] of table) {
  Deno.test(`plan: ${name}`, () => assert.deepEqual(plan(situation), expected));
}

/** `sparse` left the manifest. */
function left(): Situation {
  const before = { ...observed, sparse: 1 };
  return settled({ observed: before, baseline: baselineOf({ ...desired, sparse: 1 }, before), ...edited });
}

function created(asked: Fields) {
  return appliedFingerprint(asked, rules, { created: true });
}

Deno.test("a field that our types do not know never counts, unless the manifest sets it", () => {
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
