/**
 * A stand-in for Microsoft Entra's token endpoint and for the metadata service of an Azure machine: only what is needed
 * to sign in to Azure Databricks (learn.microsoft.com: "Service principal access tokens for Azure Databricks",
 * "How to use managed identities on an Azure VM to acquire an access token").
 *
 * @module
 */
import { decodeJwt } from "jose";
import { reply } from "./reply.ts";

/** An application of Entra. */
export interface EntraApplication {
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret?: string;
  /** Federated credentials: the issuers and subjects whose tokens the application accepts. */
  readonly federated?: readonly { readonly issuer: string; readonly subject: string }[];
}

/** An issued token. */
export interface EntraToken {
  readonly clientId: string;
  readonly resource: string;
  readonly endsAt: number;
}

const SECONDS = 3600;

/** Entra, in memory. */
export class MockEntra {
  /** Answers requests to any host. */
  readonly transport = { send: (request: Request): Promise<Response> => this.fetch(request) };
  readonly applications: EntraApplication[] = [];
  /** The tenant of the workspaces that trust Entra's tokens. */
  tenantId = "tenant-1";
  /** The client ids of the machine's identities; a request that names none gets the first one. */
  readonly machineIdentities: string[] = [];
  /** The requested paths. */
  readonly asked: string[] = [];
  readonly #tokens = new Map<string, EntraToken>();
  readonly #now: () => number;

  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#now = now;
  }

  /** Reads a token; `undefined` if Entra did not issue it, or if it has expired. */
  read(token: string): EntraToken | undefined {
    const found = this.#tokens.get(token);
    return found !== undefined && this.#now() < found.endsAt ? found : undefined;
  }

  /** Revokes all tokens. */
  revokeIssued(): void {
    this.#tokens.clear();
  }

  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.asked.push(url.pathname);
    if (url.pathname === "/metadata/identity/oauth2/token") return this.#metadata(request, url.searchParams);
    const [, tenant] = /^\/([^/]+)\/oauth2\/token$/.exec(url.pathname) ?? [];
    if (tenant === undefined || request.method !== "POST") return new Response("Not Found", { status: 404 });
    return this.#token(decodeURIComponent(tenant), new URLSearchParams(await request.text()));
  }

  #token(tenant: string, form: URLSearchParams): Response {
    const clientId = form.get("client_id") ?? "";
    const application = this.applications.find((one) => one.tenantId === tenant && one.clientId === clientId);
    if (application === undefined) {
      return refuse("unauthorized_client", `AADSTS700016: Application with identifier '${clientId}' was not found`);
    }
    const assertion = form.get("client_assertion");
    if (assertion === null ? !this.#hasSecret(application, form) : !this.#trusts(application, assertion)) {
      return assertion === null
        ? refuse("invalid_client", "AADSTS7000215: Invalid client secret provided")
        : refuse("invalid_client", "AADSTS70021: No matching federated identity record found for presented assertion");
    }
    return reply(this.#issue(clientId, form.get("resource") ?? ""));
  }

  #hasSecret({ secret }: EntraApplication, form: URLSearchParams): boolean {
    return secret !== undefined && form.get("client_secret") === secret;
  }

  #trusts({ federated = [] }: EntraApplication, assertion: string): boolean {
    try {
      const { iss, sub } = decodeJwt(assertion);
      return federated.some(({ issuer, subject }) => issuer === iss && subject === sub);
    } catch {
      return false;
    }
  }

  #metadata(request: Request, query: URLSearchParams): Response {
    if (request.headers.get("metadata") !== "true") {
      return refuse("invalid_request", "Required metadata header not specified");
    }
    const clientId = query.get("client_id") ?? this.machineIdentities[0];
    if (clientId === undefined || !this.machineIdentities.includes(clientId)) {
      return refuse("invalid_request", "Identity not found");
    }
    return reply(this.#issue(clientId, query.get("resource") ?? ""));
  }

  /** Entra writes numbers as strings. */
  #issue(clientId: string, resource: string): Record<string, string> {
    const access_token = `entra-${clientId}-${this.#tokens.size + 1}-${crypto.randomUUID()}`;
    const endsAt = this.#now() + SECONDS * 1000;
    this.#tokens.set(access_token, { clientId, resource, endsAt });
    return {
      token_type: "Bearer",
      access_token,
      expires_in: String(SECONDS),
      expires_on: String(Math.floor(endsAt / 1000)),
      resource,
    };
  }
}

/** Entra's refusals end with ids of the request, which differ each time. */
function refuse(error: string, description: string): Response {
  const trace = `Trace ID: ${crypto.randomUUID()} Correlation ID: ${crypto.randomUUID()} Timestamp: now`;
  return reply({ error, error_description: `${description}. ${trace}` }, {
    status: error === "invalid_request" ? 400 : 401,
  });
}
