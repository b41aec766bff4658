/**
 * The privileges that can be granted on each type of securable of Unity Catalog (docs.databricks.com: "Unity Catalog
 * privileges and securable objects"; names from the SDK 0.162.0: catalog.Privilege). The most common ones come first.
 *
 * @module
 */

const INHERITED_BY_SCHEMAS = [
  ...["SELECT", "MODIFY", "EXECUTE", "READ_VOLUME", "WRITE_VOLUME", "REFRESH", "BROWSE", "APPLY_TAG"],
  ...["CREATE_TABLE", "CREATE_VOLUME", "CREATE_FUNCTION", "CREATE_MODEL", "CREATE_MATERIALIZED_VIEW"],
  "EXTERNAL_USE_SCHEMA",
];
/** Valid on every type. */
const ALWAYS = ["MANAGE", "ALL_PRIVILEGES"];

/** The privileges by type, under its name in the path of the Grants API. */
export const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  catalog: ["USE_CATALOG", "USE_SCHEMA", ...INHERITED_BY_SCHEMAS, "CREATE_SCHEMA", ...ALWAYS],
  schema: ["USE_SCHEMA", ...INHERITED_BY_SCHEMAS, ...ALWAYS],
  table: ["SELECT", "MODIFY", "REFRESH", "BROWSE", "APPLY_TAG", ...ALWAYS],
  volume: ["READ_VOLUME", "WRITE_VOLUME", "BROWSE", "APPLY_TAG", ...ALWAYS],
  function: ["EXECUTE", "APPLY_TAG", ...ALWAYS],
  external_location: [
    ...["READ_FILES", "WRITE_FILES", "CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE"],
    ...["CREATE_FOREIGN_SECURABLE", "EXTERNAL_USE_LOCATION", "BROWSE", ...ALWAYS],
  ],
  storage_credential: ["CREATE_EXTERNAL_LOCATION", "CREATE_EXTERNAL_TABLE", "READ_FILES", "WRITE_FILES", ...ALWAYS],
  credential: ["ACCESS", "CREATE_CONNECTION", ...ALWAYS],
  connection: ["USE_CONNECTION", "CREATE_FOREIGN_CATALOG", ...ALWAYS],
  metastore: [
    ...["CREATE_CATALOG", "CREATE_CONNECTION", "CREATE_EXTERNAL_LOCATION", "CREATE_STORAGE_CREDENTIAL"],
    ...["CREATE_SERVICE_CREDENTIAL", "CREATE_SHARE", "CREATE_RECIPIENT", "CREATE_PROVIDER", "CREATE_CLEAN_ROOM"],
    ...[
      "MANAGE_ALLOWLIST",
      "SET_SHARE_PERMISSION",
      "USE_MARKETPLACE_ASSETS",
      "USE_PROVIDER",
      "USE_RECIPIENT",
      "USE_SHARE",
    ],
  ],
  share: ["SELECT"],
};
