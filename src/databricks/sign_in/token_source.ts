/**
 * Sources of a workspace's Authorization header, one for each sign-in method.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { CredentialsError } from "../auth.ts";
import { CachedToken, type Issued } from "./cached_token.ts";
import { claimsOf } from "./claims.ts";
import type { Method, SignIn } from "./method.ts";
import { managedIdentity } from "./managed_identity.ts";
import { type TokenEndpointOptions, TokenEndpoints } from "./token_endpoint.ts";

/** Provides the headers that authenticate a request. */
export interface TokenSource {
  /** The headers, with a valid token. @throws {DatabricksError} or {@link CredentialsError}. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /**
   * Notes that a request with these headers was refused as unauthenticated.
   *
   * @returns true if new headers would differ, so that the request is worth repeating once.
   */
  refused(headers: Readonly<Record<string, string>>): boolean;
}

/** Options of token sources, besides the method. */
export interface TokenSourceOptions extends TokenEndpointOptions {
  readonly clock: Clock;
  /** Reads the file with the proof of identity; it is read at each exchange, since the kubelet renews it. */
  readonly readFile: (path: string) => Promise<string>;
  readonly environment: (name: string) => string | undefined;
  /**
   * Requests a token of a ServiceAccount of the namespace from Kubernetes. @throws if that is forbidden, or if there is
   * no such ServiceAccount.
   */
  readonly serviceAccountToken: (name: string, audience: string) => Promise<string>;
  /**
   * The reason why the operator's own identity may not be used for this client, and the remedy; `undefined` if it may.
   */
  readonly ownIdentityProblem: (clientId: string | undefined) => string | undefined;
  /** Permits requests to the metadata service of an Azure machine. */
  readonly allowManagedIdentity?: boolean;
  /** A stand-in for that service, for tests; no setting sets it. */
  readonly metadataAddress?: string | undefined;
}

/** The path at which the operator's own token for Databricks is mounted (a projected ServiceAccount token). */
export const OWN_TOKEN = "/var/run/secrets/databricks/token";
/** Azure Databricks, as Entra knows it in every cloud (learn.microsoft.com: "Service principal access tokens"). */
const AZURE_DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Entra and Azure's management API, by the suffix of a workspace's host (Go SDK, common/environment/azure.go). */
const CLOUDS = [
  {
    host: /\.databricks\.azure\.us$/,
    login: "https://login.microsoftonline.us",
    entra: ["login.microsoftonline.us"],
    management: "https://management.core.usgovcloudapi.net/",
  },
  {
    host: /\.databricks\.azure\.cn$/,
    login: "https://login.chinacloudapi.cn",
    entra: ["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
    management: "https://management.core.chinacloudapi.cn/",
  },
  {
    host: /./,
    login: "https://login.microsoftonline.com",
    entra: ["login.microsoftonline.com", "login.windows.net"],
    management: "https://management.core.windows.net/",
  },
] as const;

/** The source of headers for a sign-in method. */
export function tokenSource({ host, method }: SignIn, options: TokenSourceOptions): TokenSource {
  if (method.type === "pat") return fixedToken(method.token);
  const endpoints = new TokenEndpoints(options);
  switch (method.type) {
    case "oauth-m2m":
      return renewed(() => machine(host, method, endpoints), options);
    case "file-oidc":
      return renewed(() => federated(host, method, { endpoints, options }), options);
    default:
      return azure(host, method, { endpoints, options });
  }
}

/** A token that does not change. */
export function fixedToken(token: string): TokenSource {
  const headers = { authorization: `Bearer ${token}` };
  return { headers: () => Promise.resolve(headers), refused: () => false };
}

function renewed(issue: () => Promise<Issued>, { clock }: TokenSourceOptions): TokenSource {
  const cache = new CachedToken(issue, clock);
  return {
    headers: async () => ({ authorization: `Bearer ${await cache.get()}` }),
    refused({ authorization = "" }) {
      cache.drop(authorization.replace(/^Bearer /, ""));
      return true;
    },
  };
}

async function machine(
  host: string,
  { clientId, clientSecret }: Method & { type: "oauth-m2m" },
  endpoints: TokenEndpoints,
): Promise<Issued> {
  return await endpoints.ask(await endpoints.ofWorkspace(host), {
    clientId,
    clientSecret: { value: clientSecret, sentBy: "basic" },
    grantType: "client_credentials",
    parameters: { scope: "all-apis" },
    secrets: [clientSecret],
    remedy:
      "check client_id and client_secret in the API Secret: is the secret of this service principal, and not expired?",
  });
}

/** The parts that every method except a fixed token needs. */
interface Parts {
  readonly endpoints: TokenEndpoints;
  readonly options: TokenSourceOptions;
}

async function federated(
  host: string,
  method: Method & { type: "file-oidc" },
  { endpoints, options }: Parts,
): Promise<Issued> {
  if (method.serviceAccount === undefined) {
    checkOwn(`client_id "${method.clientId}"`, options.ownIdentityProblem(method.clientId), {
      else: "name a ServiceAccount of this namespace with service_account",
    });
  }
  const endpoint = await endpoints.ofWorkspace(host);
  const audience = method.audience ?? endpoint.href;
  const subject = await subjectToken(method, audience, options);
  return await endpoints.ask(endpoint, {
    clientId: method.clientId,
    grantType: EXCHANGE,
    parameters: {
      subject_token: subject,
      subject_token_type: JWT,
      scope: "all-apis",
      // Required if the policy is a service principal's: a token of Kubernetes has no claim to choose one by.
      client_id: method.clientId,
    },
    secrets: [subject],
    proof: subject,
    remedy: policyRemedy(method.clientId, subject),
  });
}

async function subjectToken(
  { serviceAccount }: Method & { type: "file-oidc" },
  audience: string,
  options: TokenSourceOptions,
): Promise<string> {
  if (serviceAccount !== undefined) return await options.serviceAccountToken(serviceAccount, audience);
  return (await readProof(OWN_TOKEN, options)).trim();
}

/** Otherwise whoever can name a client here could act as every principal that trusts the operator. */
function checkOwn(what: string, problem: string | undefined, way: { readonly else: string }): void {
  if (problem === undefined) return;
  throw new CredentialsError(
    `${what} may not be used with the operator's own identity here: ${way.else}, or ${problem}`,
  );
}

async function readProof(path: string, { readFile }: TokenSourceOptions): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CredentialsError(
      `the operator has no token of its own at ${path}: mount one (chart value federation.ownIdentity.enabled), or name a ` +
        `ServiceAccount with service_account`,
      { cause },
    );
  }
}

/** The federation policy that would accept the token, from the token's claims, which are not secret. */
function policyRemedy(clientId: string, token: string): string {
  const { iss, sub, aud } = claimsOf(token);
  const audience = Array.isArray(aud) ? aud.join(", ") : aud;
  return `check that service principal "${clientId}" has a federation policy with issuer "${iss}", subject "${sub}" ` +
    `and audience "${audience}"`;
}

type AzureMethod = Method & { type: `azure-${string}` };

/** Azure's methods: Entra issues the token, and a second one if the principal is not in the workspace yet. */
function azure(host: string, method: AzureMethod, parts: Parts): TokenSource {
  const { clock } = parts.options;
  const cloud = CLOUDS.find((one) => one.host.test(new URL(host).hostname))!;
  let named: string | undefined;
  const tenant = async () => named ??= await parts.endpoints.tenantOf(host, cloud.entra);
  const of = (resource: string) => new CachedToken(() => entra(method, { ...parts, cloud, resource, tenant }), clock);
  const token = of(AZURE_DATABRICKS);
  const management = method.resourceId === undefined ? undefined : of(cloud.management);
  return {
    async headers(): Promise<Record<string, string>> {
      const authorization = `Bearer ${await token.get()}`;
      if (management === undefined || method.resourceId === undefined) return { authorization };
      return {
        authorization,
        "x-databricks-azure-workspace-resource-id": method.resourceId,
        "x-databricks-azure-sp-management-token": await management.get(),
      };
    },
    refused(headers) {
      named = undefined;
      token.drop((headers.authorization ?? "").replace(/^Bearer /, ""));
      management?.drop(headers["x-databricks-azure-sp-management-token"] ?? "");
      return true;
    },
  };
}

interface EntraParts extends Parts {
  readonly cloud: typeof CLOUDS[number];
  readonly resource: string;
  /** The tenant as the workspace names it. */
  readonly tenant: () => Promise<string>;
}

function checkOwnAzure(clientId: string | undefined, options: TokenSourceOptions): void {
  const what = clientId === undefined ? "azure-msi without azure_client_id" : `azure_client_id "${clientId}"`;
  checkOwn(what, options.ownIdentityProblem(clientId), { else: "sign in with an identity of this namespace" });
}

async function entra(method: AzureMethod, parts: EntraParts): Promise<Issued> {
  const { endpoints, options, cloud, resource } = parts;
  if (method.type === "azure-msi") {
    if (options.allowManagedIdentity) checkOwnAzure(method.clientId, options);
    return await managedIdentity(method.clientId, resource, options);
  }
  const clientId = method.clientId ?? options.environment("AZURE_CLIENT_ID");
  if (clientId === undefined) {
    throw new CredentialsError(
      `auth_type "${method.type}" needs "azure_client_id": add it, or label the operator's pod with ` +
        `azure.workload.identity/use: "true"`,
    );
  }
  if (method.type === "azure-workload-identity") checkOwnAzure(clientId, options);
  const own = method.type === "azure-workload-identity" ? options.environment("AZURE_TENANT_ID") : undefined;
  const tenant = method.tenantId ?? own ?? await parts.tenant();
  const login = method.type === "azure-workload-identity" ? options.environment("AZURE_AUTHORITY_HOST") : undefined;
  const endpoint = new URL(`/${encodeURIComponent(tenant)}/oauth2/token`, login ?? cloud.login);
  if (method.type === "azure-client-secret") {
    return await endpoints.ask(endpoint, {
      clientId,
      clientSecret: { value: method.clientSecret, sentBy: "form" },
      grantType: "client_credentials",
      parameters: { resource },
      secrets: [method.clientSecret],
      remedy: "check azure_client_id, azure_client_secret and azure_tenant_id in the API Secret",
    });
  }
  const file = options.environment("AZURE_FEDERATED_TOKEN_FILE") ??
    "/var/run/secrets/azure/tokens/azure-identity-token";
  const assertion = (await readProof(file, options)).trim();
  return await endpoints.ask(endpoint, {
    clientId,
    grantType: "client_credentials",
    parameters: { resource, client_assertion_type: ASSERTION, client_assertion: assertion },
    secrets: [assertion],
    proof: assertion,
    remedy:
      `check that application "${clientId}" has a federated credential with issuer "${claimsOf(assertion).iss}" and ` +
      `subject "${claimsOf(assertion).sub}"`,
  });
}
