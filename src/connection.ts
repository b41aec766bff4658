/**
 * DatabricksConnection: how objects of a namespace reach a workspace. It holds the same settings as the ConfigMap of a
 * namespace, under the same names, and a namespace can have several of them.
 *
 * It is not a resource of Databricks, so its declaration is a different one: nothing is created, compared or deleted
 * there.
 *
 * @module
 */
import * as z from "zod";
import type { KubeObject } from "./kubernetes/client.ts";
import { GROUP, type Resource, VERSION } from "./resource.ts";
import { commonStatus } from "./resource/status.ts";

/** A kind, as far as its generated files need it: its CRD, page, schema and rights. */
export type Kind =
  & Pick<
    Resource,
    "kind" | "plural" | "singular" | "shortNames" | "description" | "spec" | "printerColumns" | "rules" | "examples"
  >
  & {
    readonly fields: Record<never, never>;
    readonly desiredPath: string;
    /** The whole status, where it differs from that of all kinds. */
    readonly status: z.ZodObject;
    readonly statusFields: z.ZodRawShape;
    /** True where the operator neither creates nor deletes objects. */
    readonly isKept: true;
  };

const text = (description: string) => z.string().min(1).describe(description).optional();
const flag = (description: string) => z.boolean().describe(description).optional();
const seconds = (description: string) => z.number().min(1).describe(description).optional();

const AuthSchema = z.object({
  auth_type: z.enum([
    "pat",
    "oauth-m2m",
    "file-oidc",
    "azure-client-secret",
    "azure-workload-identity",
    "azure-msi",
  ]).describe("The method, where several match the keys that are given").optional(),
  secret_name: text("The Secret with what is secret: token, client_secret, azure_client_secret"),
  client_id: text("The application id of the service principal"),
  service_account: text("A ServiceAccount of this namespace whose tokens Databricks trusts"),
  audience: text("The audience of these tokens, as the federation policy names it"),
  azure_client_id: text("The application id of an Entra service principal or identity"),
  azure_tenant_id: text("Its Entra tenant. Default: the one that the workspace names"),
  azure_workspace_resource_id: text("The workspace's resource id, for a principal that is no member"),
  azure_use_msi: flag("True to use the managed identity of the machine"),
});

const CaSchema = z.object({
  config_map_name: text("The ConfigMap with the certificates"),
  secret_name: text("The Secret with the certificates"),
  key: text("The key that holds them (PEM). Default: ca.crt"),
});

const SpecSchema = z.object({
  host: text("The workspace's address: https://<workspace>"),
  workspace_id: z.string().regex(/^\d{1,20}$/).describe("The workspace's id, where several have the same host")
    .optional(),
  auth: AuthSchema.describe("How to sign in").optional(),
  ca: CaSchema.describe("Authorities to trust besides the public ones").optional(),
  proxy: text("The proxy, without a password: http://<host>:<port>"),
  rate_limit: z.number().min(0).describe("Requests per second; 0 is no limit. Default: 15").optional(),
  rate_limit_burst: z.int32().min(1).describe("Requests that may be sent at once").optional(),
  default_requeue_interval: seconds("Seconds between two sweeps of a kind. Default: 60 to 300"),
  default_timeout_seconds: seconds("The time limit of a request in seconds. Default: 60"),
  status_poll_interval: seconds("Seconds between two polls of runs. Default: 60"),
  ingest: z.union([z.boolean(), z.string()]).describe(
    "Create objects for resources that have none: true, false, all, or plural names of kinds. Default: true",
  ).optional(),
  jobs_api_version: z.enum(["2.1", "2.2"]).describe("The version of the Jobs API. Default: 2.2").optional(),
  ownership_tag: z.string().regex(/^[\w\-.:\/=+@]{0,127}$/)
    .describe("The key of the tag that names the object; empty turns it off").optional(),
  hold_owned_by_unknown: flag("True to hold a create while an unknown object's tag stands on its name"),
  apply: z.enum(["auto", "guarded", "on-approval", "never"])
    .describe("Which changes in Databricks wait for an approval. Default: auto").optional(),
  drift: z.enum(["correct", "report"]).describe(
    "What happens to changes that were made in Databricks. Default: correct",
  )
    .optional(),
});

/** The settings of a connection. */
export type ConnectionSpec = z.infer<typeof SpecSchema>;

const StatusSchema = z.object({
  observedGeneration: commonStatus.observedGeneration,
  conditions: commonStatus.conditions,
  workspace: z.string().describe("The address of the workspace").optional(),
  auth_type: z.string().describe("The method of signing in").optional(),
  principal: z.string().describe("The user or service principal that the operator is in the workspace").optional(),
  objects: z.int32().describe("The number of objects that use the connection").optional(),
  last_check: z.string().meta({ format: "date-time", description: "The time of the last check" }).optional(),
});

/** The status of a connection. */
export type ConnectionStatus = z.infer<typeof StatusSchema>;

/** The kind. */
export const connectionKind: Kind = {
  kind: "DatabricksConnection",
  plural: "databricksconnections",
  singular: "databricksconnection",
  shortNames: ["dbconnection"],
  description: "The way to a workspace, and the principal that the operator is there. Objects name it in " +
    "spec.connection; those that name none use the one with the name default",
  spec: SpecSchema,
  status: StatusSchema,
  statusFields: {},
  fields: {},
  desiredPath: "spec",
  isKept: true,
  rules: [{
    rule: "has(self.host) || (has(self.auth) && has(self.auth.secret_name))",
    message: "give the host, or name a Secret that holds it in auth.secret_name",
  }, {
    rule: "has(self.config_map_name) != has(self.secret_name)",
    message: "name either a ConfigMap or a Secret",
    at: ["ca"],
  }],
  printerColumns: [
    { name: "Workspace", type: "string", jsonPath: ".status.workspace" },
    { name: "Principal", type: "string", jsonPath: ".status.principal" },
    { name: "Objects", type: "integer", jsonPath: ".status.objects" },
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    { name: "Message", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    { name: "Method", type: "string", jsonPath: ".status.auth_type", priority: 1 },
    { name: "Checked", type: "date", jsonPath: ".status.last_check", priority: 1 },
  ],
  examples: [{
    title: "A workspace without a stored secret: Databricks trusts a ServiceAccount",
    spec: {
      host: "https://my-tenant.cloud.databricks.com",
      auth: {
        client_id: "00000000-0000-0000-0000-000000000000",
        service_account: "databricks",
        audience: "databricks",
      },
      ingest: false,
    },
  }, {
    title: "A service principal with a secret, and fewer requests",
    spec: {
      host: "https://my-tenant.cloud.databricks.com",
      auth: { secret_name: "databricks-api-secret" },
      rate_limit: 5,
      default_requeue_interval: 600,
    },
  }],
};

/** The object that holds the authorities of a connection. */
export interface Ca {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly key: string;
}

/** The object that holds the additional authorities that a connection trusts. */
export function authoritiesOf({ ca }: ConnectionSpec): Ca | undefined {
  const { config_map_name, secret_name, key = "ca.crt" } = ca ?? {};
  if (secret_name !== undefined) return { kind: "Secret", name: secret_name, key };
  return config_map_name === undefined ? undefined : { kind: "ConfigMap", name: config_map_name, key };
}

/** The finalizer that holds a connection while objects use it. */
export const CONNECTION_FINALIZER = "databricks-operator/connection-in-use";

/** True for a connection that is being deleted and no longer waits for its users: it counts as gone. */
export function isLetGo({ metadata: { deletionTimestamp, finalizers = [] } }: KubeObject): boolean {
  return deletionTimestamp !== undefined && !finalizers.includes(CONNECTION_FINALIZER);
}

/** The API version of the kind. */
export const CONNECTION_VERSION = `${GROUP}/${VERSION}`;

/**
 * A connection's settings in the form of the ConfigMap: the same keys, as text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { settingsOf } from "./connection.ts";
 *
 * const spec = { host: "https://x.cloud.databricks.com", auth: { secret_name: "api" }, rate_limit: 5 };
 * assert.deepEqual(settingsOf(spec), {
 *   host: "https://x.cloud.databricks.com",
 *   api_secret_name: "api",
 *   rate_limit: "5",
 * });
 * ```
 */
export function settingsOf(
  { auth: { secret_name, ...auth } = {}, ca: _read, ...spec }: ConnectionSpec,
): Record<string, string> {
  const given = { ...spec, api_secret_name: secret_name, ...auth };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => value === undefined ? [] : [[key, String(value)]]),
  );
}
