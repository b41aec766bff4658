/** CustomResourceDefinitions. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { definitionOf } from "../widget.ts";
import { type Case, ok, refused } from "../world.ts";

const PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const plain = { type: "object", properties: { spec: { type: "object", properties: { a: { type: "string" } } } } };

/** A definition with the given schema of `spec`. */
function withSpec(group: string, spec: Body): Body {
  return definitionOf(group, { kind: "Gadget", schema: { type: "object", properties: { spec } } });
}

/** Schemas of `spec` that are refused, and the messages. */
const refusals: readonly { name: string; spec: Body; message: string }[] = [
  {
    name: "a field without a type",
    spec: { properties: { a: { type: "string" } } },
    message: "properties[spec].type: Required value: must not be empty for specified object fields",
  },
  {
    name: "a default of another type",
    spec: { type: "object", properties: { a: { type: "string", default: 5 } } },
    message: 'properties[spec].properties[a].default: Invalid value: "integer"',
  },
  {
    name: "a rule that is not CEL",
    spec: { type: "object", "x-kubernetes-validations": [{ rule: "(((" }] },
    message: "properties[spec].x-kubernetes-validations[0].rule: Invalid value",
  },
  {
    name: "a list key that may be missing",
    spec: {
      type: "object",
      properties: {
        a: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: { type: "object", properties: { k: { type: "string" } } },
        },
      },
    },
    message:
      "properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys",
  },
];

export const definitions: readonly Case[] = [
  ...refusals.map(({ name, spec, message }): Case => ({
    name: `a definition with ${name} is refused with 422`,
    run: async (world) =>
      refused(await world.post(PATH, withSpec(`bad.${world.group}`, spec)), 422, "Invalid", message),
  })),
  {
    name: "a definition without a schema, with another name, or with no stored version is refused with 422",
    async run(world) {
      const definition = () => withSpec(`bad.${world.group}`, { type: "object" });
      const bare = definition();
      delete bare.spec.versions[0].schema;
      refused(await world.post(PATH, bare), 422, "Invalid", "spec.versions[0].schema.openAPIV3Schema: Required value");
      const named = { ...definition(), metadata: { name: "other.example.com" } };
      refused(await world.post(PATH, named), 422, "Invalid", 'must be spec.names.plural+"."+spec.group');
      const unstored = definition();
      unstored.spec.versions[0].storage = false;
      refused(
        await world.post(PATH, unstored),
        422,
        "Invalid",
        "must have exactly one version marked as storage version",
      );
    },
  },
  {
    name: "a definition is Established, and its names are completed",
    async run(world) {
      const path = world.definition(`widgets.${world.group}`);
      const { spec, status, metadata } = ok(await world.get(path));
      const conditions = Object.fromEntries(status.conditions.map(({ type, status }: Body) => [type, status]));
      assert.equal(conditions.Established, "True");
      assert.equal(conditions.NamesAccepted, "True");
      assert.deepEqual(status.storedVersions, ["v1"]);
      assert.equal(status.acceptedNames.singular, "widget");
      assert.equal(spec.names.listKind, "WidgetList");
      assert.deepEqual(spec.conversion, { strategy: "None" });
      assert.equal(metadata.generation, 1);
    },
  },
  {
    name: "an edited definition applies to later writes, and its defaults apply to reads",
    async run(world) {
      const group = `edited.${world.group}`;
      await world.define(withSpec(group, { type: "object", properties: { a: { type: "string" } } }));
      const objects = `/apis/${group}/v1/namespaces/${world.namespace}/gadgets`;
      const gadget = { apiVersion: `${group}/v1`, kind: "Gadget", metadata: { name: "g" }, spec: { a: "long" } };
      ok(await world.post(objects, gadget));
      const path = world.definition(`gadgets.${group}`);
      const root = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
      ok(
        await world.patch(path, [
          { op: "add", path: `${root}/a/maxLength`, value: 2 },
          { op: "add", path: `${root}/b`, value: { type: "integer", default: 7 } },
        ]),
      );
      await world.until("the new default is read", async () => ok(await world.get(`${objects}/g`)).spec.b === 7);
      const other = { ...gadget, metadata: { name: "h" } };
      refused(await world.post(objects, other), 422, "Invalid", "spec.a: Too long");
      // A value that was already invalid may stay if it is not changed.
      assert.equal(ok(await world.merge(`${objects}/g`, { spec: { b: 8 } })).spec.b, 8);
      refused(await world.merge(`${objects}/g`, { spec: { a: "longer" } }), 422, "Invalid", "spec.a: Too long");
    },
  },
  {
    name: "an object of a cluster-scoped kind has no namespace",
    async run(world) {
      const group = `wide.${world.group}`;
      const definition = withSpec(group, { type: "object" });
      definition.spec.scope = "Cluster";
      await world.define(definition);
      const gadget = { apiVersion: `${group}/v1`, kind: "Gadget", metadata: { name: "g" }, spec: {} };
      assert.equal(ok(await world.post(`/apis/${group}/v1/gadgets`, gadget)).metadata.namespace, undefined);
      assert.equal((await world.get(`/apis/${group}/v1/namespaces/${world.namespace}/gadgets`)).status, 404);
    },
  },
  {
    name: "each version shows the same objects under its own name",
    async run(world) {
      const group = `versions.${world.group}`;
      const definition = definitionOf(group, { kind: "Gadget", schema: plain });
      const [first] = definition.spec.versions;
      definition.spec.versions.push({ ...first, name: "v2", storage: false });
      await world.define(definition);
      const at = (version: string) => `/apis/${group}/${version}/namespaces/${world.namespace}/gadgets`;
      const gadget = { apiVersion: `${group}/v1`, kind: "Gadget", metadata: { name: "g" }, spec: { a: "x" } };
      ok(await world.post(at("v1"), gadget));
      const second = ok(await world.get(`${at("v2")}/g`));
      assert.equal(second.apiVersion, `${group}/v2`);
      assert.equal(second.spec.a, "x");
    },
  },
  {
    name: "deleting a definition deletes its objects, and waits for their finalizers",
    async run(world) {
      const group = `ending.${world.group}`;
      await world.define(withSpec(group, { type: "object" }));
      const objects = `/apis/${group}/v1/namespaces/${world.namespace}/gadgets`;
      const gadget = (name: string, finalizers: string[]) => ({
        apiVersion: `${group}/v1`,
        kind: "Gadget",
        metadata: { name, finalizers },
        spec: {},
      });
      ok(await world.post(objects, gadget("free", [])));
      ok(await world.post(objects, gadget("held", ["example.com/hold"])));
      const path = world.definition(`gadgets.${group}`);
      const { metadata } = ok(await world.delete(path));
      assert.deepEqual(metadata.finalizers, ["customresourcecleanup.apiextensions.k8s.io"]);
      await world.gone(`${objects}/free`);
      assert.ok(ok(await world.get(`${objects}/held`)).metadata.deletionTimestamp);
      const served = ok(await world.get(`/apis/${group}/v1`)).resources.find(({ name }: { name: string }) =>
        name === "gadgets"
      );
      assert.deepEqual(served.verbs, ["delete", "deletecollection", "get", "list", "watch"]);
      const late = await world.post(objects, gadget("late", []));
      refused(late, 403, "Forbidden", "create not allowed while custom resource definition is terminating");
      const { resources } = ok(await world.get(`/apis/${group}/v1`));
      const { verbs } = resources.find(({ name }: { name: string }) => name === "gadgets");
      assert.deepEqual([...verbs].sort(), ["delete", "deletecollection", "get", "list", "watch"]);
      ok(await world.merge(`${objects}/held`, { metadata: { finalizers: null } }));
      await world.gone(path);
      await world.until("the kind is not served", async () => (await world.get(objects)).status === 404);
    },
  },
  {
    name: "deleting a definition ends the watches of its kind cleanly",
    async run(world) {
      const group = `gone.${world.group}`;
      await world.define(withSpec(group, { type: "object" }));
      using watch = await world.watch(`/apis/${group}/v1/namespaces/${world.namespace}/gadgets`);
      const path = world.definition(`gadgets.${group}`);
      ok(await world.delete(path));
      await world.gone(path);
      assert.equal(await watch.event(), undefined);
    },
  },
];
