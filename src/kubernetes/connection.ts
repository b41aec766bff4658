/**
 * HTTP to one Kubernetes API server.
 *
 * Guarantees:
 * - every request ends: with an answer, an error, the caller's abort, or a timeout (a stream: after a period of
 *   silence);
 * - a write (all but GET) checks its fence right before it is sent;
 * - after a timeout the next request uses a new connection, since a half-open HTTP/2 connection would swallow it too.
 *   Watches that were silent since the request was sent also end;
 * - requests never wait behind watches, which have connections of their own ({@link WatchConnections});
 * - a replaced certificate authority is trusted without a restart;
 * - bodies are consumed or cancelled, and no message contains a token.
 *
 * @module
 */
import type { Clock, Timer } from "../base/clock.ts";
import type { Fence } from "../http/write_fence.ts";
import { chunks, textOf } from "../http/response_body.ts";
import { stringifyJson } from "../base/json.ts";
import { sentOnce } from "../http/request_body.ts";
import { errorFromAnswer, KubeConnectionError, KubeSilenceError } from "./errors.ts";
import { splitLines } from "./lines.ts";
import { NO_SIGN_OF_LIFE, WatchConnections } from "./watch/watch_connections.ts";

/** The address of the API server, and the credentials. */
export interface ConnectionOptions {
  /** The origin, with a path prefix if a proxy needs one: `https://10.0.0.1:443`. */
  readonly server: string;
  /** PEM certificates to trust besides the built-in ones. */
  readonly caCerts?: readonly string[] | undefined;
  /** Returns their newest version; called before each request, since a cluster's authority may be replaced. */
  readonly newestCaCerts?: (() => Promise<readonly string[]>) | undefined;
  /** A client certificate and its key (PEM). */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Returns the bearer token; called before each request. */
  readonly token?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** A proxy to use; without it, `HTTPS_PROXY` and `NO_PROXY` apply. */
  readonly proxyUrl?: string | undefined;
  readonly userAgent: string;
  /** Called with every answer's HTTP status, or 0 without an answer: for metrics. */
  readonly onAnswer?: ((method: string, status: number) => void) | undefined;
  readonly clock: Clock;
  /** Sends requests; over the network by default. */
  readonly fetch?: Fetch | undefined;
}

/** Sends a request like the web's `fetch`. */
export type Fetch = (url: string, init: RequestInit & { client?: Deno.HttpClient }) => Promise<Response>;

/** One request. */
export interface Call {
  readonly method: string;
  /** The path, percent-encoded: `/api/v1/configmaps`. */
  readonly path: string;
  readonly query?: Record<string, string | number | boolean | undefined> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** The media type of the answer; by default JSON. */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly fence?: Fence | undefined;
  /** The timeout of the whole request; for a stream, of its silence (ms). */
  readonly timeoutMs: number;
  /** The request in words, for errors: `get configmaps "default/settings"`. */
  readonly what: string;
}

/** An answer whose body has been read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The time (ms) within which a connection must give a sign of life. */
const ALIVE_MS = 10_000;
/** A request that everybody may send, and that costs the API server nothing. */
const ALIVE = { method: "GET", path: "/version", what: "see whether the API server answers", timeoutMs: ALIVE_MS };

/** The connection of ordinary requests. */
interface Requests {
  readonly http: Deno.HttpClient;
  /** Aborts when the connection is dead, with the reason. */
  readonly lost: AbortController;
}

/** The connections to one API server. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #watches: WatchConnections;
  #requests: Requests;
  #caCerts: readonly string[] | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#caCerts = options.caCerts;
    this.#requests = this.#newRequests();
    this.#watches = new WatchConnections({
      clock: options.clock,
      connect: () => this.#connect(),
      // Without TLS it is HTTP/1.1.
      isAlive: options.server.startsWith("https:") ? (http) => this.#isAlive(http) : undefined,
      onDead: () => void this.#doubt(),
    });
  }

  /** Ends watches, leaves the current connections to the requests in flight, and uses new ones from now on. */
  reset(): void {
    this.#renew();
    this.#watches.giveUp("its connection was given up");
  }

  /** Closes all connections for good. */
  close(): void {
    this.#requests.http.close();
    this.#watches.close();
  }

  /** Sends a request and reads the whole answer. */
  async send(call: Call): Promise<Answer> {
    const { clock } = this.#options;
    await this.#followAuthority();
    const requests = this.#requests;
    const lost = requests.lost.signal;
    using deadline = new Deadline(clock, call, lost);
    const sentAt = clock.monotonic();
    try {
      return await this.#exchange(call, deadline.signal, requests.http);
    } catch (error) {
      if (deadline.passed && requests === this.#requests) {
        this.#renew();
        this.#watches.giveUpSilent(sentAt, `other requests got no answer for ${call.timeoutMs / 1000} s`);
      }
      throw this.#explain(error, { call, deadline, lost });
    }
  }

  /**
   * Sends a request and yields the lines of its answer as they arrive; `onActivity` is called at every sign of life.
   */
  async *lines(call: Call, onActivity?: () => void): AsyncGenerator<string, void, void> {
    await this.#followAuthority();
    using place = this.#watches.join();
    const { lost } = place;
    using deadline = new Deadline(this.#options.clock, call, lost);
    const alive = () => {
      deadline.extend();
      place.alive();
      onActivity?.();
    };
    try {
      const { signal } = deadline;
      await place.opened(signal);
      const response = await this.#fetch(call, signal, place.http);
      deadline.extend();
      place.alive();
      if (!response.ok) throw errorFromAnswer(call.what, { ...pick(response), text: await textOf(response, signal) });
      if (response.body) yield* splitLines(chunks(response.body, signal), alive);
    } catch (error) {
      throw this.#explain(error, { call, deadline, lost });
    }
  }

  async #exchange(call: Call, signal: AbortSignal, http: Deno.HttpClient): Promise<Answer> {
    const response = await this.#fetch(call, signal, http);
    return { ...pick(response), text: await textOf(response, signal) };
  }

  /** True unless the API server cannot be reached over a connection; any answer will do. */
  async #isAlive(http: Deno.HttpClient): Promise<boolean> {
    using deadline = new Deadline(this.#options.clock, ALIVE);
    try {
      await this.#exchange(ALIVE, deadline.signal, http);
      return true;
    } catch (error) {
      return !deadline.passed && !(error instanceof TypeError);
    }
  }

  #renew(): void {
    const { http } = this.#requests;
    this.#requests = this.#newRequests();
    http.close();
  }

  /**
   * The watches' connection is dead: new requests use another one, and requests in flight end if theirs is dead, too.
   */
  async #doubt(): Promise<void> {
    const { http, lost } = this.#requests;
    this.#requests = this.#newRequests();
    if (!await this.#isAlive(http)) lost.abort(NO_SIGN_OF_LIFE);
    http.close();
  }

  #newRequests(): Requests {
    return { http: this.#connect(), lost: new AbortController() };
  }

  /** Uses new connections if the authorities have changed. Unreadable ones change nothing. */
  async #followAuthority(): Promise<void> {
    const { newestCaCerts } = this.#options;
    if (newestCaCerts === undefined) return;
    const before = this.#caCerts;
    try {
      const newest = await newestCaCerts();
      if (newest.join() === this.#caCerts?.join()) return;
      this.#caCerts = newest;
      this.reset();
    } catch {
      // A half-written file is read again in a minute.
      this.#caCerts = before;
    }
  }

  #connect(): Deno.HttpClient {
    const { cert, key, proxyUrl } = this.#options;
    return Deno.createHttpClient({
      ...this.#caCerts && { caCerts: [...this.#caCerts] },
      ...cert && key && { cert, key },
      ...proxyUrl && { proxy: { url: proxyUrl } },
    });
  }

  async #fetch(call: Call, signal: AbortSignal, http: Deno.HttpClient): Promise<Response> {
    const { server, token, userAgent } = this.#options;
    const query = Object.entries(call.query ?? {}).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(query.map(([name, value]) => [name, String(value)]));
    const headers = new Headers({ accept: call.accept ?? "application/json", "user-agent": userAgent });
    if (call.contentType) headers.set("content-type", call.contentType);
    const bearer = await token?.();
    if (bearer) headers.set("authorization", `Bearer ${bearer}`);
    if (call.method !== "GET") call.fence?.check();
    let status = 0;
    try {
      const send = this.#options.fetch ?? fetch;
      const response = await send(`${server.replace(/\/+$/, "")}${call.path}${query.length > 0 ? `?${search}` : ""}`, {
        method: call.method,
        headers,
        signal,
        client: http,
        redirect: "error",
        ...call.body !== undefined && { body: sentOnce(stringifyJson(call.body)) },
      });
      status = response.status;
      return response;
    } finally {
      this.#options.onAnswer?.(call.method, status);
    }
  }

  /** The error to throw for a failed call. */
  #explain(error: unknown, { call, deadline, lost }: { call: Call; deadline: Deadline; lost: AbortSignal }): unknown {
    const aborted = outer(call).find((signal) => signal.aborted);
    if (aborted) return aborted.reason;
    if (lost.aborted) return new KubeConnectionError(`Cannot ${call.what}: ${lost.reason}`, { cause: error });
    if (deadline.passed) {
      const silence = `no answer from ${this.#options.server} for ${call.timeoutMs / 1000} s`;
      return new (deadline.hasBegun ? KubeSilenceError : KubeConnectionError)(`Cannot ${call.what}: ${silence}`, {
        cause: error,
      });
    }
    if (!(error instanceof TypeError)) return error;
    const text = `Cannot ${call.what}: ${this.#options.server} cannot be reached: ${reasonOf(error)}`;
    return new KubeConnectionError(text, { cause: error });
  }
}

/** The innermost cause, the only one that tells what happened: `Connection refused (os error 111)`. */
function reasonOf(error: Error): string {
  const inner = error.cause instanceof Error ? reasonOf(error.cause) : error.message;
  return inner.replace(/^error sending request for url \(.*?\): (client error \(\w+\): )?/, "");
}

/** The signals that end a call from outside. */
function outer({ signal, fence }: Call): AbortSignal[] {
  return [signal, fence?.signal].filter((signal) => signal !== undefined);
}

function pick(response: Response): { status: number; headers: Headers } {
  return { status: response.status, headers: response.headers };
}

/** Aborts a call when it times out, its caller aborts, its fence closes, or its connection is given up. */
class Deadline implements Disposable {
  passed = false;
  /** True when the answer has begun. */
  hasBegun = false;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #controller = new AbortController();
  readonly #outer: readonly AbortSignal[];
  #endsAt: number;
  #timer: Timer;

  /** @param lost Aborts when the connection is given up. */
  constructor(clock: Clock, call: Call, lost?: AbortSignal) {
    this.#clock = clock;
    this.#ms = call.timeoutMs;
    this.#outer = [...outer(call), ...lost === undefined ? [] : [lost]];
    this.#endsAt = clock.monotonic() + this.#ms;
    this.#timer = clock.setTimeout(this.#check, this.#ms);
    if (this.#outer.some((signal) => signal.aborted)) this.#abort();
    for (const signal of this.#outer) signal.addEventListener("abort", this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the period of silence. This happens for every chunk of a watch, so it only notes the time. */
  extend(): void {
    this.hasBegun = true;
    this.#endsAt = this.#clock.monotonic() + this.#ms;
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    for (const signal of this.#outer) signal.removeEventListener("abort", this.#abort);
  }

  readonly #abort = () => this.#controller.abort(this.#outer.find((signal) => signal.aborted)?.reason);

  readonly #check = () => {
    const rest = this.#endsAt - this.#clock.monotonic();
    if (rest > 0) {
      this.#timer = this.#clock.setTimeout(this.#check, Math.ceil(rest));
      return;
    }
    this.passed = true;
    this.#controller.abort(new DOMException("The time is over", "TimeoutError"));
  };
}
