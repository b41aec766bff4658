/** Server-side apply and field ownership. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, ok, refused } from "../world.ts";

/** Returns the owned fields by `manager operation`. */
function owners({ metadata }: Body): Record<string, unknown> {
  return Object.fromEntries(
    (metadata.managedFields ?? []).map((
      { manager, operation, fieldsV1, subresource }: Body,
    ) => [`${manager} ${operation}${subresource ? ` ${subresource}` : ""}`, fieldsV1]),
  );
}

export const applying: readonly Case[] = [
  {
    name: "apply creates a missing object (201), and its manager owns the applied fields",
    async run(world) {
      const answer = await world.apply(`${world.widgets()}/applied`, world.widget("applied", { size: 1 }), "one");
      assert.equal(answer.status, 201);
      assert.deepEqual(owners(ok(answer)), { "one Apply": { "f:spec": { "f:size": {} } } });
      assert.equal(answer.body.spec.color, "red");
    },
  },
  {
    name: "applying the same again changes nothing",
    async run(world) {
      const path = `${world.widgets()}/again`;
      const body = world.widget("again", { size: 1, nested: {} });
      const first = ok(await world.apply(path, body, "one"));
      const second = await world.apply(path, body, "one");
      assert.equal(second.status, 200);
      assert.equal(ok(second).metadata.resourceVersion, first.metadata.resourceVersion);
    },
  },
  {
    name: "an object keeps its name and UID when an apply drops the only field that its manager owned in metadata",
    async run(world) {
      const path = `${world.widgets()}/plain`;
      const widget = world.widget("plain", { size: 1 });
      const { metadata } = widget;
      const held = { ...widget, metadata: { ...metadata, finalizers: ["example.com/held"] } };
      const first = ok(await world.apply(path, held, "one"));
      const second = ok(await world.apply(path, widget, "one"));
      assert.equal(second.metadata.finalizers, undefined);
      assert.deepEqual([second.metadata.name, second.metadata.uid], ["plain", first.metadata.uid]);
    },
  },
  {
    name: "an update's writer owns what it added and changed, and takes it from others",
    async run(world) {
      const path = `${world.widgets()}/taken`;
      ok(await world.apply(path, world.widget("taken", { size: 1, code: "aa" }), "one"));
      const updated = ok(await world.merge(path, { spec: { size: 2, note: "x" } }, { fieldManager: "two" }));
      assert.deepEqual(owners(updated), {
        "one Apply": { "f:spec": { "f:code": {} } },
        "two Update": { "f:spec": { "f:note": {}, "f:size": {} } },
      });
    },
  },
  {
    name: "applying another value to a field of another manager is a conflict (409) that names the field",
    async run(world) {
      const path = `${world.widgets()}/contested`;
      ok(await world.apply(path, world.widget("contested", { size: 1 }), "one"));
      const answer = await world.apply(path, world.widget("contested", { size: 2 }), "two");
      refused(answer, 409, "Conflict", 'Apply failed with 1 conflict: conflict with "one": .spec.size');
      assert.deepEqual(answer.body.details.causes, [
        { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".spec.size" },
      ]);
    },
  },
  {
    name: "several conflicts are listed by manager",
    async run(world) {
      const path = `${world.widgets()}/several`;
      ok(await world.apply(path, world.widget("several", { size: 1, code: "aa" }), "one"));
      const answer = await world.apply(path, world.widget("several", { size: 2, code: "aaa" }), "two");
      const text = 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.code\n- .spec.size';
      refused(answer, 409, "Conflict", text);
    },
  },
  {
    name: "force takes the field over",
    async run(world) {
      const path = `${world.widgets()}/forced`;
      ok(await world.apply(path, world.widget("forced", { size: 1, code: "aa" }), "one"));
      const forced = ok(await world.apply(path, world.widget("forced", { size: 2 }), "two", { force: true }));
      assert.equal(forced.spec.size, 2);
      assert.deepEqual(owners(forced), {
        "one Apply": { "f:spec": { "f:code": {} } },
        "two Apply": { "f:spec": { "f:size": {} } },
      });
    },
  },
  {
    name: "applying the current value shares its ownership",
    async run(world) {
      const path = `${world.widgets()}/shared`;
      ok(await world.apply(path, world.widget("shared", { size: 1 }), "one"));
      const shared = ok(await world.apply(path, world.widget("shared", { size: 1 }), "two"));
      assert.deepEqual(Object.keys(owners(shared)).sort(), ["one Apply", "two Apply"]);
    },
  },
  {
    name: "a field that a manager no longer applies is removed, unless another manager owns it",
    async run(world) {
      const path = `${world.widgets()}/given`;
      ok(await world.apply(path, world.widget("given", { size: 1, code: "aa", note: "x" }), "one"));
      ok(await world.apply(path, world.widget("given", { size: 1, note: "x" }), "two"));
      const { spec } = ok(await world.apply(path, world.widget("given", { size: 1 }), "one"));
      assert.deepEqual(spec, { size: 1, color: "red", note: "x" });
    },
  },
  {
    name: "items of a keyed list belong to those who apply them, and sets are merged",
    async run(world) {
      const path = `${world.widgets()}/items`;
      const by = (port: number, tag: string) =>
        world.widget("items", { size: 1, ports: [{ port, name: `p${port}` }], tags: [tag] });
      ok(await world.apply(path, by(1, "a"), "one"));
      const both = ok(await world.apply(path, by(2, "b"), "two"));
      assert.deepEqual(both.spec.ports.map(({ port }: { port: number }) => port), [1, 2]);
      assert.deepEqual(both.spec.tags, ["a", "b"]);
      assert.deepEqual((owners(both)["two Apply"] as Body)["f:spec"], {
        "f:ports": { 'k:{"port":2}': { ".": {}, "f:name": {}, "f:port": {} } },
        "f:size": {},
        "f:tags": { 'v:"b"': {} },
      });
      const alone = ok(await world.apply(path, world.widget("items", { size: 1 }), "one"));
      assert.deepEqual(alone.spec.ports.map(({ port }: { port: number }) => port), [2]);
      assert.deepEqual(alone.spec.tags, ["b"]);
    },
  },
  {
    name: "a list without keys and an atomic map are owned as a whole",
    async run(world) {
      const path = `${world.widgets()}/atomic`;
      ok(await world.apply(path, world.widget("atomic", { size: 1, names: ["a"], whole: { a: "1" } }), "one"));
      const answer = await world.apply(
        path,
        world.widget("atomic", { size: 1, names: ["b"], whole: { b: "2" } }),
        "two",
      );
      refused(answer, 409, "Conflict", "- .spec.names\n- .spec.whole");
      const body = world.widget("atomic", { size: 1, names: ["b"], whole: { b: "2" } });
      const { spec } = ok(await world.apply(path, body, "two", { force: true }));
      assert.deepEqual(spec.names, ["b"]);
      assert.deepEqual(spec.whole, { b: "2" });
    },
  },
  {
    name: "labels, annotations and finalizers are owned one by one",
    async run(world) {
      const path = `${world.widgets()}/labels`;
      const by = (key: string) =>
        world.widget("labels", { size: 1 }, { labels: { [key]: "1" }, finalizers: [`example.com/${key}`] });
      ok(await world.apply(path, by("a"), "one"));
      const both = ok(await world.apply(path, by("b"), "two"));
      assert.deepEqual(both.metadata.labels, { a: "1", b: "1" });
      assert.deepEqual(both.metadata.finalizers, ["example.com/a", "example.com/b"]);
      const rest = ok(await world.apply(path, world.widget("labels", { size: 1 }), "one"));
      assert.deepEqual(rest.metadata.labels, { b: "1" });
      assert.deepEqual(rest.metadata.finalizers, ["example.com/b"]);
      ok(await world.merge(path, { metadata: { finalizers: null } }));
    },
  },
  {
    name: "a create's writer owns all of its fields, and the fields around them",
    async run(world) {
      const made = await world.create("whole", { size: 1, nested: { inner: { x: 1 } } }, { labels: { a: "b" } });
      assert.deepEqual(owners(made), {
        "conformance Update": {
          "f:metadata": { "f:labels": { ".": {}, "f:a": {} } },
          "f:spec": {
            ".": {},
            "f:color": {},
            "f:nested": { ".": {}, "f:inner": { ".": {}, "f:x": {} }, "f:on": {} },
            "f:size": {},
          },
        },
      });
    },
  },
  {
    name: "the status is applied through its subresource",
    async run(world) {
      await world.create("served");
      const path = `${world.widgets()}/served/status`;
      const body = {
        ...world.widget("served"),
        spec: undefined,
        status: { conditions: [{ type: "Ready", status: "True" }] },
      };
      const applied = ok(await world.apply(path, body, "one"));
      assert.deepEqual(owners(applied)["one Apply status"], {
        "f:status": { "f:conditions": { 'k:{"type":"Ready"}': { ".": {}, "f:status": {}, "f:type": {} } } },
      });
      const other = { ...body, status: { conditions: [{ type: "Ready", status: "False" }] } };
      const answer = await world.apply(path, other, "two");
      refused(
        answer,
        409,
        "Conflict",
        'conflict with "one" with subresource "status": .status.conditions[type="Ready"].status',
      );
    },
  },
  {
    name: "apply needs a fieldManager, and only apply can be forced (422)",
    async run(world) {
      const path = `${world.widgets()}/nobody`;
      const nobody = await world.apply(path, world.widget("nobody"), "");
      refused(nobody, 422, "Invalid", "fieldManager: Required value: is required for apply patch");
      const forced = await world.merge(path, {}, { force: true });
      refused(forced, 422, "Invalid", "force: Forbidden: may not be specified for non-apply patch");
    },
  },
  {
    name: "an apply with managedFields, another name, or a stale resourceVersion is refused",
    async run(world) {
      await world.create("picky");
      const path = `${world.widgets()}/picky`;
      const managed = world.widget("picky", { size: 1 }, { managedFields: [{ manager: "x" }] });
      refused(await world.apply(path, managed, "one"), 400, "BadRequest", "metadata.managedFields must be nil");
      refused(
        await world.apply(path, world.widget("other"), "one"),
        400,
        "BadRequest",
        "does not match the name on the URL",
      );
      const stale = world.widget("picky", { size: 1 }, { resourceVersion: "1" });
      refused(await world.apply(path, stale, "one"), 409, "Conflict", "the object has been modified");
    },
  },
  {
    name: "an apply is validated",
    async run(world) {
      const answer = await world.apply(`${world.widgets()}/wrong`, world.widget("wrong", { size: 1, min: 5 }), "one");
      refused(answer, 422, "Invalid", "size is below min");
    },
  },
  {
    name: "an empty entry of managedFields drops all ownership",
    async run(world) {
      const path = `${world.widgets()}/reset`;
      ok(await world.apply(path, world.widget("reset", { size: 1 }), "one"));
      const reset = ok(await world.patch(path, [{ op: "replace", path: "/metadata/managedFields", value: [{}] }]));
      assert.equal(owners(reset)["one Apply"], undefined);
    },
  },
  {
    name: "a ConfigMap's keys are owned one by one",
    async run(world) {
      const path = `${world.core("configmaps")}/keys`;
      const by = (data: Record<string, string>) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "keys" },
        data,
      });
      ok(await world.apply(path, by({ a: "1" }), "one"));
      const both = ok(await world.apply(path, by({ b: "2" }), "two"));
      assert.deepEqual(both.data, { a: "1", b: "2" });
      assert.deepEqual(owners(both)["two Apply"], { "f:data": { "f:b": {} } });
      refused(await world.apply(path, by({ a: "9" }), "two"), 409, "Conflict", 'conflict with "one": .data.a');
      assert.deepEqual(ok(await world.apply(path, by({}), "one")).data, { b: "2" });
    },
  },
  {
    name: "an unknown field in an apply is refused",
    async run(world) {
      const body = world.widget("unknown", { size: 1, zap: 1 });
      const answer = await world.apply(`${world.widgets()}/unknown`, body, "one");
      assert.equal(answer.status, 500);
      assert.match(
        answer.body.message,
        /^failed to create typed patch object \(.*\): \.spec\.zap: field not declared in schema$/,
      );
    },
  },
  {
    name: "apply may be tried with dryRun",
    async run(world) {
      const path = `${world.widgets()}/dryly`;
      ok(await world.apply(path, world.widget("dryly", { size: 1 }), "one"));
      assert.equal(
        ok(await world.apply(path, world.widget("dryly", { size: 2 }), "one", { dryRun: "All" })).spec.size,
        2,
      );
      assert.equal(ok(await world.get(path)).spec.size, 1);
    },
  },
  {
    name: "a PUT that leaves a field out takes it from its owner",
    async run(world) {
      const path = `${world.widgets()}/replaced`;
      const made = ok(await world.apply(path, world.widget("replaced", { size: 1, code: "aa" }), "one"));
      const { managedFields: _, ...metadata } = made.metadata;
      const put = ok(await world.put(path, { ...made, metadata, spec: { size: 1 } }));
      assert.deepEqual(owners(put), { "one Apply": { "f:spec": { "f:size": {} } } });
    },
  },
  {
    name: "applying to a Namespace owns its labels",
    async run(world) {
      const name = await world.addNamespace(`${world.namespace}-applied`);
      const body = {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, labels: { team: "data" } },
      };
      const applied = ok(await world.apply(`/api/v1/namespaces/${name}`, body, "one"));
      assert.equal(applied.metadata.labels.team, "data");
      assert.deepEqual(owners(applied)["one Apply"], { "f:metadata": { "f:labels": { "f:team": {} } } });
    },
  },
];
