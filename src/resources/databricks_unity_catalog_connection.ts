/**
 * DatabricksUnityCatalogConnection: a connection to a database or a service outside of Databricks (Unity Catalog API
 * 2.1).
 *
 * Secret options come from a Secret. Databricks never returns them, so they are sent again when the Secret changed, and
 * with each update, which may replace all options.
 *
 * @module
 */
import * as z from "zod";
import { type ConnectionInfo, ConnectionsCreate, ConnectionsUpdate } from "../databricks/types.ts";
import {
  type CallInput,
  commonColumns,
  defineResource,
  type Intent,
  type Resource,
  type SpecIssue,
} from "../resource.ts";
import { withGrants } from "./shared/grants.ts";
import {
  holdsAll,
  keyOfName,
  lower,
  nameIssues,
  onlyIfAsked,
  securable,
  securableEndpoints,
  securableOperations,
} from "./shared/securables.ts";

const { connection_type, options, comment, environment_settings, properties, read_only, secrets } =
  ConnectionsCreate.shape;

const Connection = z.looseObject({
  name: z.string().optional(),
  connection_type,
  options: options.optional(),
  comment,
  environment_settings,
  properties,
  read_only,
  secrets,
  owner: ConnectionsUpdate.shape.owner,
}).meta({ typeName: "catalog.Connection" });

const Spec = z.looseObject({
  uc_connection: Connection.describe("The connection, with the fields of the Connections API"),
  secret_name: z.string().describe(
    "The Secret in this namespace with further options as keys: user, password, client_secret",
  ).optional(),
});

type Spec = z.infer<typeof Spec>;
type Desired = z.infer<typeof Connection>;

const IMMUTABLE = ["name", "connection_type", "comment", "properties", "read_only"];

/**
 * Options that Databricks does not give back (terraform-provider-databricks: catalog/resource_connection.go, #3175, #4471,
 * #4812, #5987).
 */
const SECRET_OPTIONS = [
  "GoogleServiceAccountKeyJson",
  "OAuthPvtKey",
  "access_token",
  "bearer_token",
  "client_secret",
  "password",
  "pem_private_key",
  "personalAccessToken",
  "refresh_token",
];

const endpoints = securableEndpoints("connections", {
  at: "spec.uc_connection",
  parent: "what it needs",
  children: "the catalogs that use it",
  hasForce: false,
  secrets: SECRET_OPTIONS.map((option) => `options.${option}`),
});

const connection = defineResource<Spec, Desired, ConnectionInfo>({
  ...securable,
  kind: "DatabricksUnityCatalogConnection",
  plural: "databricksunitycatalogconnections",
  singular: "databricksunitycatalogconnection",
  shortNames: ["ucconnection"],
  noun: "connection",
  description: "A connection to a database or a service outside of Databricks",
  spec: Spec,
  observed: z.custom<ConnectionInfo>(),
  comparableSchema: Connection,
  statusFields: {
    url: z.string().describe("The address, which Databricks derives from its options").optional(),
  },
  desiredPath: "spec.uc_connection",
  descriptions: {
    "catalog.Connection": {
      comment: "A comment. Cannot be changed.",
      connection_type: "The type: MYSQL, POSTGRESQL, SNOWFLAKE, HTTP and others. Cannot be changed.",
      environment_settings: "Its environment.",
      name: "The name in the metastore, in any case; defaults to metadata.name. Cannot be changed.",
      options: "Options that are not secret, depending on the type: host, port. Others are left alone.",
      owner: "The user, group or service principal that owns it. Default: its creator.",
      properties: "Its properties. Cannot be changed.",
      read_only: "Whether it is read-only. Cannot be changed.",
      secrets: "Options whose values are secrets of Unity Catalog, with their full names.",
    },
    "catalog.EnvironmentSettings": {
      environment_version: "The version of the environment.",
      java_dependencies: "Its Java libraries.",
    },
  },
  fields: {
    immutable: IMMUTABLE,
    updateOnly: ["owner"],
    spelling: { name: lower, owner: lower },
    answers: { options: holdsAll, properties: holdsAll, secrets: holdsAll, environment_settings: holdsAll },
    onlyIfAsked: onlyIfAsked(
      ...["comment", "environment_settings", "options", "owner", "properties", "read_only", "secrets"],
    ),
    confidential: SECRET_OPTIONS,
  },
  endpoints,
  external: securableOperations<Desired, ConnectionInfo>(endpoints, {
    immutable: IMMUTABLE,
    always: ["options"],
    naturalKey: keyOfName,
    secrets: withSecrets,
    secretPaths: ({ values }) => Object.keys(values).map((option) => `options.${option}`),
  }),
  printerColumns: [
    { name: "Connection", type: "string", jsonPath: ".status.id" },
    { name: "Type", type: "string", jsonPath: ".spec.uc_connection.connection_type" },
    ...commonColumns,
  ],
  naturalKey: keyOfName,
  desired: ({ uc_connection }, { name }) => ({ name, ...uc_connection }),
  validate: (
    { uc_connection },
  ) => [...nameIssues("spec.uc_connection", { name: uc_connection.name }), ...plainSecrets(uc_connection)],
  reference: ({ secret_name }) =>
    secret_name === undefined ? undefined : { name: secret_name, field: "spec.secret_name" },
  isReferenceOptional: true,
  referenceField: "spec.secret_name",
  comparable: (connection) => connection,
  show: ({ url }) => ({ url }),
  url: (host, id) => `${host}/explore/connections/${encodeURIComponent(id)}`,
  examples: [{
    title: "A database",
    spec: {
      uc_connection: {
        name: "shop",
        connection_type: "POSTGRESQL",
        options: { host: "shop.example.com", port: "5432", user: "reader" },
        comment: "Orders as the shop keeps them",
      },
      secret_name: "shop-login",
    },
    secret: { password: "s3cret-of-the-reader" },
    edited: {
      uc_connection: {
        name: "shop",
        connection_type: "POSTGRESQL",
        options: { host: "replica.shop.example.com", port: "5432", user: "reader" },
        comment: "Orders as the shop keeps them",
        owner: "platform-admins",
      },
      secret_name: "shop-login",
    },
  }, {
    title: "A service that needs no secret",
    spec: {
      uc_connection: {
        name: "rates",
        connection_type: "HTTP",
        options: { host: "https://rates.example.com", port: "443" },
      },
    },
    edited: {
      uc_connection: {
        name: "rates",
        connection_type: "HTTP",
        options: { host: "https://rates.example.com", port: "8443" },
      },
    },
  }],
});

/** The declaration of kind DatabricksUnityCatalogConnection. */
export const databricksUnityCatalogConnection: Resource = withGrants(connection, { securable: "connection" });

/** The options of the manifest together with those of the Secret. */
function withSecrets({ desired, values }: Intent<Desired>): CallInput {
  const decoder = new TextDecoder();
  const secret = Object.entries(values).map(([option, value]) => [option, decoder.decode(value)]);
  return { options: { ...desired.options, ...Object.fromEntries(secret) } };
}

function plainSecrets({ options = {} }: Desired): SpecIssue[] {
  return SECRET_OPTIONS.filter((option) => Object.hasOwn(options, option)).map((option) => ({
    path: `spec.uc_connection.options.${option}`,
    message:
      `is a secret: move it into a Secret of this namespace, as key ${option}, and name that in spec.secret_name`,
  }));
}
