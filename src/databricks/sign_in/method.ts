/**
 * Chooses the sign-in method of a workspace from the keys of the API Secret and the ConfigMap.
 *
 * The names are those of the Databricks SDKs (`config/config.go` of the Go SDK), and the predecessor's `databricks_url`
 * and `access_token`.
 *
 * @module
 */
import { CredentialsError, type CredentialsOptions, readUrl } from "../auth.ts";
import type { Network } from "../call/transport.ts";
import { addressWithId, NETWORK_KEYS, readNetwork } from "./network.ts";

/** The ways to sign in to a workspace. */
export type Method =
  | { readonly type: "pat"; readonly token: string }
  | { readonly type: "oauth-m2m"; readonly clientId: string; readonly clientSecret: string }
  /** Workload identity federation: a token of Kubernetes is exchanged for one of Databricks. */
  | {
    readonly type: "file-oidc";
    /** The application id of the service principal. */
    readonly clientId: string;
    /** The token's audience, as in the federation policy. */
    readonly audience: string | undefined;
    /** A ServiceAccount of the namespace; without it, the operator's own token from a file. */
    readonly serviceAccount: string | undefined;
  }
  | {
    readonly type: "azure-client-secret";
    /** Without it the workspace names its tenant. */
    readonly tenantId: string | undefined;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly resourceId: string | undefined;
  }
  /** Entra Workload ID: the file of AZURE_FEDERATED_TOKEN_FILE is the proof of identity. */
  | {
    readonly type: "azure-workload-identity";
    readonly tenantId: string | undefined;
    readonly clientId: string | undefined;
    readonly resourceId: string | undefined;
  }
  | { readonly type: "azure-msi"; readonly clientId: string | undefined; readonly resourceId: string | undefined };

/** A workspace's address, and how to sign in there. */
export interface SignIn {
  /** The workspace's origin; for a host that serves several workspaces, with the id (`/?o=…`). */
  readonly host: string;
  readonly method: Method;
  /** The route to it, where it differs from the process's own. */
  readonly network?: Network;
  /** True if a person signs in with their own credentials on this machine. */
  readonly isPersonal?: boolean;
  /** Problems that do not prevent signing in; the operator logs them. */
  readonly warnings: readonly string[];
}

/** The Secret and the settings that decide how to sign in. */
export interface SignInSources {
  /** The data of the API Secret; `undefined` if none is named. */
  readonly secret?: Readonly<Record<string, Uint8Array>> | undefined;
  /** The data of the ConfigMap, which may hold keys that are not secret. */
  readonly configMap?: Readonly<Record<string, string>>;
  /** The object that contains this data, for messages; by default a ConfigMap. */
  readonly title?: string | undefined;
  /** True if the keys are a person's own. */
  readonly isPersonal?: boolean;
}

/** Keys that mean the same; the first is the SDK's name. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  host: ["host", "databricks_url"],
  token: ["token", "access_token"],
};

/** Keys that only a Secret may hold. */
const SECRET_KEYS = ["token", "client_secret", "azure_client_secret"];

/** Keys that a Secret or a ConfigMap may hold. */
export const PLAIN_KEYS = [
  ...["host", "auth_type", "client_id", "audience", "service_account"],
  ...["azure_client_id", "azure_tenant_id", "azure_workspace_resource_id", "azure_use_msi"],
  ...NETWORK_KEYS,
] as const;

/** The methods that the present keys select, in the order of the SDKs, with the keys that they need. */
const WAYS: readonly { type: Method["type"]; needs: readonly string[] }[] = [
  { type: "pat", needs: ["token"] },
  { type: "oauth-m2m", needs: ["client_id", "client_secret"] },
  { type: "file-oidc", needs: ["client_id", "service_account"] },
  { type: "azure-msi", needs: ["azure_use_msi"] },
  { type: "azure-client-secret", needs: ["azure_client_id", "azure_client_secret", "azure_tenant_id"] },
];

/** The keys that each method needs when `auth_type` names it. */
const NAMED: Readonly<Record<Method["type"], readonly string[]>> = {
  "pat": ["token"],
  "oauth-m2m": ["client_id", "client_secret"],
  "file-oidc": ["client_id"],
  "azure-client-secret": ["azure_client_id", "azure_client_secret"],
  "azure-workload-identity": [],
  "azure-msi": [],
};

/**
 * Reads the address and the sign-in method.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSignIn } from "./method.ts";
 *
 * const encode = (text: string) => new TextEncoder().encode(text);
 * const { method } = readSignIn({
 *   secret: { host: encode("https://x.cloud.databricks.com"), client_id: encode("id"), client_secret: encode("s") },
 * });
 * assert.deepEqual(method, { type: "oauth-m2m", clientId: "id", clientSecret: "s" });
 * ```
 *
 * @throws {CredentialsError} that names the key and the remedy.
 */
export function readSignIn(sources: SignInSources, options: CredentialsOptions = {}): SignIn {
  const keys = readKeys(sources);
  const url = keys.get("host");
  if (url === undefined) {
    throw new CredentialsError(`key "databricks_url" (or "host") is missing: add it, as https://<workspace>`);
  }
  const { host, warnings } = readUrl(url, options.allowLoopback ?? false);
  const network = readNetwork(keys, options);
  return {
    host: addressWithId(host, keys.get("workspace_id")),
    method: methodOf(keys),
    ...network !== undefined && { network },
    ...sources.isPersonal && { isPersonal: true },
    warnings,
  };
}

type Keys = ReadonlyMap<string, string>;

function readKeys({ secret = {}, configMap = {}, title = "ConfigMap" }: SignInSources): Keys {
  const keys = new Map<string, string>();
  for (const key of [...PLAIN_KEYS, ...SECRET_KEYS]) {
    const found = (ALIASES[key] ?? [key]).flatMap((name) => [
      ...Object.hasOwn(secret, name) ? [{ name, where: "Secret", value: text(name, secret[name]!) }] : [],
      ...Object.hasOwn(configMap, name) ? [{ name, where: title, value: plain(name, configMap[name]!, title) }] : [],
    ]);
    const [first, ...others] = found;
    const other = others.find(({ value }) => value !== first?.value);
    if (first !== undefined && other !== undefined) {
      throw new CredentialsError(
        `"${first.name}" (${first.where}) and "${other.name}" (${other.where}) say different things: keep one of them`,
      );
    }
    if (first !== undefined) keys.set(key, first.value);
  }
  return keys;
}

/** A value from the ConfigMap. A secret value there is neither used nor repeated. */
function plain(name: string, value: string, title: string): string {
  if (SECRET_KEYS.some((key) => (ALIASES[key] ?? [key]).includes(name))) {
    throw new CredentialsError(
      `key "${name}" stands in the ${title}, where others can read it: move it to the Secret`,
    );
  }
  if (name === "proxy" && value.includes("@")) {
    throw new CredentialsError(
      `key "proxy" in the ${title} holds a user or password before "@", which others can read: move it to the Secret`,
    );
  }
  return value.trim();
}

function text(key: string, bytes: Uint8Array): string {
  let value: string;
  try {
    value = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    throw new CredentialsError(`key "${key}" is not UTF-8 text: encode the text itself with base64`);
  }
  if (value === "") throw new CredentialsError(`key "${key}" is empty: fill it in`);
  if (SECRET_KEYS.some((secret) => (ALIASES[secret] ?? [secret]).includes(key)) && !/^[\x21-\x7e]+$/.test(value)) {
    throw new CredentialsError(
      `key "${key}" holds characters that no ${noun(key)} has: put the bare ${noun(key)} there`,
    );
  }
  return value;
}

function noun(key: string): string {
  return key.includes("token") ? "token" : "secret";
}

function methodOf(keys: Keys): Method {
  const named = keys.get("auth_type");
  if (named !== undefined) return namedMethod(keys, named);
  const found = WAYS.filter(({ type, needs }) =>
    needs.every((key) => keys.has(key)) && (type !== "azure-msi" || keys.get("azure_use_msi") === "true")
  );
  const [first, second] = found;
  // The workspace names the tenant; keys that are left over beside those of another way choose none.
  const isOfEntra = NAMED["azure-client-secret"].every((key) => keys.has(key));
  if (first === undefined && isOfEntra) return make("azure-client-secret", keys);
  if (first === undefined) throw new CredentialsError(nothing(keys));
  if (second !== undefined) {
    const ways = found.map(({ type, needs }) => `${type} (${needs.join(", ")})`).join(" and ");
    throw new CredentialsError(
      `more than one way to sign in is configured: ${ways}: keep the keys of one, or name it with auth_type`,
    );
  }
  return make(first.type, keys);
}

function namedMethod(keys: Keys, named: string): Method {
  if (!Object.hasOwn(NAMED, named)) {
    const known = Object.keys(NAMED).join(", ");
    throw new CredentialsError(`auth_type: "${named}" is no way to sign in that is known here: use one of ${known}`);
  }
  const type = named as Method["type"];
  const missing = NAMED[type].filter((key) => !keys.has(key));
  if (missing.length > 0) {
    throw new CredentialsError(
      `auth_type "${type}" needs ${missing.map((key) => `"${nameOf(key)}"`).join(", ")}: add it`,
    );
  }
  return make(type, keys);
}

/** The predecessor's name of a key. */
function nameOf(key: string): string {
  return ALIASES[key]?.at(-1) ?? key;
}

/** Names the missing keys of the method that is closest to the present keys. */
function nothing(keys: Keys): string {
  const near = WAYS.find(({ needs }) => needs.some((key) => keys.has(key)));
  const needs = near?.needs.filter((key) => key !== "azure_tenant_id") ?? ["token"];
  const missing = needs.filter((key) => !keys.has(key)).map((key) => `"${nameOf(key)}"`);
  const federation = near?.type === "oauth-m2m" ? `, or set auth_type: "file-oidc" to sign in without a secret` : "";
  return `key ${missing.join(" and ")} is missing: add it${federation}`;
}

function make(type: Method["type"], keys: Keys): Method {
  const get = (key: string) => keys.get(key) ?? "";
  const azure = { clientId: keys.get("azure_client_id"), resourceId: keys.get("azure_workspace_resource_id") };
  switch (type) {
    case "pat":
      return { type, token: get("token") };
    case "oauth-m2m":
      return { type, clientId: get("client_id"), clientSecret: get("client_secret") };
    case "file-oidc":
      return {
        type,
        clientId: get("client_id"),
        audience: keys.get("audience"),
        serviceAccount: keys.get("service_account"),
      };
    case "azure-client-secret":
      return {
        type,
        ...azure,
        clientId: get("azure_client_id"),
        tenantId: keys.get("azure_tenant_id"),
        clientSecret: get("azure_client_secret"),
      };
    case "azure-workload-identity":
      return { type, ...azure, tenantId: keys.get("azure_tenant_id") };
    case "azure-msi":
      return { type, ...azure };
  }
}
