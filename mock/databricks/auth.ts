/**
 * The credentials that a workspace accepts: one personal access token, OAuth clients with tokens that last an hour,
 * service principals with a federated token, and principals of Entra.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import type { MockEntra } from "./entra.ts";
import { ApiError } from "./errors.ts";
import { exchange, type FederationPolicy } from "./federation.ts";

/** Options of a workspace's credentials. */
export interface AuthOptions {
  now: () => number;
  token: string;
  user: string;
  doubts: Doubts;
  /** OAuth clients: id → secret. */
  clients: Record<string, string>;
  /** Tokens of a federated identity provider: token → client id. */
  subjectTokens: Record<string, string>;
  /** Another issuer of tokens for this workspace. */
  entra?: MockEntra | undefined;
}

/** The id of Azure Databricks in Entra's tokens. */
const AZURE_DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

/** The lifetime of an OAuth token (s). */
export const tokenSeconds = 3600;

/** Checks credentials and issues OAuth tokens. */
export class Auth {
  readonly #options: AuthOptions;
  /** The federation policies of service principals; tests add and remove them. */
  readonly policies: FederationPolicy[] = [];
  readonly #issued = new Map<string, { client: string; expires: number }>();
  #token: string;

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  /** The form of the token endpoint's refusals. */
  get refusedSignIn(): Doubts["refusedSignIn"] {
    return this.#options.doubts.refusedSignIn;
  }

  /** The time, in the format of an answer's `date` header. */
  get date(): string {
    return new Date(this.#options.now()).toUTCString();
  }

  /** The workspace's Entra tenant; `undefined` if it is not in Azure. */
  get tenantId(): string | undefined {
    return this.#options.entra?.tenantId;
  }

  /** Replaces the personal access token; the old one stops working. */
  setToken(token: string): void {
    this.#token = token;
  }

  /**
   * Returns the caller of a request: the user's name, or the id of an OAuth client.
   *
   * @throws {ApiError} 401 or 403 if it has no valid token.
   */
  user(request: Request): string {
    const header = request.headers.get("authorization");
    const token = /^Bearer (.+)$/i.exec(header ?? "")?.[1]?.trim();
    if (!token) throw unauthenticated();
    if (token === this.#token) return this.#options.user;
    const issued = this.#issued.get(token);
    if (issued && this.#options.now() < issued.expires) return issued.client;
    const entra = this.#options.entra?.read(token);
    if (entra?.resource === AZURE_DATABRICKS) return entra.clientId;
    if (this.#options.doubts.wrongToken === "403") {
      throw new ApiError(403, "PERMISSION_DENIED", "Invalid access token.");
    }
    throw unauthenticated();
  }

  /** True if this is the client's secret. */
  isClient(client: string, secret: string): boolean {
    return Object.hasOwn(this.#options.clients, client) && this.#options.clients[client] === secret;
  }

  /**
   * The client of a federated token, and the lifetime of a token for it (s).
   *
   * @throws {ExchangeError}
   */
  async subject(token: string, clientId: string | undefined): Promise<{ client: string; seconds: number }> {
    const known = Object.hasOwn(this.#options.subjectTokens, token) ? this.#options.subjectTokens[token] : undefined;
    if (known !== undefined && (clientId === undefined || clientId === known)) {
      return { client: known, seconds: tokenSeconds };
    }
    const now = this.#options.now();
    const exchanged = await exchange(token, clientId, { policies: this.policies, now });
    return { client: exchanged.clientId, seconds: Math.min(tokenSeconds, Math.floor((exchanged.endsAt - now) / 1000)) };
  }

  /** Issues a new token for a client. */
  issue(client: string, seconds: number = tokenSeconds): string {
    const token = `oauth-${client}-${this.#issued.size + 1}-${crypto.randomUUID()}`;
    this.#issued.set(token, { client, expires: this.#options.now() + seconds * 1000 });
    return token;
  }

  /** Revokes all OAuth tokens. */
  revokeIssued(): void {
    this.#issued.clear();
  }
}

function unauthenticated(): ApiError {
  const message = "Credential was not sent or was of an unsupported type for this API.";
  return new ApiError(401, "UNAUTHENTICATED", message);
}
