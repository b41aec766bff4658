/**
 * The resource types that a CustomResourceDefinition defines.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { type CrdVersion, specOf } from "./kinds/custom_resource_definition.ts";
import type { Column, ResourceType } from "./resource_type.ts";
import { objectMeta, type Schema } from "./schema/schema.ts";
import { stepsOf } from "./views/json_path.ts";

const AGE: Column = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** One resource type for each served version. */
export function typesOf(crd: KubeObject): ResourceType[] {
  return specOf(crd).versions.filter(({ served }) => served).map((version) => typeOf(crd, version));
}

/** The resource types of versions; a version is as immutable as the definition that contains it. */
const known = new WeakMap<CrdVersion, ResourceType>();

function typeOf(crd: KubeObject, version: CrdVersion): ResourceType {
  const type = known.get(version) ?? makeType(crd, version);
  known.set(version, type);
  return crd.metadata.deletionTimestamp === undefined ? type : { ...type, isTerminating: true };
}

function makeType(crd: KubeObject, version: CrdVersion): ResourceType {
  const { group, names, scope } = specOf(crd);
  const columns = (version.additionalPrinterColumns ?? [AGE]) as unknown as Column[];
  return {
    group,
    version: version.name,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: scope === "Namespaced",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    schema: wholeSchema(version.schema?.openAPIV3Schema ?? {}),
    isCustom: true,
    subresources: version.subresources?.status ? ["status"] : [],
    columns,
    selectable: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ""), fieldSteps(jsonPath)]),
    ),
    rules: {},
    isTerminating: false,
  };
}

function fieldSteps(jsonPath: string): string[] {
  return stepsOf(jsonPath).flatMap((step) => step.kind === "field" ? [step.name] : []);
}

/** The schema with the fields that every object has. */
function wholeSchema(schema: Schema): Schema {
  const own = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: objectMeta };
  return { ...schema, properties: { ...schema.properties, ...own } };
}
