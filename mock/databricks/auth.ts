/**
 * Who may call a workspace: one personal access token, and OAuth clients with tokens of an hour.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { ApiError } from "./errors.ts";

/** What the credentials of a workspace are made of. */
export interface AuthOptions {
  now: () => number;
  token: string;
  user: string;
  doubts: Doubts;
  /** OAuth clients: id → secret. */
  clients: Record<string, string>;
  /** Tokens of a federated identity provider: token → the client id that it stands for. */
  subjectTokens: Record<string, string>;
}

/** Seconds that an OAuth token lives. */
export const tokenSeconds = 3600;

/** Checks credentials and issues OAuth tokens. */
export class Auth {
  readonly #options: AuthOptions;
  readonly #issued = new Map<string, { client: string; expires: number }>();
  #token: string;

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  /** Replaces the personal access token; the old one is wrong from now on. */
  setToken(token: string): void {
    this.#token = token;
  }

  /**
   * Whose request it is: the user's name, or the id of an OAuth client.
   *
   * @throws {ApiError} 401 or 403 when it has no valid token.
   */
  user(request: Request): string {
    const header = request.headers.get("authorization");
    const token = /^Bearer (.+)$/i.exec(header ?? "")?.[1]?.trim();
    if (!token) throw unauthenticated();
    if (token === this.#token) return this.#options.user;
    const issued = this.#issued.get(token);
    if (issued && this.#options.now() < issued.expires) return issued.client;
    if (this.#options.doubts.wrongToken === "403") {
      throw new ApiError(403, "PERMISSION_DENIED", "Invalid access token.");
    }
    throw unauthenticated();
  }

  /** True when the client has this secret. */
  isClient(client: string, secret: string): boolean {
    return Object.hasOwn(this.#options.clients, client) && this.#options.clients[client] === secret;
  }

  /** The client that a federated token stands for. */
  subject(token: string): string | undefined {
    return Object.hasOwn(this.#options.subjectTokens, token) ? this.#options.subjectTokens[token] : undefined;
  }

  /** A new token for a client. */
  issue(client: string): string {
    const token = `oauth-${client}-${this.#issued.size + 1}`;
    this.#issued.set(token, { client, expires: this.#options.now() + tokenSeconds * 1000 });
    return token;
  }

  /** Ends all OAuth tokens before their time. */
  revokeIssued(): void {
    this.#issued.clear();
  }
}

function unauthenticated(): ApiError {
  const message = "Credential was not sent or was of an unsupported type for this API.";
  return new ApiError(401, "UNAUTHENTICATED", message);
}
