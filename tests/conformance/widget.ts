/**
 * The kind that the cases use.
 *
 * @module
 */
import type { Body } from "./target.ts";

const spec = {
  type: "object",
  required: ["size"],
  "x-kubernetes-validations": [
    { rule: "!has(self.min) || self.size >= self.min", message: "size is below min" },
    { rule: "self.size < 1000" },
    { rule: "self.size != 77 || !has(self.nullable)", message: "nullable is set" },
    { rule: "self.size != 13", messageExpression: "self.size == 13 ? 'unlucky' : 'lucky'" },
  ],
  properties: {
    size: { type: "integer", description: "How large it is." },
    min: { type: "integer" },
    weight: { type: "number", minimum: 1, maximum: 10 },
    color: { type: "string", enum: ["red", "blue"], default: "red" },
    code: { type: "string", pattern: "^a+$", minLength: 2, maxLength: 4 },
    since: { type: "string", format: "date-time" },
    note: { type: "string", nullable: true },
    fixed: { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed is immutable" }] },
    tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set", minItems: 1, maxItems: 3 },
    names: { type: "array", items: { type: "string" } },
    ports: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["port"],
      items: {
        type: "object",
        required: ["port"],
        properties: { port: { type: "integer" }, name: { type: "string" }, kind: { type: "string", default: "TCP" } },
      },
    },
    limits: { type: "object", additionalProperties: { type: "integer" }, maxProperties: 2 },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: { type: "integer" } } },
    nullable: { type: "object", nullable: true, properties: { x: { type: "integer" } } },
    target: { "x-kubernetes-int-or-string": true },
    whole: {
      type: "object",
      "x-kubernetes-map-type": "atomic",
      properties: { a: { type: "string" }, b: { type: "string" } },
    },
    nested: {
      type: "object",
      properties: {
        on: { type: "boolean", default: true },
        inner: { type: "object", properties: { x: { type: "integer" } } },
      },
    },
    items: {
      type: "array",
      maxItems: 10,
      items: { type: "object", properties: { n: { type: "integer" } } },
      "x-kubernetes-validations": [{ rule: "self.all(i, i.n > 0)", message: "n is positive" }],
    },
  },
};

const condition = {
  type: "object",
  required: ["type", "status"],
  properties: { type: { type: "string" }, status: { type: "string" } },
};

const status = {
  type: "object",
  properties: {
    phase: { type: "string" },
    count: { type: "integer" },
    conditions: {
      type: "array",
      items: condition,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
    },
  },
};

const columns = [
  { name: "Size", type: "integer", jsonPath: ".spec.size" },
  {
    name: "Ready",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: "Whether it is.",
  },
  { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1 },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** A definition of the kind Widget. */
export function widgetDefinition(group: string): Body {
  return definitionOf(group, {
    kind: "Widget",
    schema: { type: "object", properties: { spec, status }, required: ["spec"] },
    version: {
      subresources: { status: {} },
      additionalPrinterColumns: columns,
      selectableFields: [{ jsonPath: ".spec.color" }],
    },
    names: { shortNames: [`w${group.slice(1, 9)}`] },
  });
}

/** A definition with one version, `v1`. */
export function definitionOf(
  group: string,
  { kind, schema, version = {}, names = {} }: { kind: string; schema: Body; version?: Body; names?: Body },
): Body {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind, ...names },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    },
  };
}
