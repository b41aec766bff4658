/**
 * The types of Unity Catalog's securables: where each is created, and the fields of its calls (SDK 0.162: catalog.py).
 *
 * @module
 */

type Fields = Record<string, unknown>;

/** A type of securable. */
export interface SecurableType {
  /** `schema` */
  readonly name: string;
  /** The last part of its path. */
  readonly path: string;
  /** The field of a list's rows; by default the path. */
  readonly items?: string;
  /** The field of its UUID. */
  readonly id?: string;
  /** The type of its parent. */
  readonly parent?: "catalog" | "schema";
  readonly required: readonly string[];
  readonly create: readonly string[];
  readonly update: readonly string[];
  /** The fields that refer to other securables that it needs, with their types. */
  readonly needs?: Readonly<Record<string, string>>;
  /** The value of `isolation_mode` that restricts it to the workspaces that it is bound to. */
  readonly isolated?: string;
  /** False if answers contain no full name. */
  readonly hasFullName?: false;
  /** Fields with secrets, which answers omit: the field, and the secret fields in it. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
  /** Fields that every update must contain, unless it sets only the owner. */
  readonly always?: readonly string[];
  /** Returns the fields that Databricks adds to a new or changed securable. */
  readonly made?: (fields: Fields, uuid: string) => Fields;
  /** Returns the error in a new securable; `undefined` if it is valid. */
  readonly wrong?: (fields: Fields) => string | undefined;
}

const STORAGE = "s3://metastore/root";

const IDENTITY = ["aws_iam_role", "azure_managed_identity", "azure_service_principal", "cloudflare_api_token"];

/** All types that the mock serves, by their names. */
export const securableTypes: readonly SecurableType[] = [
  {
    name: "catalog",
    path: "catalogs",
    required: ["name"],
    needs: { connection_name: "connection" },
    create: [
      ...["name", "comment", "connection_name", "custom_max_retention_hours", "managed_encryption_settings", "options"],
      ...["properties", "provider_name", "share_name", "storage_root"],
    ],
    update: [
      ...["comment", "custom_max_retention_hours", "enable_predictive_optimization", "isolation_mode"],
      ...["managed_encryption_settings", "new_name", "options", "owner", "properties"],
    ],
    isolated: "ISOLATED",
    made: ({ storage_root, isolation_mode, share_name }, uuid) => ({
      catalog_type: share_name === undefined ? "MANAGED_CATALOG" : "DELTASHARING_CATALOG",
      enable_predictive_optimization: "INHERIT",
      isolation_mode: isolation_mode ?? "OPEN",
      securable_type: "CATALOG",
      storage_location: `${storage_root ?? STORAGE}/__unitystorage/catalogs/${uuid}`,
    }),
  },
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
  {
    name: "volume",
    path: "volumes",
    id: "volume_id",
    parent: "schema",
    required: ["name", "catalog_name", "schema_name", "volume_type"],
    create: ["name", "catalog_name", "schema_name", "volume_type", "comment", "storage_location"],
    update: ["comment", "new_name", "owner"],
    wrong: ({ volume_type, storage_location }) => {
      if (volume_type === "MANAGED" && storage_location !== undefined) {
        return "Storage location can not be provided for a managed volume";
      }
      return volume_type === "EXTERNAL" && storage_location === undefined ? "storage_location is missing" : undefined;
    },
    made: ({ storage_location }, uuid) => ({
      storage_location: String(storage_location ?? `${STORAGE}/__unitystorage/volumes/${uuid}`).replace(/\/+$/, ""),
    }),
  },
  {
    // The Grants API uses "function" for models.
    name: "function",
    path: "models",
    items: "registered_models",
    parent: "schema",
    required: ["name", "catalog_name", "schema_name"],
    create: ["name", "catalog_name", "schema_name", "comment", "storage_location"],
    update: ["comment", "new_name", "owner"],
    made: ({ storage_location }, uuid) => ({
      storage_location: String(storage_location ?? `${STORAGE}/__unitystorage/models/${uuid}`).replace(/\/+$/, ""),
    }),
  },
  {
    name: "external_location",
    path: "external-locations",
    items: "external_locations",
    hasFullName: false,
    required: ["name", "url", "credential_name"],
    create: [
      ...["name", "url", "credential_name", "comment", "enable_file_events", "encryption_details", "fallback"],
      ...["file_event_queue", "read_only"],
    ],
    update: [
      ...["comment", "credential_name", "enable_file_events", "encryption_details", "fallback", "file_event_queue"],
      ...["isolation_mode", "new_name", "owner", "read_only", "url"],
    ],
    needs: { credential_name: "storage_credential" },
    isolated: "ISOLATION_MODE_ISOLATED",
    made: ({ url, isolation_mode, read_only }, uuid) => ({
      credential_id: uuid,
      fallback: false,
      isolation_mode: isolation_mode ?? "ISOLATION_MODE_OPEN",
      read_only: read_only ?? false,
      url: String(url).replace(/\/+$/, ""),
    }),
  },
  {
    name: "storage_credential",
    path: "storage-credentials",
    items: "storage_credentials",
    id: "id",
    required: ["name"],
    create: ["name", ...IDENTITY, "comment", "databricks_gcp_service_account", "read_only"],
    update: [
      ...[...IDENTITY, "comment", "databricks_gcp_service_account", "isolation_mode", "new_name", "owner", "read_only"],
    ],
    secrets: { azure_service_principal: ["client_secret"], cloudflare_api_token: ["secret_access_key"] },
    isolated: "ISOLATION_MODE_ISOLATED",
    wrong: (fields) =>
      [...IDENTITY, "databricks_gcp_service_account"].filter((field) => field in fields).length === 1
        ? undefined
        : "Exactly one identity is needed",
    made: ({ aws_iam_role, isolation_mode, read_only }, uuid) => ({
      isolation_mode: isolation_mode ?? "ISOLATION_MODE_OPEN",
      read_only: read_only ?? false,
      used_for_managed_storage: false,
      ...(aws_iam_role === undefined ? {} : {
        aws_iam_role: {
          ...aws_iam_role,
          external_id: uuid,
          unity_catalog_iam_arn: "arn:aws:iam::414351767826:role/unity-catalog-prod",
        },
      }),
    }),
  },
  {
    name: "connection",
    path: "connections",
    id: "connection_id",
    required: ["name", "connection_type"],
    create: [
      "name",
      "connection_type",
      "options",
      "comment",
      "environment_settings",
      "properties",
      "read_only",
      "secrets",
    ],
    update: ["environment_settings", "new_name", "options", "owner", "secrets"],
    always: ["options"],
    // Sensitive in terraform-provider-databricks (catalog/resource_connection.go, #3175, #4471, #4812, #5987).
    secrets: {
      options: [
        ...["GoogleServiceAccountKeyJson", "OAuthPvtKey", "access_token", "bearer_token", "client_secret", "password"],
        ...["pem_private_key", "personalAccessToken", "refresh_token"],
      ],
    },
    wrong: ({ options }) => typeof options === "object" && options !== null ? undefined : "options is missing",
    made: ({ options, read_only }) => ({
      credential_type: "USERNAME_PASSWORD",
      read_only: read_only ?? false,
      securable_type: "CONNECTION",
      url: `${(options as Fields).host ?? ""}:${(options as Fields).port ?? ""}`,
    }),
  },
];

/** The fields that name a securable's parents, from the outermost to the innermost. */
export function parentFields({ parent }: SecurableType): readonly string[] {
  if (parent === undefined) return [];
  return parent === "catalog" ? ["catalog_name"] : ["catalog_name", "schema_name"];
}

/** The type with a name; `undefined` if the mock does not serve it. */
export function typeNamed(name: string): SecurableType | undefined {
  return securableTypes.find((one) => one.name === name);
}

/** The type with a name. @throws {RangeError} if the mock does not serve it. */
export function typeOf(name: string): SecurableType {
  const type = typeNamed(name);
  if (type === undefined) throw new RangeError(`The mock does not serve ${name}s`);
  return type;
}
