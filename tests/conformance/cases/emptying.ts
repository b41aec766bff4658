/** Server-side apply of maps that lose their fields. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

export const emptying: readonly Case[] = [
  {
    name:
      "a map whose last field its manager no longer applies becomes null, also where the map itself is still applied",
    async run(world) {
      const path = `${world.widgets()}/emptied`;
      ok(await world.apply(path, world.widget("emptied", { size: 1, nullable: { x: 1 } }), "one"));
      const emptied = ok(await world.apply(path, world.widget("emptied", { size: 1, nullable: {} }), "one"));
      assert.deepEqual(emptied.spec, { size: 1, color: "red", nullable: null });
      const again = ok(await world.apply(path, world.widget("emptied", { size: 1, nullable: {} }), "one"));
      assert.deepEqual(again.spec, { size: 1, color: "red", nullable: {} });
    },
  },
  {
    name:
      "where null is not allowed, an apply that empties a map is refused (422), and one that leaves the map out is not",
    async run(world) {
      const path = `${world.widgets()}/refused`;
      const widget = (spec: Body) => world.widget("refused", { size: 1, ...spec });
      ok(await world.apply(path, widget({ nested: { inner: { x: 1 } }, limits: { a: 1 } }), "one"));
      const named = await world.apply(path, widget({ nested: { inner: {} }, limits: { a: 1 } }), "one");
      refused(named, 422, "Invalid", /spec\.nested\.inner: Invalid value: "null": .* must be of type object/);
      const free = await world.apply(path, widget({ nested: { inner: { x: 1 } }, limits: {} }), "one");
      refused(free, 422, "Invalid", /spec\.limits: Invalid value: "null": .* must be of type object/);
      const { spec } = ok(await world.apply(path, widget({}), "one"));
      assert.deepEqual(spec, { size: 1, color: "red" });
    },
  },
  {
    name: "a map that is atomic, or that has another field left, does not become null",
    async run(world) {
      const path = `${world.widgets()}/partly`;
      const widget = (spec: Body) => world.widget("partly", { size: 1, ...spec });
      ok(await world.apply(path, widget({ whole: { a: "1" }, open: { x: { y: 1 }, z: 1 } }), "one"));
      const { spec } = ok(await world.apply(path, widget({ whole: {}, open: { z: 1 } }), "one"));
      assert.deepEqual(spec, { size: 1, color: "red", whole: {}, open: { z: 1 } });
    },
  },
];
