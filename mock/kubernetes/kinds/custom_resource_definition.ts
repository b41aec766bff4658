/** CustomResourceDefinitions: the definition as an object. Its resource types are in custom_types.ts. @module */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { FieldError } from "../field_errors.ts";
import { field } from "../field_errors.ts";
import { checkSchema } from "../schema/structural.ts";
import type { Schema } from "../schema/schema.ts";
import { asObject, equal } from "../values.ts";
import { builtin } from "./builtin.ts";

/** The finalizer that a definition has until its objects are gone. */
export const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

/** A version in a definition's spec. */
export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema?: { openAPIV3Schema?: Schema };
  subresources?: Record<string, unknown>;
  additionalPrinterColumns?: Record<string, unknown>[];
  selectableFields?: { jsonPath: string }[];
}

/** A definition's spec. */
export interface CrdSpec {
  group: string;
  scope: string;
  names: {
    plural: string;
    kind: string;
    singular?: string;
    listKind?: string;
    shortNames?: string[];
    categories?: string[];
  };
  versions: CrdVersion[];
}

/** The spec of a validated definition. */
export function specOf(crd: KubeObject): CrdSpec {
  return crd.spec as unknown as CrdSpec;
}

export const customResourceDefinitions = builtin({
  group: "apiextensions.k8s.io",
  kind: "CustomResourceDefinition",
  schema: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  namespaced: false,
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  subresources: ["status"],
  columns: [{ name: "Created At", type: "date", cell: ({ metadata }) => metadata.creationTimestamp }],
  rules: { updatesBlindly: false, hasGeneration: true, prepare: complete, check },
});

function complete(crd: KubeObject, old?: KubeObject): void {
  const spec = asObject(crd.spec);
  const names = asObject(spec.names);
  const kind = String(names.kind ?? "");
  spec.names = { ...names, singular: names.singular || kind.toLowerCase(), listKind: names.listKind || `${kind}List` };
  spec.conversion ??= { strategy: "None" };
  crd.spec = spec;
  if (!old) {
    crd.status = { conditions: [], acceptedNames: { plural: "", kind: "" }, storedVersions: storedVersions(spec) };
  }
}

function storedVersions(spec: Record<string, unknown>): string[] {
  return versionsOf(spec).filter(({ storage }) => storage).map(({ name }) => name);
}

function versionsOf(spec: Record<string, unknown>): CrdVersion[] {
  return Array.isArray(spec.versions) ? spec.versions as CrdVersion[] : [];
}

function check(crd: KubeObject, old?: KubeObject): FieldError[] {
  const spec = asObject(crd.spec);
  const names = asObject(spec.names);
  const versions = versionsOf(spec);
  const stored = versions.filter(({ storage }) => storage);
  const single = versions.length === 1;
  return [
    ...crd.metadata.name === `${names.plural}.${spec.group}`
      ? []
      : [field.invalid("metadata.name", crd.metadata.name, 'must be spec.names.plural+"."+spec.group')],
    ...["group", "scope"].filter((key) => !spec[key]).map((key) => field.required(`spec.${key}`)),
    ...["plural", "kind"].filter((key) => !names[key]).map((key) => field.required(`spec.names.${key}`)),
    ...stored.length === 1
      ? []
      : [field.invalid("spec.versions", versions, "must have exactly one version marked as storage version")],
    ...versions.flatMap((version, index) => checkVersion(version, { index, single })),
    ...old && old.status !== undefined ? checkUnchanged(spec, asObject(old.spec)) : [],
  ];
}

/** For a definition with one version, errors name the schema's path in the former version of the API. */
function checkVersion(version: CrdVersion, place: { index: number; single: boolean }): FieldError[] {
  const own = `spec.versions[${place.index}].schema.openAPIV3Schema`;
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [field.required(own)];
  return checkSchema(schema, place.single ? "spec.validation.openAPIV3Schema" : own);
}

function checkUnchanged(spec: Record<string, unknown>, old: Record<string, unknown>): FieldError[] {
  const fixed: [string, unknown, unknown][] = [
    ["spec.group", spec.group, old.group],
    ["spec.scope", spec.scope, old.scope],
    ["spec.names.kind", asObject(spec.names).kind, asObject(old.names).kind],
    ["spec.names.plural", asObject(spec.names).plural, asObject(old.names).plural],
  ];
  return fixed.filter(([, now, before]) => !equal(now, before))
    .map(([path, now]) => field.invalid(path, now, "field is immutable"));
}
