/**
 * The types of securables of Unity Catalog: where each is made, and which fields its calls take (SDK 0.162: catalog.py).
 *
 * @module
 */

type Fields = Record<string, unknown>;

/** A type of securable. */
export interface SecurableType {
  /** `schema` */
  readonly name: string;
  /** The last part of its path, which is also the field of its lists. */
  readonly path: string;
  /** The field of its UUID. */
  readonly id?: string;
  /** The type that it is made in. */
  readonly parent?: "catalog" | "schema";
  readonly required: readonly string[];
  readonly create: readonly string[];
  readonly update: readonly string[];
  /** What Databricks adds to a new one. */
  readonly made?: (fields: Fields, uuid: string) => Fields;
}

const STORAGE = "s3://metastore/root";

/** All types that the mock serves, by their names. */
export const securableTypes: readonly SecurableType[] = [
  {
    name: "schema",
    path: "schemas",
    id: "schema_id",
    parent: "catalog",
    required: ["name", "catalog_name"],
    create: ["name", "catalog_name", "comment", "custom_max_retention_hours", "properties", "storage_root"],
    update: [
      ...["comment", "custom_max_retention_hours", "enable_predictive_optimization"],
      ...["new_name", "owner", "properties"],
    ],
    made: ({ storage_root }, uuid) => ({
      catalog_type: "MANAGED_CATALOG",
      enable_predictive_optimization: "INHERIT",
      storage_location: `${storage_root ?? STORAGE}/__unitystorage/schemas/${uuid}`,
    }),
  },
];

/** The fields that name what a securable is in, from the outside in. */
export function parentFields({ parent }: SecurableType): readonly string[] {
  if (parent === undefined) return [];
  return parent === "catalog" ? ["catalog_name"] : ["catalog_name", "schema_name"];
}
