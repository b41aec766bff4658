/**
 * DatabricksSchema: a schema of Unity Catalog (API 2.1), which contains tables, views, volumes, functions and models.
 *
 * @module
 */
import * as z from "zod";
import { type SchemaInfo, SchemasCreate, SchemasUpdate } from "../databricks/types.ts";
import { commonColumns, defineResource, type Resource } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import {
  fullName,
  holdsAll,
  inParentIssues,
  lower,
  onlyIfAsked,
  securable,
  securableEndpoints,
  securableOperations,
  withForce,
  withoutSlash,
} from "./shared/securables.ts";

const { owner, enable_predictive_optimization } = SchemasUpdate.shape;

const Schema = z.looseObject({
  ...SchemasCreate.shape,
  name: z.string().optional(),
  owner,
  enable_predictive_optimization,
}).meta({ typeName: "catalog.Schema" });

const Spec = z.looseObject({
  schema: Schema.describe("The schema, with the fields of the Schemas API"),
  force_destroy: z.boolean()
    .describe("Delete it with its tables, if annotation databricks-operator/deletion-policy is delete")
    .optional(),
});

type Desired = z.infer<typeof Schema> & { force_destroy?: boolean };

const IMMUTABLE = ["name", "catalog_name", "storage_root"];

const endpoints = securableEndpoints("schemas", {
  at: "spec.schema.catalog_name",
  parent: "the catalog",
  children: "its tables, views, volumes, functions and models",
});

const schema = defineResource<z.infer<typeof Spec>, Desired, SchemaInfo>({
  ...securable,
  kind: "DatabricksSchema",
  plural: "databricksschemas",
  singular: "databricksschema",
  shortNames: ["dbschema"],
  noun: "schema",
  description:
    "A schema of Unity Catalog. It stays in Databricks when its object is deleted, unless that says otherwise",
  spec: Spec,
  observed: z.custom<SchemaInfo>(),
  comparableSchema: Schema,
  statusFields: {
    schema_id: z.string().describe("The schema's UUID").optional(),
    storage_location: z.string().describe("The storage location of its managed tables").optional(),
  },
  desiredPath: "spec.schema",
  descriptions: {
    "catalog.Schema": {
      catalog_name: "Its catalog. Cannot be changed.",
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      custom_max_retention_hours: "The maximum number of hours to keep dropped tables for a restore.",
      enable_predictive_optimization: "Whether Databricks optimizes its tables automatically.",
      name: "The schema's name, in any case; defaults to metadata.name. Cannot be changed.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      properties: "Properties to set; others are left alone.",
      storage_root: "The location of its managed tables; defaults to the catalog's. Cannot be changed.",
    },
  },
  fields: {
    immutable: IMMUTABLE,
    updateOnly: ["owner", "enable_predictive_optimization"],
    unread: ["force_destroy"],
    spelling: { name: lower, catalog_name: lower, owner: lower, storage_root: withoutSlash },
    answers: { properties: holdsAll },
    onlyIfAsked: onlyIfAsked(
      ...["comment", "custom_max_retention_hours", "enable_predictive_optimization", "owner", "properties"],
      "storage_root",
    ),
  },
  endpoints,
  external: securableOperations<Desired, SchemaInfo>(endpoints, {
    immutable: IMMUTABLE,
    updateOnly: ["enable_predictive_optimization"],
    keptBack: ["force_destroy"],
    below: (catalog_name) => ({ catalog_name }),
    naturalKey,
  }),
  printerColumns: [
    { name: "Schema", type: "string", jsonPath: ".status.id" },
    ...commonColumns,
  ],
  naturalKey,
  desired: ({ schema, force_destroy }, { name }) => withForce(name, schema, force_destroy),
  validate: ({ schema }) => inParentIssues("spec.schema", schema, ["catalog_name"]),
  parents: ({ catalog_name }) => [fullName([catalog_name])],
  comparable: (schema) => schema,
  show: ({ schema_id, storage_location }) => ({ schema_id, storage_location }),
  dangers: { deletesData: "its tables, views, volumes, functions and models" },
  url: (host, id) => `${host}/explore/data/${id.split(".").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "A schema for a team",
    spec: {
      schema: { catalog_name: "main", name: "sales", comment: "Orders and invoices", properties: { team: "sales" } },
    },
    edited: {
      schema: {
        catalog_name: "main",
        name: "sales",
        comment: "Orders",
        properties: { team: "sales", cost_center: "42" },
        owner: "data-engineers",
      },
    },
  }, {
    title: "A schema for experiments, deleted with its contents",
    spec: { schema: { catalog_name: "main", name: "scratch" }, force_destroy: true },
    edited: { schema: { catalog_name: "main", name: "scratch", comment: "Emptied each night" }, force_destroy: true },
  }],
});

/** The declaration of kind DatabricksSchema. */
export const databricksSchema: Resource = withGrants(schema, { securable: "schema" });

function naturalKey({ catalog_name, name }: Partial<Desired>): string {
  return fullName([catalog_name, name]);
}
