/**
 * Objects as a table, for `kubectl get`.
 *
 * @module
 */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Column, ResourceType } from "../resource_type.ts";
import { expand, objectMeta } from "../schema/schema.ts";
import { ageOf } from "./age.ts";
import { find } from "./json_path.ts";

/** The part of the objects that a table's rows contain. */
export type Include = "None" | "Metadata" | "Object";

const describe = (key: string) => expand(objectMeta).properties?.[key]?.description ?? "";

const NAME: Column = { name: "Name", type: "string", format: "name", description: describe("name") };
const AGE: Column = {
  name: "Age",
  type: "string",
  description: describe("creationTimestamp"),
  cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
};

/** The columns of a kind. Events and CRDs have their own columns for the age. */
function columnsOf(type: ResourceType): readonly Column[] {
  if (type.isCustom) return [NAME, ...type.columns];
  if (type.kind === "Event") return type.columns;
  return type.kind === "CustomResourceDefinition" ? [NAME, ...type.columns] : [NAME, ...type.columns, AGE];
}

/** A table of objects. */
export function tableOf(
  objects: readonly KubeObject[],
  type: ResourceType,
  options: { metadata: unknown; include: Include; now: number; withColumns?: boolean },
): Record<string, unknown> {
  const { metadata, include, now, withColumns = true } = options;
  const columns = columnsOf(type);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columns.map(definitionOf) : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, now)),
      ...include !== "None" && { object: include === "Object" ? object : partial(object) },
    })),
  };
}

/** An object with only its metadata. */
export function partial({ metadata }: KubeObject): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function definitionOf({ name, type, format = "", description, priority = 0, jsonPath }: Column) {
  const text = description ?? (jsonPath ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : "");
  return { name, type, format, description: text, priority };
}

function cellOf(column: Column, object: KubeObject, now: number): unknown {
  if (column === NAME) return object.metadata.name;
  if (column.cell) return column.cell(object, now) ?? null;
  const [value] = find(object, column.jsonPath ?? "");
  return value === undefined || value === null ? null : formatted(value, column.type, now);
}

/** A value in its column's type; `null` if it has another type. */
function formatted(value: unknown, type: string, now: number): unknown {
  switch (type) {
    case "date":
      return ageOf(value, now);
    case "integer":
      return typeof value === "number" || typeof value === "bigint" ? value : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
