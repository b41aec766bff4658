/**
 * HTTP to one Kubernetes API server.
 *
 * Guarantees:
 * - every request ends: with an answer, an error, the caller's abort, or a timeout (a stream: after a time of silence);
 * - a write (all but GET) asks its fence right before it is sent;
 * - after a timeout the next request uses a new connection. A half-open HTTP/2 connection would swallow it too;
 * - bodies are consumed or cancelled, and no message holds a token.
 *
 * @module
 */
import type { Clock, Timer } from "../base/clock.ts";
import type { Fence } from "../http/write_fence.ts";
import { chunks, textOf } from "../http/response_body.ts";
import { stringifyJson } from "../base/json.ts";
import { sentOnce } from "../http/request_body.ts";
import { errorFromAnswer, KubeConnectionError } from "./errors.ts";
import { splitLines } from "./lines.ts";

/** Where the API server is and how it knows us. */
export interface ConnectionOptions {
  /** The origin, with a path prefix where a proxy wants one: `https://10.0.0.1:443`. */
  readonly server: string;
  /** PEM certificates to trust besides the built-in ones. */
  readonly caCerts?: string[] | undefined;
  /** A client certificate and its key (PEM). */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Is asked before each request. */
  readonly token?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** A proxy on the way; `HTTPS_PROXY` and `NO_PROXY` count without it. */
  readonly proxyUrl?: string | undefined;
  readonly userAgent: string;
  /** Is told every answer's HTTP status, and 0 when there was none: for metrics. */
  readonly onAnswer?: ((method: string, status: number) => void) | undefined;
  readonly clock: Clock;
  /** How requests are sent; over the network without it. */
  readonly fetch?: Fetch | undefined;
}

/** Sends a request as the web's `fetch` does. */
export type Fetch = (url: string, init: RequestInit & { client?: Deno.HttpClient }) => Promise<Response>;

/** One request. */
export interface Call {
  readonly method: string;
  /** The path, percent-encoded: `/api/v1/configmaps`. */
  readonly path: string;
  readonly query?: Record<string, string | number | boolean | undefined> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly fence?: Fence | undefined;
  /** How long the whole request may take, or for a stream, how long it may be silent (ms). */
  readonly timeoutMs: number;
  /** The request in words, for errors: `get configmaps "default/settings"`. */
  readonly what: string;
}

/** An answer whose body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A pool of connections to one API server. */
export class Connection {
  readonly #options: ConnectionOptions;
  #http: Deno.HttpClient;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#http = this.#connect();
  }

  /** Leaves the present connections to the requests in flight, and makes new ones for those to come. */
  reset(): void {
    this.#http.close();
    this.#http = this.#connect();
  }

  /** Closes all connections for good. */
  close(): void {
    this.#http.close();
  }

  /** Sends a request and reads the whole answer. */
  async send(call: Call): Promise<Answer> {
    using deadline = new Deadline(this.#options.clock, call);
    const http = this.#http;
    try {
      const response = await this.#fetch(call, deadline.signal);
      return { ...pick(response), text: await textOf(response, deadline.signal) };
    } catch (error) {
      throw this.#explain(error, { call, deadline, http });
    }
  }

  /** Sends a request and yields the lines of its answer as they come; `onActivity` is told of every sign of life. */
  async *lines(call: Call, onActivity?: () => void): AsyncGenerator<string, void, void> {
    using deadline = new Deadline(this.#options.clock, call);
    const http = this.#http;
    const alive = () => {
      deadline.extend();
      onActivity?.();
    };
    try {
      const response = await this.#fetch(call, deadline.signal);
      const { signal } = deadline;
      if (!response.ok) throw errorFromAnswer(call.what, { ...pick(response), text: await textOf(response, signal) });
      if (response.body) yield* splitLines(chunks(response.body, signal), alive);
    } catch (error) {
      throw this.#explain(error, { call, deadline, http });
    }
  }

  #connect(): Deno.HttpClient {
    const { caCerts, cert, key, proxyUrl } = this.#options;
    return Deno.createHttpClient({
      ...caCerts && { caCerts },
      ...cert && key && { cert, key },
      ...proxyUrl && { proxy: { url: proxyUrl } },
    });
  }

  async #fetch(call: Call, signal: AbortSignal): Promise<Response> {
    const { server, token, userAgent } = this.#options;
    const query = Object.entries(call.query ?? {}).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(query.map(([name, value]) => [name, String(value)]));
    const headers = new Headers({ accept: "application/json", "user-agent": userAgent });
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
        client: this.#http,
        redirect: "error",
        ...call.body !== undefined && { body: sentOnce(stringifyJson(call.body)) },
      });
      status = response.status;
      return response;
    } finally {
      this.#options.onAnswer?.(call.method, status);
    }
  }

  /** What to throw for an error in a call. */
  #explain(error: unknown, context: { call: Call; deadline: Deadline; http: Deno.HttpClient }): unknown {
    const { call, deadline, http } = context;
    const aborted = outer(call).find((signal) => signal.aborted);
    if (aborted) return aborted.reason;
    if (deadline.passed) {
      if (http === this.#http) this.reset();
      const silence = `no answer from ${this.#options.server} for ${call.timeoutMs / 1000} s`;
      return new KubeConnectionError(`Cannot ${call.what}: ${silence}`, { cause: error });
    }
    if (!(error instanceof TypeError)) return error;
    const text = `Cannot ${call.what}: ${this.#options.server} cannot be reached: ${reasonOf(error)}`;
    return new KubeConnectionError(text, { cause: error });
  }
}

/** The innermost cause, which alone says what happened: `Connection refused (os error 111)`. */
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

/** Aborts a call when its time is over, its caller aborts or its fence is closed. */
class Deadline implements Disposable {
  passed = false;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #controller = new AbortController();
  readonly #outer: readonly AbortSignal[];
  #endsAt: number;
  #timer: Timer;

  constructor(clock: Clock, call: Call) {
    this.#clock = clock;
    this.#ms = call.timeoutMs;
    this.#outer = outer(call);
    this.#endsAt = clock.monotonic() + this.#ms;
    this.#timer = clock.setTimeout(this.#check, this.#ms);
    if (this.#outer.some((signal) => signal.aborted)) this.#abort();
    for (const signal of this.#outer) signal.addEventListener("abort", this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins the time anew. This happens for every chunk of a watch, so that it only notes the time. */
  extend(): void {
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
