/**
 * DatabricksStorageCredential: an identity in the cloud with which Unity Catalog accesses storage (API 2.1).
 *
 * Secrets come from a Secret and are never returned, so they are sent again only when the Secret changed.
 *
 * @module
 */
import * as z from "zod";
import {
  AwsIamRoleRequest,
  AzureManagedIdentityRequest,
  AzureServicePrincipal,
  CloudflareApiToken,
  type StorageCredentialInfo,
  StorageCredentialsCreate,
  StorageCredentialsUpdate,
} from "../databricks/types.ts";
import { type CallInput, commonColumns, defineResource, type Intent, type Resource } from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import { bindingEndpoints } from "./shared/securable_steps.ts";
import {
  holdsAll,
  keyOfName,
  lower,
  nameIssues,
  onlyIfAsked,
  securable,
  securableEndpoints,
  securableOperations,
  withForce,
} from "./shared/securables.ts";

const { client_secret: _secret, ...principal } = AzureServicePrincipal.shape;
const { secret_access_key: _key, ...token } = CloudflareApiToken.shape;
const { owner, isolation_mode } = StorageCredentialsUpdate.shape;

const Credential = z.looseObject({
  ...StorageCredentialsCreate.shape,
  name: z.string().optional(),
  aws_iam_role: AwsIamRoleRequest.optional(),
  azure_managed_identity: AzureManagedIdentityRequest.optional(),
  azure_service_principal: z.looseObject(principal).meta({ typeName: "catalog.AzureServicePrincipal" }).optional(),
  cloudflare_api_token: z.looseObject(token).meta({ typeName: "catalog.CloudflareApiToken" }).optional(),
  owner,
  isolation_mode,
}).meta({ typeName: "catalog.StorageCredential" });

const Spec = z.looseObject({
  storage_credential: Credential.describe("The credential, with the fields of the Storage Credentials API"),
  secret_name: z.string().describe(
    "The Secret in this namespace with client_secret (for azure_service_principal) or secret_access_key " +
      "(for cloudflare_api_token)",
  ).optional(),
  force_destroy: z.boolean().describe("Delete it even if external locations or tables depend on it").optional(),
});

type Desired = z.infer<typeof Credential> & { force_destroy?: boolean };

/** The identities with a secret, each with the field and the key of the Secret that hold it. */
const SECRETS: Readonly<Record<string, string>> = {
  azure_service_principal: "client_secret",
  cloudflare_api_token: "secret_access_key",
};

const endpoints = {
  ...securableEndpoints("storage_credentials", {
    path: "storage-credentials",
    at: "spec.storage_credential",
    parent: "what it needs",
    children: "the external locations and tables that depend on it",
    secrets: Object.entries(SECRETS).map((names) => names.join(".")),
  }),
  ...bindingEndpoints,
};

const IDENTITIES = ["aws_iam_role", "azure_managed_identity", "azure_service_principal", "cloudflare_api_token"];

const credential = defineResource<z.infer<typeof Spec>, Desired, StorageCredentialInfo>({
  ...securable,
  kind: "DatabricksStorageCredential",
  plural: "databricksstoragecredentials",
  singular: "databricksstoragecredential",
  shortNames: ["dbstorage"],
  noun: "storage credential",
  description: "A cloud identity that Unity Catalog uses for access to storage",
  spec: Spec,
  observed: z.custom<StorageCredentialInfo>(),
  comparableSchema: Credential,
  statusFields: {
    aws_external_id: z.string().describe("The external id for the trust policy of the IAM role").optional(),
    aws_unity_catalog_iam_arn: z.string().describe("The principal that assumes the IAM role, for its trust policy")
      .optional(),
    gcp_service_account: z.string().describe("The service account that Databricks made").optional(),
  },
  desiredPath: "spec.storage_credential",
  descriptions: {
    "catalog.StorageCredential": {
      aws_iam_role: "An AWS role.",
      azure_managed_identity: "An Azure managed identity, of an access connector.",
      azure_service_principal: "An Azure application; its client_secret is in the Secret.",
      cloudflare_api_token: "A Cloudflare R2 token; its secret_access_key is in the Secret.",
      comment: "A comment. If absent, it is not changed; an empty text clears it.",
      databricks_gcp_service_account: "{}: Databricks creates a service account in Google Cloud.",
      isolation_mode: "ISOLATED: only bound workspaces can see it; the operator binds this one.",
      name: "The name in the metastore, in any case; defaults to metadata.name. Cannot be changed.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      read_only: "Whether it is read-only.",
      skip_validation: "Do not check its access to storage on create and update.",
    },
    "catalog.AwsIamRoleRequest": { role_arn: "The role's ARN." },
    "catalog.AzureManagedIdentityRequest": {
      access_connector_id: "The access connector's id: /subscriptions/….",
      managed_identity_id: "The user-assigned identity's id; defaults to the connector's own identity.",
    },
    "catalog.AzureServicePrincipal": {
      application_id: "The application's id.",
      directory_id: "The tenant of the application.",
    },
    "catalog.CloudflareApiToken": {
      access_key_id: "The token's access key id.",
      account_id: "The account of the token.",
    },
  },
  fields: {
    immutable: ["name"],
    updateOnly: ["owner", "isolation_mode"],
    unread: ["force_destroy", "skip_validation"],
    spelling: { name: lower, owner: lower },
    // Answers contain more of an identity than was requested: an external id, a credential id.
    answers: Object.fromEntries([...IDENTITIES, "databricks_gcp_service_account"].map((field) => [field, holdsAll])),
    onlyIfAsked: onlyIfAsked(
      ...[...IDENTITIES, "databricks_gcp_service_account", "comment", "isolation_mode", "owner", "read_only"],
    ),
    confidential: Object.values(SECRETS),
  },
  endpoints,
  external: securableOperations<Desired, StorageCredentialInfo>(endpoints, {
    immutable: ["name"],
    updateOnly: ["isolation_mode"],
    keptBack: ["force_destroy"],
    options: ["skip_validation"],
    isolation: { type: "storage_credential", mode: "ISOLATION_MODE_ISOLATED" },
    naturalKey: keyOfName,
    secrets: withSecrets,
  }),
  printerColumns: [
    { name: "Credential", type: "string", jsonPath: ".status.id" },
    ...commonColumns,
  ],
  rules: [{
    at: ["storage_credential"],
    rule: `[${[...IDENTITIES, "databricks_gcp_service_account"].map((field) => `has(self.${field})`).join(", ")}]` +
      ".filter(one, one).size() == 1",
    message: `exactly one of ${[...IDENTITIES, "databricks_gcp_service_account"].join(", ")} is needed`,
  }, {
    rule:
      "!(has(self.storage_credential.azure_service_principal) || has(self.storage_credential.cloudflare_api_token)) " +
      "|| has(self.secret_name)",
    message: "azure_service_principal and cloudflare_api_token need spec.secret_name: the Secret with their secret",
  }],
  naturalKey: keyOfName,
  desired: ({ storage_credential, force_destroy }, { name }) => withForce(name, storage_credential, force_destroy),
  validate: ({ storage_credential: { name } }) => nameIssues("spec.storage_credential", { name }),
  reference: ({ secret_name, storage_credential }) => {
    const [, key] = Object.entries(SECRETS).find(([field]) => storage_credential[field] !== undefined) ?? [];
    return key === undefined || secret_name === undefined
      ? undefined
      : { name: secret_name, field: "spec.secret_name", key };
  },
  isReferenceOptional: true,
  referenceField: "spec.secret_name",
  comparable: (credential) => credential,
  show: ({ aws_iam_role, databricks_gcp_service_account }) => ({
    aws_external_id: aws_iam_role?.external_id,
    aws_unity_catalog_iam_arn: aws_iam_role?.unity_catalog_iam_arn,
    gcp_service_account: databricks_gcp_service_account?.email,
  }),
  url: (host, id) => `${host}/explore/storage-credentials/${encodeURIComponent(id)}`,
  examples: [{
    title: "An AWS role",
    spec: {
      storage_credential: {
        name: "landing_role",
        aws_iam_role: { role_arn: "arn:aws:iam::123456789012:role/landing" },
        comment: "Opens the buckets of partners",
      },
    },
    edited: {
      storage_credential: {
        name: "landing_role",
        aws_iam_role: { role_arn: "arn:aws:iam::123456789012:role/landing-2" },
        comment: "Opens the buckets of partners",
        read_only: true,
        owner: "platform-admins",
        skip_validation: true,
      },
      force_destroy: true,
    },
  }, {
    title: "An Azure service principal",
    spec: {
      storage_credential: {
        name: "lake_principal",
        azure_service_principal: {
          directory_id: "11111111-2222-3333-4444-555555555555",
          application_id: "66666666-7777-8888-9999-000000000000",
        },
      },
      secret_name: "lake-principal",
    },
    secret: { client_secret: "s3cret-of-the-principal" },
    edited: {
      storage_credential: {
        name: "lake_principal",
        azure_service_principal: {
          directory_id: "11111111-2222-3333-4444-555555555555",
          application_id: "66666666-7777-8888-9999-111111111111",
        },
        comment: "The lake",
      },
      secret_name: "lake-principal",
    },
  }],
});

/** The declaration of kind DatabricksStorageCredential. */
export const databricksStorageCredential: Resource = withGrants(credential, { securable: "storage_credential" });

/** The identity with its secret. */
function withSecrets({ desired, values }: Intent<Desired>): CallInput {
  const fields: Readonly<Record<string, unknown>> = desired;
  return Object.fromEntries(
    Object.entries(SECRETS).flatMap(([field, key]) => {
      const value = values[key];
      if (fields[field] === undefined || value === undefined) return [];
      return [[field, { ...fields[field] as object, [key]: new TextDecoder().decode(value) }]];
    }),
  );
}
