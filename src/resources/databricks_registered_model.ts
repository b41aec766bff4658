/**
 * DatabricksRegisteredModel: a model of Unity Catalog (API 2.1), which has versions. Aliases point to versions.
 *
 * @module
 */
import * as z from "zod";
import { reference } from "../databricks/references.ts";
import { type RegisteredModelInfo, RegisteredModelsCreate } from "../databricks/types.ts";
import { commonColumns, defineResource, type Resource } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import {
  belowSchema,
  inParentIssues,
  keyInSchema,
  lower,
  onlyIfAsked,
  schemaOf,
  securable,
  securableEndpoints,
  securableOperations,
  withoutSlash,
} from "./shared/securables.ts";

const { comment, owner, storage_location } = RegisteredModelsCreate.shape;

const Model = z.looseObject({
  catalog_name: z.string().optional(),
  catalog_ref: reference("catalog_name", "DatabricksCatalog", { isNeeded: true }),
  schema_name: z.string().optional(),
  schema_ref: reference("schema_name", "DatabricksSchema", { isNeeded: true, isLastPart: true }),
  name: z.string().optional(),
  comment,
  owner,
  storage_location,
}).meta({ typeName: "catalog.RegisteredModel" });

const Spec = z.looseObject({
  registered_model: Model.describe("The model, with the fields of the Registered Models API"),
});

type Model = z.infer<typeof Model>;

const IMMUTABLE = ["name", "catalog_name", "schema_name", "storage_location"];

const endpoints = securableEndpoints("registered_models", {
  path: "models",
  at: "spec.registered_model.catalog_name and spec.registered_model.schema_name",
  parent: "the catalog and the schema",
  children: "its versions",
  hasForce: false,
});

const model = defineResource<z.infer<typeof Spec>, Model, RegisteredModelInfo>({
  ...securable,
  kind: "DatabricksRegisteredModel",
  plural: "databricksregisteredmodels",
  singular: "databricksregisteredmodel",
  shortNames: ["dbmodel"],
  noun: "registered model",
  description:
    "A model of Unity Catalog. It stays in Databricks when its object is deleted, unless that says otherwise",
  spec: Spec,
  observed: z.custom<RegisteredModelInfo>(),
  comparableSchema: Model,
  statusFields: {
    storage_location: z.string().describe("The location of the files of its versions").optional(),
  },
  desiredPath: "spec.registered_model",
  descriptions: {
    "catalog.RegisteredModel": {
      catalog_name: "Its catalog. Cannot be changed.",
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      name: "The model's name, in any case; defaults to metadata.name. Cannot be changed.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      schema_name: "Its schema. Cannot be changed.",
      storage_location: "The location of the files of its versions. Cannot be changed.",
    },
  },
  fields: {
    immutable: IMMUTABLE,
    updateOnly: ["owner"],
    spelling: { name: lower, catalog_name: lower, schema_name: lower, owner: lower, storage_location: withoutSlash },
    onlyIfAsked: onlyIfAsked("comment", "owner", "storage_location"),
  },
  endpoints,
  external: securableOperations<Model, RegisteredModelInfo>(endpoints, {
    immutable: IMMUTABLE,
    below: belowSchema,
    naturalKey: keyInSchema,
  }),
  printerColumns: [
    { name: "Model", type: "string", jsonPath: ".status.id" },
    ...commonColumns,
  ],
  naturalKey: keyInSchema,
  desired: ({ registered_model }, { name }) => ({ name, ...registered_model }),
  validate: ({ registered_model }) =>
    inParentIssues("spec.registered_model", registered_model, ["catalog_name", "schema_name"]),
  parents: schemaOf,
  comparable: (model) => model,
  show: ({ storage_location }) => ({ storage_location }),
  dangers: { deletesData: "its versions and their files" },
  url: (host, id) => `${host}/explore/data/models/${id.split(".").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "A model of a team",
    spec: {
      registered_model: { catalog_name: "main", schema_name: "default", name: "churn", comment: "Who may leave" },
    },
    edited: {
      registered_model: {
        catalog_name: "main",
        schema_name: "default",
        name: "churn",
        comment: "Who may leave within a month",
        owner: "data-scientists",
      },
    },
  }],
});

/** The declaration of kind DatabricksRegisteredModel. In the API of grants a model is a function. */
export const databricksRegisteredModel: Resource = withGrants(model, { securable: "function" });
