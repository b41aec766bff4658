/**
 * How requests reach Databricks. The operator is written against {@link Transport}; the real one uses the network, the
 * mock answers in-process, and decorators add what tests and operation need.
 *
 * @module
 */

/** Sends one HTTP request and gives its answer. Rejects only when no answer came. */
export interface Transport {
  send(request: Request): Promise<Response>;
}

/** Makes the transport for a workspace, given its origin. */
export type TransportFactory = (host: string) => Transport;

/**
 * The transport that uses the network. Redirects are not followed: a token must not travel to another host, and the
 * REST API never redirects.
 */
export function httpTransport(): Transport {
  return { send: (request) => fetch(request, { redirect: "manual" }) };
}
