/**
 * The API server under test: the embedded one, or the real one that `TEST_KUBECONFIG` names.
 *
 * @module
 */
import { parse } from "yaml";
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import { splitLines } from "../../src/kubernetes/lines.ts";

// deno-lint-ignore no-explicit-any -- a case looks into any answer of any kind
export type Body = any;

/** An answer, as cases use it. */
export interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** The parts of a request besides method and path. */
export interface Asked {
  readonly query?: Record<string, string | number | boolean>;
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
}

/** Short names of media types of requests. */
export const types = {
  json: "application/json",
  yaml: "application/yaml",
  merge: "application/merge-patch+json",
  patch: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** An API server under test. */
export class Target implements Disposable {
  readonly name: string;
  readonly #server: string;
  readonly #token: string | undefined;
  readonly #http: Deno.HttpClient;

  constructor(name: string, kubeconfig: string) {
    const { clusters, users } = parse(kubeconfig);
    const { server, "certificate-authority-data": ca } = clusters[0].cluster;
    const { token, "client-certificate-data": cert, "client-key-data": key } = users[0].user;
    this.name = name;
    this.#server = server;
    this.#token = token;
    this.#http = Deno.createHttpClient({
      ...ca && { caCerts: [atob(ca)] },
      ...cert && { cert: atob(cert), key: atob(key) },
    });
  }

  /** Sends a request and reads the whole answer. */
  async call(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const response = await this.#fetch(method, path, asked);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, body: isJson ? parseJson(text) : text };
  }

  /** Opens a watch: its events come one by one, and disposing of it ends it. */
  async watch(path: string, query: Asked["query"] = {}, accept = "application/json"): Promise<Watch> {
    const abort = new AbortController();
    const response = await this.#fetch("GET", path, { query: { watch: true, ...query }, accept }, abort.signal);
    if (!response.ok) return new Watch(response.status, lines(await response.text()), abort);
    return new Watch(response.status, splitLines(response.body!), abort);
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }

  async #fetch(method: string, path: string, asked: Asked, signal?: AbortSignal): Promise<Response> {
    const { query = {}, body, type = types.json, accept = "application/json" } = asked;
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const headers = new Headers({ accept, "user-agent": "conformance/1" });
    if (body !== undefined) headers.set("content-type", type);
    if (this.#token) headers.set("authorization", `Bearer ${this.#token}`);
    const text = typeof body === "string" ? body : stringifyJson(body);
    return await fetch(`${this.#server}${path}?${search}`, {
      method,
      headers,
      client: this.#http,
      ...body !== undefined && { body: text },
      ...signal && { signal },
    });
  }
}

async function* lines(text: string): AsyncGenerator<string, void, void> {
  yield* text.split("\n");
}

/** The time limit for an event, in ms. */
const PATIENCE = 20_000;

/** An open watch. */
export class Watch implements Disposable {
  readonly status: number;
  readonly #lines: AsyncIterator<string>;
  readonly #abort: AbortController;

  constructor(status: number, lines: AsyncIterator<string>, abort: AbortController) {
    this.status = status;
    this.#lines = lines;
    this.#abort = abort;
  }

  /** The next event; `undefined` if the watch has ended. */
  async next(): Promise<{ type: string; object: Body } | undefined> {
    const timer = setTimeout(() => this.#abort.abort(new Error("No event came in time")), PATIENCE);
    try {
      const { value, done } = await this.#lines.next();
      return done ? undefined : parseJson(value) as { type: string; object: Body };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next event that is not a bookmark. */
  async event(): Promise<{ type: string; object: Body } | undefined> {
    for (;;) {
      const event = await this.next();
      if (event?.type !== "BOOKMARK") return event;
    }
  }

  /** The next events, as `TYPE name`. */
  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      const event = await this.event();
      taken.push(event === undefined ? "end" : `${event.type} ${event.object?.metadata?.name ?? event.object?.code}`);
    }
    return taken;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#abort.abort(new Error("The watch was closed"));
  }
}
