/** JSON patch, merge patch, strategic merge patch. @module */
import assert from "node:assert/strict";
import { types } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

export const patches: readonly Case[] = [
  {
    name: "a merge patch merges objects, replaces lists and removes with null",
    async run(world) {
      await world.create("merged", { size: 1, names: ["a", "b"], limits: { a: 1 }, code: "aa" });
      const patch = { spec: { names: ["c"], limits: { b: 2 }, code: null } };
      const { spec } = ok(await world.merge(`${world.widgets()}/merged`, patch));
      assert.deepEqual(spec, { size: 1, color: "red", names: ["c"], limits: { a: 1, b: 2 } });
    },
  },
  {
    name: "a resourceVersion in a merge patch is a lock",
    async run(world) {
      const { metadata } = await world.create("locked");
      const path = `${world.widgets()}/locked`;
      const { resourceVersion } = metadata;
      ok(await world.merge(path, { metadata: { resourceVersion }, spec: { size: 2 } }));
      refused(await world.merge(path, { metadata: { resourceVersion }, spec: { size: 3 } }), 409, "Conflict");
    },
  },
  {
    name: "a JSON patch adds, replaces, moves, copies, tests and removes",
    async run(world) {
      await world.create("stepped", { size: 1, names: ["a", "c"], code: "aa" });
      const { spec } = ok(
        await world.patch(`${world.widgets()}/stepped`, [
          { op: "test", path: "/spec/size", value: 1 },
          { op: "replace", path: "/spec/size", value: 2 },
          { op: "add", path: "/spec/names/1", value: "b" },
          { op: "add", path: "/spec/names/-", value: "d" },
          { op: "move", from: "/spec/code", path: "/spec/note" },
          { op: "copy", from: "/spec/size", path: "/spec/min" },
          { op: "remove", path: "/spec/names/0" },
        ]),
      );
      assert.deepEqual(spec, { size: 2, color: "red", names: ["b", "c", "d"], note: "aa", min: 2 });
    },
  },
  {
    name: "a JSON patch whose test fails, or whose target is missing, is refused with 422 and changes nothing",
    async run(world) {
      await world.create("tested");
      const path = `${world.widgets()}/tested`;
      const test = { op: "test", path: "/spec/size", value: 9 };
      const text = "the server rejected our request due to an error in our request";
      refused(await world.patch(path, [{ op: "replace", path: "/spec/size", value: 5 }, test]), 422, "Invalid", text);
      refused(await world.patch(path, [{ op: "remove", path: "/spec/none" }]), 422, "Invalid", text);
      refused(await world.patch(path, [{ op: "zap", path: "/spec/size" }]), 422, "Invalid", text);
      refused(await world.patch(path, {}), 400, "BadRequest", "error decoding patch");
      assert.equal(ok(await world.get(path)).spec.size, 1);
    },
  },
  {
    name: "a JSON patch escapes slashes in keys",
    async run(world) {
      await world.create("slashed", { size: 1 }, { annotations: { "example.com/a": "1" } });
      const patch = [{ op: "replace", path: "/metadata/annotations/example.com~1a", value: "2" }];
      const { metadata } = ok(await world.patch(`${world.widgets()}/slashed`, patch));
      assert.deepEqual(metadata.annotations, { "example.com/a": "2" });
    },
  },
  {
    name: "a patch's result is validated",
    async run(world) {
      await world.create("checked");
      const path = `${world.widgets()}/checked`;
      refused(await world.merge(path, { spec: { size: null } }), 422, "Invalid", "spec.size: Required value");
      refused(
        await world.patch(path, [{ op: "add", path: "/spec/color", value: "green" }]),
        422,
        "Invalid",
        "spec.color",
      );
    },
  },
  {
    name: "a patch of a missing object is 404",
    async run(world) {
      refused(await world.merge(`${world.widgets()}/none`, { spec: { size: 1 } }), 404, "NotFound");
    },
  },
  {
    name: "strategic merge patches are for built-in kinds only (415)",
    async run(world) {
      await world.create("plain");
      refused(
        await world.strategic(`${world.widgets()}/plain`, {}),
        415,
        "UnsupportedMediaType",
        "accepted media types include",
      );
      await world.configMap("plain", { a: "1", b: "2" });
      const patched = ok(await world.strategic(`${world.core("configmaps")}/plain`, { data: { a: null, c: "3" } }));
      assert.deepEqual(patched.data, { b: "2", c: "3" });
    },
  },
  {
    name: "a strategic merge patch merges lists by their key, and sets by value",
    async run(world) {
      const owner = await world.configMap("owner");
      const reference = (name: string, uid: string) => ({ apiVersion: "v1", kind: "ConfigMap", name, uid });
      const first = reference("owner", owner.metadata.uid);
      await world.configMap("owned", {}, { finalizers: ["example.com/a"], ownerReferences: [first] });
      const patch = {
        metadata: {
          finalizers: ["example.com/b"],
          ownerReferences: [{ uid: owner.metadata.uid, blockOwnerDeletion: true }],
        },
      };
      const path = `${world.core("configmaps")}/owned`;
      const { metadata } = ok(await world.strategic(path, patch));
      assert.deepEqual(metadata.finalizers.toSorted(), ["example.com/a", "example.com/b"]);
      assert.deepEqual(metadata.ownerReferences, [{ ...first, blockOwnerDeletion: true }]);
      const gone = { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/b"] } };
      assert.equal(ok(await world.strategic(path, gone)).metadata.finalizers, undefined);
    },
  },
  {
    name: "a patch of an unknown type is refused with 415",
    async run(world) {
      await world.create("typeless");
      const answer = await world.target.call("PATCH", `${world.widgets()}/typeless`, { body: {}, type: types.json });
      refused(answer, 415, "UnsupportedMediaType", "application/apply-patch+yaml");
    },
  },
  {
    name: "a patch may be tried with dryRun",
    async run(world) {
      await world.create("tried");
      const path = `${world.widgets()}/tried`;
      assert.equal(ok(await world.merge(path, { spec: { size: 5 } }, { dryRun: "All" })).spec.size, 5);
      assert.equal(ok(await world.get(path)).spec.size, 1);
    },
  },
];
