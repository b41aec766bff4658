/**
 * How requests reach Databricks. The operator is written against {@link Transport}; the real one uses the network, the
 * mock answers in-process, and decorators add what tests and operation need.
 *
 * @module
 */
import { issuerOf } from "../../http/server_issuer.ts";
import type { Fence } from "../../http/write_fence.ts";
import { UNTRUSTED, UntrustedIssuerError } from "./network_error.ts";

/** Sends one HTTP request and returns its answer. Rejects only if no answer came. */
export interface Transport {
  send(request: Request): Promise<Response>;
  /** Called after a request that timed out: the next one must not use the same connection. */
  renew?(): void;
  /** Closes the connections; a later request opens new ones. */
  close?(): void;
}

/** The route to a workspace, where it differs from the process's own. */
export interface Network {
  /** The authorities (PEM) to trust besides the process's. */
  readonly caCerts?: readonly string[];
  /** The proxy of all requests to the workspace and its token endpoint. */
  readonly proxy?: Deno.Proxy & { readonly url: string };
}

/** Creates the transport for a workspace from its origin. */
export type TransportFactory = (host: string, network?: Network) => Transport;

/**
 * The time (ms) for which an idle connection is used again. Load balancers close idle connections after a minute or
 * more; a create that is sent just then is in doubt, and would wait for minutes.
 */
const IDLE = 30_000;

/** How long (ms) the issuer of an untrusted certificate is remembered. */
const ISSUER_HOLDS = 60_000;

/**
 * The transport that uses the network, with connections of its own. Redirects are not followed: a token must not travel
 * to another host, and the REST API never redirects.
 *
 * @param idle the time (ms) for which an idle connection is used again.
 */
export function httpTransport(_host?: string, network?: Network, idle = IDLE): Transport {
  let client: Deno.HttpClient | undefined;
  const issuer = network?.proxy === undefined ? remembered(issuerOf) : () => Promise.resolve(undefined);
  return {
    async send(request) {
      client ??= newClient(idle, network);
      try {
        return await fetch(request, { redirect: "manual", client });
      } catch (error) {
        throw await withIssuer(error, () => issuer(request.url));
      }
    },
    renew() {
      // Requests in flight keep their connection.
      client?.close();
      client = newClient(idle, network);
    },
    close() {
      client?.close();
      client = undefined;
    },
  };
}

function newClient(idle: number, { caCerts, proxy }: Network = {}): Deno.HttpClient {
  const route = { ...caCerts && { caCerts: [...caCerts] }, ...proxy && { proxy } };
  return Deno.createHttpClient({ poolIdleTimeout: idle, ...route });
}

/** The error of a fetch; if a certificate is not trusted, with its issuer's name. */
async function withIssuer(error: unknown, find: () => Promise<string | undefined>): Promise<unknown> {
  if (!UNTRUSTED.test(`${(error as Error).message} ${((error as Error).cause as Error | undefined)?.message}`)) {
    return error;
  }
  const issuer = await find();
  return issuer === undefined ? error : new UntrustedIssuerError(issuer, error);
}

/** Keeps an answer for a while: otherwise each call to an untrusted host would ask again. */
function remembered<Value>(ask: (url: string) => Promise<Value>): (url: string) => Promise<Value> {
  let known: { readonly value: Promise<Value>; readonly at: number } | undefined;
  return (url) => {
    const now = performance.now();
    if (known === undefined || now - known.at > ISSUER_HOLDS) known = { value: ask(url), at: now };
    return known.value;
  };
}

/** The most transports that are kept: a namespace may name another host, proxy or authority every second. */
const MOST = 500;

/**
 * A factory whose transports are shared: one for each workspace and route, however many namespaces use it. Beyond
 * {@link MOST}, the least recently requested one is closed and forgotten.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { shared } from "./transport.ts";
 *
 * const transports = shared(() => ({ send: () => Promise.resolve(new Response("{}")) }));
 * assert.equal(transports("https://a.example"), transports("https://a.example"));
 * assert.notEqual(transports("https://a.example"), transports("https://b.example"));
 * ```
 */
export function shared(factory: TransportFactory): TransportFactory {
  const transports = new Map<string, Transport>();
  return (host, network) => {
    const key = JSON.stringify([host, network]);
    const transport = transports.get(key) ?? factory(host, network);
    transports.delete(key);
    transports.set(key, transport);
    const [oldest] = transports.keys();
    if (transports.size > MOST && oldest !== undefined) {
      transports.get(oldest)?.close?.();
      transports.delete(oldest);
    }
    return transport;
  };
}

/**
 * A transport whose writes (all but GET) check the fence at the last moment, after everything that they waited for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Fence } from "../../http/write_fence.ts";
 * import { fenced } from "./transport.ts";
 *
 * const transport = fenced({ send: () => Promise.resolve(new Response("{}")) }, new Fence(() => false));
 * await transport.send(new Request("https://x.example/api/2.2/jobs/list"));
 * await assert.rejects(transport.send(new Request("https://x.example/api/2.2/jobs/create", { method: "POST" })));
 * ```
 */
export function fenced(transport: Transport, fence: Fence): Transport {
  return {
    async send(request) {
      if (request.method !== "GET") fence.check();
      return await transport.send(request);
    },
    renew: () => transport.renew?.(),
  };
}
