/**
 * Explains why a server could not be reached, and what to do about it.
 *
 * Deno's `fetch` says "fetch failed", or everything including the URL (2.4); its `cause` has the words of hyper and
 * rustls.
 *
 * @module
 */

/** The cause of a request without an answer. */
export interface NetworkProblem {
  /** The network's own words. */
  readonly message: string;
  /** True if there was no connection to send the request on, so that nothing can have been done. */
  readonly isUnconnected: boolean;
  /** The remedy; `undefined` if only waiting helps. */
  readonly remedy?: string;
}

/**
 * How hyper reports that it could not connect; a connection that broke later has other words. An HTTP proxy that could
 * not connect is reported the same way.
 */
const UNCONNECTED = /client error \(Connect\): /;

/** A certificate of an unknown authority. */
export const UNTRUSTED = /invalid peer certificate: (UnknownIssuer|.*CaUsedAsEndEntity)/;

/** A server's certificate is not trusted; the message names its issuer. */
export class UntrustedIssuerError extends Error {
  override name = "UntrustedIssuerError";

  /** @param cause The error of the fetch. */
  constructor(readonly issuer: string, cause: unknown) {
    super(`${wordsOf(cause)}, "${issuer}"`, { cause });
  }
}

/** Words of the network, and their remedies. The first match counts. */
const REMEDIES: readonly { readonly words: RegExp; readonly remedy: string }[] = [
  {
    words: /dns error/,
    remedy: "check the spelling of host (databricks_url), and that the operator's pod can resolve this name",
  },
  {
    words: /proxy auth|unsuccessful tunnel|407/i,
    remedy: "check the user and the password of proxy in the API Secret, and that the proxy allows this host",
  },
  {
    words: UNTRUSTED,
    remedy:
      "if that is your company's authority, put its certificate (PEM) as ca.crt into the ConfigMap or the API Secret",
  },
  {
    words: /invalid peer certificate: NotValidForName|certificate not valid for name/,
    remedy: "write host (databricks_url) as the certificate has it",
  },
  {
    words: /invalid peer certificate: (Expired|NotValidYet)|certificate (expired|not valid yet)/,
    remedy: "renew the server's certificate, or check the clock of the operator's node",
  },
  {
    words: /corrupt message|HandshakeFailure|tls handshake eof|InvalidContentType/i,
    remedy: "check the port, and that TLS is spoken there",
  },
  {
    words: /connection refused|unreachable|timed out|no answer within/i,
    remedy: "check the host and port, and what is between: network policies, firewalls, and the proxy if there is one",
  },
];

/**
 * Reads the error of a `fetch`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { networkProblem } from "./network_error.ts";
 *
 * const why = "error sending request for url (https://x.example/): client error (Connect): dns error: no such host";
 * const problem = networkProblem(new TypeError("fetch failed", { cause: new Error(why) }));
 * assert.equal(problem.message, "dns error: no such host");
 * assert.ok(problem.isUnconnected);
 * assert.match(problem.remedy ?? "", /check the spelling of host/);
 * ```
 */
export function networkProblem(error: unknown): NetworkProblem {
  const words = wordsOf(error);
  const remedy = REMEDIES.find((row) => row.words.test(words))?.remedy;
  return {
    // Deno 2.4 repeats the last part.
    message: words.replace(UNCONNECTED, "").replace(/(: .+)\1$/, "$1"),
    isUnconnected: UNCONNECTED.test(words),
    ...remedy !== undefined && { remedy },
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (error instanceof UntrustedIssuerError) return message;
  return (cause instanceof Error ? cause.message : message).replace(/error sending request for url \([^)]*\): /, "");
}
