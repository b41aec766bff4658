/**
 * DatabricksCatalog: a catalog of Unity Catalog (API 2.1), which contains schemas.
 *
 * An isolated catalog is bound to the workspace before it is isolated: otherwise nobody could read it there any more.
 *
 * @module
 */
import * as z from "zod";
import { InvalidRequestError } from "../databricks/errors.ts";
import { type CatalogInfo, CatalogsCreate, CatalogsUpdate } from "../databricks/types.ts";
import { commonColumns, defineResource, endpoint, type Intent, type Resource, type Workspace } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import { bindingEndpoints } from "./shared/securable_steps.ts";
import {
  gone,
  holdsAll,
  keyOfName,
  lower,
  nameIssues,
  onlyIfAsked,
  securable,
  securableEndpoints,
  securableOperations,
  withForce,
  withoutSlash,
} from "./shared/securables.ts";

const { owner, enable_predictive_optimization, isolation_mode } = CatalogsUpdate.shape;

const Catalog = z.looseObject({
  ...CatalogsCreate.shape,
  name: z.string().optional(),
  owner,
  enable_predictive_optimization,
  isolation_mode,
}).meta({ typeName: "catalog.Catalog" });

const Spec = z.looseObject({
  catalog: Catalog.describe("The catalog, with the fields of the Catalogs API"),
  force_destroy: z.boolean()
    .describe("Delete it with its schemas, if annotation databricks-operator/deletion-policy is delete")
    .optional(),
});

type Desired = z.infer<typeof Catalog> & { force_destroy?: boolean };

const IMMUTABLE = ["name", "connection_name", "provider_name", "share_name", "storage_root"];
const LATE = ["enable_predictive_optimization", "isolation_mode"];

const schemas = endpoint("GET /api/2.1/unity-catalog/schemas", { items: "schemas" });

const endpoints = {
  ...securableEndpoints("catalogs", {
    at: "spec.catalog",
    parent: "the connection, provider or share that it needs",
    children: "its schemas",
  }),
  ...bindingEndpoints,
  listSchemas: schemas,
  deleteSchema: endpoint("DELETE /api/2.1/unity-catalog/schemas/{full_name}", { errors: [gone] }),
};

const operations = securableOperations<Desired, CatalogInfo>(endpoints, {
  immutable: IMMUTABLE,
  updateOnly: LATE,
  keptBack: ["force_destroy"],
  isolation: { type: "catalog", mode: "ISOLATED" },
  naturalKey: keyOfName,
});

const catalog = defineResource<z.infer<typeof Spec>, Desired, CatalogInfo>({
  ...securable,
  kind: "DatabricksCatalog",
  plural: "databrickscatalogs",
  singular: "databrickscatalog",
  shortNames: ["dbcatalog"],
  noun: "catalog",
  description:
    "A catalog of Unity Catalog. It stays in Databricks when its object is deleted, unless that says otherwise",
  spec: Spec,
  observed: z.custom<CatalogInfo>(),
  comparableSchema: Catalog,
  statusFields: {
    storage_location: z.string().describe("The storage location of its managed tables").optional(),
    catalog_type: z.string().describe("The type: MANAGED_CATALOG, FOREIGN_CATALOG and others").optional(),
  },
  desiredPath: "spec.catalog",
  descriptions: {
    "catalog.Catalog": {
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      connection_name: "The connection to the database of a foreign catalog. Cannot be changed.",
      custom_max_retention_hours: "The maximum number of hours to keep dropped tables for a restore.",
      enable_predictive_optimization: "Whether Databricks optimizes its tables automatically.",
      isolation_mode: "ISOLATED: only bound workspaces can see it; the operator binds this one.",
      managed_encryption_settings: "The keys that encrypt its managed tables.",
      name: "The catalog's name, in any case; defaults to metadata.name. Cannot be changed.",
      options: "Options of a foreign catalog, such as its database.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      properties: "Properties to set; others are left alone.",
      provider_name: "The provider of its share. Cannot be changed.",
      share_name: "Its Delta Sharing share. Cannot be changed.",
      storage_root: "The location of its managed tables; defaults to the metastore's. Cannot be changed.",
    },
    "catalog.EncryptionSettings": {
      azure_encryption_settings: "The tenant and the identity for a key in Azure.",
      azure_key_vault_key_id: "The key in an Azure Key Vault, as a URL.",
      customer_managed_key_id: "The UUID of a key configuration in the account.",
    },
    "catalog.AzureEncryptionSettings": {
      azure_cmk_access_connector_id: "The access connector that may use the key.",
      azure_cmk_managed_identity_id: "The managed identity that may use the key.",
      azure_tenant_id: "The tenant of the key.",
    },
  },
  fields: {
    immutable: IMMUTABLE,
    updateOnly: ["owner", ...LATE],
    unread: ["force_destroy"],
    spelling: { name: lower, connection_name: lower, owner: lower, storage_root: withoutSlash },
    answers: { properties: holdsAll, options: holdsAll, managed_encryption_settings: holdsAll },
    onlyIfAsked: onlyIfAsked(
      ...[
        "comment",
        "connection_name",
        "custom_max_retention_hours",
        "managed_encryption_settings",
        "options",
        "owner",
      ],
      ...["properties", "provider_name", "share_name", "storage_root", ...LATE],
    ),
  },
  endpoints,
  external: { ...operations, delete: remove },
  printerColumns: [
    { name: "Catalog", type: "string", jsonPath: ".status.id" },
    ...commonColumns,
  ],
  naturalKey: keyOfName,
  desired: ({ catalog, force_destroy }, { name }) => withForce(name, catalog, force_destroy),
  validate: ({ catalog: { name } }) => nameIssues("spec.catalog", { name }),
  comparable: (catalog) => catalog,
  show: ({ storage_location, catalog_type }) => ({ storage_location, catalog_type }),
  dangers: { deletesData: "its schemas with their tables, views, volumes, functions and models" },
  url: (host, id) => `${host}/explore/data/${encodeURIComponent(id)}`,
  examples: [{
    title: "A catalog for a department",
    spec: { catalog: { name: "finance", comment: "Books", properties: { department: "finance" } } },
    edited: {
      catalog: {
        name: "finance",
        comment: "Books and budgets",
        properties: { department: "finance" },
        isolation_mode: "ISOLATED",
        owner: "finance-admins",
      },
    },
  }, {
    title: "A catalog for experiments, deleted with its contents",
    spec: { catalog: { name: "sandbox" }, force_destroy: true },
    edited: { catalog: { name: "sandbox", comment: "Emptied each week" }, force_destroy: true },
  }],
});

/** The declaration of kind DatabricksCatalog. */
export const databricksCatalog: Resource = withGrants(catalog, { securable: "catalog" });

/** Databricks creates a schema `default` in each new catalog: an empty one does not prevent a deletion. */
async function remove(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<void> {
  try {
    await operations.delete?.(workspace, id, intent);
  } catch (error) {
    if (!(error instanceof InvalidRequestError) || !await hasOnlyDefaults(workspace, id)) throw error;
    await workspace.tryCall(endpoints.deleteSchema, { full_name: `${id}.default` }).catch(() => {
      throw error;
    });
    await operations.delete?.(workspace, id, intent);
  }
}

async function hasOnlyDefaults(workspace: Workspace, id: string): Promise<boolean> {
  const names: unknown[] = [];
  for await (const page of workspace.pages(schemas, { catalog_name: id, max_results: 0 })) {
    names.push(...page.map(({ name }) => name));
  }
  return names.includes("default") && names.every((name) => name === "default" || name === "information_schema");
}
