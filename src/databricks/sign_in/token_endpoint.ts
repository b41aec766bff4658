/**
 * Gets tokens from token endpoints: OAuth for machines, the exchange of a federated token, and Microsoft Entra's.
 *
 * Errors show OAuth's `error` and `error_description`, and never a body or a token. Requests are retried where that can
 * help: after 429, 5xx and lost answers, for up to {@link PATIENCE}. Redirects are not followed.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import type { Clock } from "../../base/clock.ts";
import { textOf } from "../../http/response_body.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import { specialOf } from "../address.ts";
import { CredentialsError } from "../auth.ts";
import { ConnectionError, DatabricksError } from "../errors.ts";
import { networkProblem } from "../call/network_error.ts";
import { timeLimit } from "../call/time_limit.ts";
import type { TransportFactory } from "../call/transport.ts";
import { workspaceIdOf } from "./network.ts";
import type { Issued } from "./cached_token.ts";
import { busy, failureOf, refusal } from "./refusal.ts";

/** The time (ms) for which a busy or unavailable token endpoint is retried. */
const PATIENCE = 60_000;
/** The same if the failure is one for a person to fix, who should hear of it soon (ms). */
const IMPATIENCE = 5_000;
/** The timeout of one request (ms). */
const TIMEOUT = 30_000;
/** A longer answer is refused (bytes): the namespace chooses who answers. */
const MAX_ANSWER = 2 ** 20;
/** Entra's names for several tenants together, which issue no token to an application. */
const NO_TENANT = ["common", "organizations", "consumers"];
/** The lifetime (s) of tokens that do not state one: Databricks' usual lifetime. */
const LIFETIME = 3600;

/** Options of {@link TokenEndpoints}. */
export interface TokenEndpointOptions {
  readonly transport: TransportFactory;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Aborts when nothing must wait any longer. */
  readonly stopping?: AbortSignal | undefined;
  /** Permits endpoints on this machine, such as the mock's. */
  readonly allowLoopback?: boolean;
}

/** One request for a token. */
export interface TokenRequest {
  readonly clientId: string;
  /** Sent by HTTP Basic, or in the form; absent for an exchange, where the subject's token is the proof. */
  readonly clientSecret?: { readonly value: string; readonly sentBy: "basic" | "form" };
  readonly grantType: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Values of the request that must not appear in messages. */
  readonly secrets: readonly string[];
  /** The remedy to show when the endpoint refuses the request. */
  readonly remedy: string;
  /** The JWT that proves the caller's identity; its claims explain errors. */
  readonly proof?: string;
}

/** Requests tokens from token endpoints. */
export class TokenEndpoints {
  readonly #options: TokenEndpointOptions;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /**
   * Returns the token endpoint of a workspace. Workspaces publish it at `/oidc/.well-known/oauth-authorization-server`;
   * without such a document it is `/oidc/v1/token` (docs: "Authorize access with OAuth, manually generate tokens").
   *
   * @throws {DatabricksError}
   */
  async ofWorkspace(host: string): Promise<URL> {
    const url = await this.#discoveryOf(host);
    const response = await this.#repeated(url, () => this.#send(new Request(url, { headers: this.#headers() })));
    const body = response.ok ? await response.json().catch(() => ({})) : await response.body?.cancel();
    const told = typeof body?.token_endpoint === "string" && URL.canParse(body.token_endpoint)
      ? new URL(body.token_endpoint)
      : new URL("/oidc/v1/token", host);
    this.#check(told, host);
    return told;
  }

  /**
   * The metadata document of the token endpoint. A host of several workspaces names the one of its account (Python SDK
   * 0.162.0, `_resolve_host_metadata` in config.py).
   */
  async #discoveryOf(host: string): Promise<URL> {
    const usual = new URL("/oidc/.well-known/oauth-authorization-server", host);
    if (workspaceIdOf(host) === undefined) return usual;
    const url = new URL("/.well-known/databricks-config", host);
    const response = await this.#repeated(url, () => this.#send(new Request(url, { headers: this.#headers() })));
    const { oidc_endpoint: root, account_id = "" } = response.ok ? await response.json().catch(() => ({})) : {};
    // After a query, the host would choose the path.
    if (typeof root !== "string" || /[?#]/.test(root)) return usual;
    const text = `${
      root.replace("{account_id}", encodeURIComponent(String(account_id))).replace(/\/$/, "")
    }/.well-known/oauth-authorization-server`;
    if (!URL.canParse(text)) return usual;
    const told = new URL(text);
    this.#check(told, host);
    return told;
  }

  /** Requests a token from an endpoint. @throws {DatabricksError} */
  async ask(endpoint: URL, request: TokenRequest): Promise<Issued> {
    const server: oauth.AuthorizationServer = { issuer: endpoint.origin, token_endpoint: endpoint.href };
    const client: oauth.Client = { client_id: request.clientId };
    // HTTP Basic sends the client's secret in yet another form.
    const secrets = new Set(request.secrets);
    const response = await this.#repeated(
      endpoint,
      () =>
        oauth.genericTokenEndpointRequest(server, client, authentication(request), request.grantType, {
          ...request.parameters,
        }, {
          [oauth.customFetch]: (url, init) => {
            const sent = new Request(url, init as RequestInit);
            secrets.add(sent.headers.get("authorization")?.replace(/^Basic /, "") ?? "");
            return this.#send(sent);
          },
          [oauth.allowInsecureRequests]: endpoint.protocol === "http:",
          headers: this.#headers(),
        }),
    );
    const answer = response.clone();
    try {
      const { access_token, expires_in } = await oauth.processGenericTokenEndpointResponse(server, client, response);
      // Any other token could not be sent as a header.
      if (!/^[\x21-\x7e]+$/.test(access_token)) throw new Error("its token holds characters that no token has");
      return { token: access_token, lifetimeMs: (expires_in ?? LIFETIME) * 1000 };
    } catch (error) {
      secrets.delete("");
      throw await refusal({ ...request, secrets: [...secrets] }, { endpoint, answer, error });
    }
  }

  /**
   * The Entra tenant of a workspace in Azure. Its sign-in page redirects to `https://<Entra>/<tenant>/oauth2/authorize?…`
   * (Python SDK 0.162.0, `load_azure_tenant_id` in config.py). Nothing but the tenant's name is taken from there.
   *
   * @param entra The hosts of Entra in the workspace's cloud.
   * @throws {CredentialsError} when the answer is no such redirect.
   */
  async tenantOf(host: string, entra: readonly string[]): Promise<string> {
    const url = new URL("/aad/auth", host);
    const request = () => new Request(url, { headers: this.#headers(), redirect: "manual" });
    const { status, headers } = await this.#repeated(url, () => this.#send(request()));
    const location = headers.get("location") ?? "";
    const told = status >= 300 && status < 400 && URL.canParse(location) ? new URL(location) : undefined;
    const [, tenant = ""] = told?.pathname.split("/") ?? [];
    const isTold = told?.protocol === "https:" && entra.includes(told.host);
    if (isTold && /^[\w.-]+$/.test(tenant) && !NO_TENANT.includes(tenant)) return tenant;
    throw new CredentialsError(
      `azure_tenant_id is missing, and workspace "${
        new URL(host).host
      }" does not name its Entra tenant (/aad/auth answered ` +
        `${status}${told === undefined ? "" : `, to "${told.host}"`}): add azure_tenant_id`,
    );
  }

  #headers(): Headers {
    return new Headers({ accept: "application/json", "user-agent": this.#options.userAgent });
  }

  #check({ protocol, host: where, hostname }: URL, workspace: string): void {
    const special = specialOf(hostname);
    const isElsewhere = special !== undefined && !(special === "loopback" && this.#options.allowLoopback);
    // A secret that would go to the workspace encrypted must not go elsewhere as plain text.
    const isPlain = protocol !== "https:" && protocol !== new URL(workspace).protocol;
    if (!isElsewhere && !isPlain) return;
    const what = isElsewhere ? "where no Databricks is" : "without TLS";
    throw new CredentialsError(`the workspace names a token endpoint at "${where}", ${what}: check databricks_url`);
  }

  async #send(request: Request): Promise<Response> {
    const { transport, clock } = this.#options;
    using limit = timeLimit(clock, TIMEOUT);
    const { origin } = new URL(request.url);
    const response = await transport(origin).send(new Request(request, { signal: limit.signal }));
    // The time limit covers the whole answer; it is short.
    const text = await textOf(response, limit.signal, { most: MAX_ANSWER });
    return new Response(text === "" ? null : text, response);
  }

  /** Retries what may succeed the next time. A final answer is returned, whatever its status. */
  async #repeated(url: URL, send: () => Promise<Response>): Promise<Response> {
    const { clock, stopping } = this.#options;
    const begun = clock.monotonic();
    for (let attempt = 1;; attempt++) {
      const result = await send().catch((error) => {
        if (error instanceof WorkEndedError) throw error;
        return new ConnectionError({ ...failureOf(url, 0, "", ""), ...networkProblem(error) });
      });
      const failure = result instanceof DatabricksError ? result : busy(url, result);
      if (failure === undefined) return result as Response;
      const wait = Math.min(2 ** attempt, 16) * 1000;
      const patience = failure.failure.remedy === undefined ? PATIENCE : IMPATIENCE;
      if (clock.monotonic() + wait > begun + patience) throw failure;
      await clock.sleep(wait, stopping);
      stopping?.throwIfAborted();
    }
  }
}

function authentication({ clientSecret }: TokenRequest): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  const { value, sentBy } = clientSecret;
  return sentBy === "basic" ? oauth.ClientSecretBasic(value) : oauth.ClientSecretPost(value);
}
