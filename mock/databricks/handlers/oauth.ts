/**
 * `/oidc/v1/token` and the documents that link to it: machine-to-machine OAuth, and the exchange of a federated token.
 *
 * @module
 */
import { http, type HttpHandler } from "msw/http";
import { type Auth, tokenSeconds } from "../auth.ts";
import { ExchangeError } from "../federation.ts";
import { reply } from "../reply.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const ISSUED = "urn:ietf:params:oauth:token-type:access_token";

// As far as is known, the token endpoint answers with OAuth's errors (RFC 6749), not Databricks' own.
function refuse({ refusedSignIn, date }: Auth, error: string, description: string, status = 400): Response {
  if (refusedSignIn === "401 without a message") {
    return reply({}, { status: 401, headers: { date, "www-authenticate": "DatabricksRealm" } });
  }
  const body = refusedSignIn === "OAuth's error"
    ? { error, error_description: description }
    : { error_code: error.toUpperCase(), message: description };
  return reply(body, { status, headers: { date } });
}

function basic(request: Request): [string, string] | undefined {
  const encoded = /^Basic (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (!encoded) return undefined;
  try {
    const [client = "", ...secret] = atob(encoded).split(":");
    return [decodeURIComponent(client), decodeURIComponent(secret.join(":"))];
  } catch {
    return undefined;
  }
}

function issue(auth: Auth, client: string, { seconds = tokenSeconds, extra = {} } = {}): Response {
  const access_token = auth.issue(client, seconds);
  return reply({ access_token, scope: "all-apis", token_type: "Bearer", expires_in: seconds, ...extra });
}

function clientCredentials(auth: Auth, request: Request, form: URLSearchParams): Response {
  const [client, secret] = basic(request) ?? [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  if (!auth.isClient(client, secret)) return refuse(auth, "invalid_client", "Client authentication failed", 401);
  return issue(auth, client);
}

async function tokenExchange(auth: Auth, form: URLSearchParams): Promise<Response> {
  if (form.get("subject_token_type") !== "urn:ietf:params:oauth:token-type:jwt") {
    return refuse(auth, "invalid_request", "subject_token_type must be urn:ietf:params:oauth:token-type:jwt");
  }
  try {
    const { client, seconds } = await auth.subject(form.get("subject_token") ?? "", form.get("client_id") ?? undefined);
    return issue(auth, client, { seconds, extra: { issued_token_type: ISSUED } });
  } catch (error) {
    if (error instanceof ExchangeError) return refuse(auth, error.error, error.message);
    throw error;
  }
}

async function token(auth: Auth, request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  const grant = form.get("grant_type");
  if (grant === "client_credentials") return clientCredentials(auth, request, form);
  if (grant === exchange) return await tokenExchange(auth, form);
  return refuse(auth, "unsupported_grant_type", `Unsupported grant_type "${grant}"`);
}

function discovery(url: string): Response {
  const issuer = new URL("/oidc", url).href;
  return reply({ issuer, token_endpoint: `${issuer}/v1/token`, authorization_endpoint: `${issuer}/v1/authorize` });
}

// The official clients request this first.
function hostMetadata(url: string): Response {
  return reply({ oidc_endpoint: new URL("/oidc", url).href });
}

// A workspace in Azure redirects people to Entra, in its own tenant (databricks-sdk-py, load_azure_tenant_id).
function entraSignIn({ tenantId }: Auth, url: string): Response {
  if (tenantId === undefined) return new Response("Not Found", { status: 404 });
  const location = new URL(`https://login.microsoftonline.com/${tenantId}/oauth2/authorize`);
  location.searchParams.set("redirect_uri", new URL("/login.html", url).href);
  return new Response(null, { status: 302, headers: { location: location.href } });
}

/** The handlers of the token endpoint and of its discovery documents. */
export function oauthHandlers(auth: Auth): HttpHandler[] {
  return [
    http.post("*/oidc/v1/token", ({ request }) => token(auth, request)),
    http.get("*/.well-known/databricks-config", ({ request }) => hostMetadata(request.url)),
    http.get("*/aad/auth", ({ request }) => entraSignIn(auth, request.url)),
    http.get("*/oidc/.well-known/oauth-authorization-server", ({ request }) => discovery(request.url)),
  ];
}
