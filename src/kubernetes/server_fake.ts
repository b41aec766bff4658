/**
 * An API server for tests, with answers that each test scripts.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { stringifyJson } from "../base/json.ts";
import { KubeClient, type KubeClientOptions } from "./client.ts";
import type { KubeObject } from "./object.ts";

/** A request that waits for the test's answer. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Answers with JSON. */
  json(body: unknown, status?: number, headers?: Record<string, string>): void;
  /** Answers with any text. */
  text(body: string, status?: number): void;
  /** Begins a watch's answer. */
  stream(): Stream;
}

/** A watch's answer, as the test writes it. */
export interface Stream {
  /** Sends one frame. */
  event(type: string, object: unknown): void;
  /** Sends raw bytes. */
  bytes(bytes: Uint8Array): void;
  /** Ends the answer cleanly. */
  close(): void;
  /** True when the client has disconnected. */
  readonly isCancelled: boolean;
}

/** A server on a port of this computer. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly client: KubeClient;
  /** The next request; fails when none comes. */
  next(): Promise<Exchange>;
}

const PATIENCE_MS = 5000;

/** Starts a server and a client for it. */
export function scriptedServer(options: Partial<KubeClientOptions> = {}): ScriptedServer {
  const exchanges: Exchange[] = [];
  const streams: Stream[] = [];
  const waiting: ((exchange: Exchange) => void)[] = [];
  const unanswered = new Set<(response: Response) => void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    unanswered.add(resolve);
    const exchange = { ...exchangeFor(request, resolve, streams), body: await request.text() };
    const waiter = waiting.shift();
    if (waiter) waiter(exchange);
    else exchanges.push(exchange);
    return await promise;
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const client = new KubeClient({ server: url, ...options });
  return {
    url,
    client,
    next: () => withPatience(exchanges.shift() ?? new Promise<Exchange>((resolve) => waiting.push(resolve))),
    async [Symbol.asyncDispose]() {
      client.close();
      for (const stream of streams) stream.close();
      for (const resolve of unanswered) resolve(new Response(null, { status: 503 }));
      await server.shutdown();
    },
  };
}

function exchangeFor(request: Request, resolve: (response: Response) => void, streams: Stream[]) {
  return {
    method: request.method,
    url: new URL(request.url),
    headers: request.headers,
    json: (body: unknown, status = 200, headers: Record<string, string> = {}) =>
      resolve(new Response(stringifyJson(body), { status, headers })),
    text: (body: string, status = 200) => resolve(new Response(body, { status })),
    stream() {
      const { stream, body } = openStream();
      streams.push(stream);
      resolve(new Response(body));
      return stream;
    },
  };
}

function openStream(): { stream: Stream; body: ReadableStream<Uint8Array> } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let isOver = false;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (it) => void (controller = it),
    cancel: () => void (isOver = isCancelled = true),
  });
  const bytes = (chunk: Uint8Array) => controller.enqueue(chunk);
  const stream = {
    event: (type: string, object: unknown) => bytes(new TextEncoder().encode(`${stringifyJson({ type, object })}\n`)),
    bytes,
    close() {
      if (!isOver) controller.close();
      isOver = true;
    },
    get isCancelled() {
      return isCancelled;
    },
  };
  return { stream, body };
}

/** A ConfigMap with one value. */
export function configMap(name: string, resourceVersion: string, value = ""): KubeObject {
  const metadata = { namespace: "ns", name, resourceVersion, uid: `uid-${name}` };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { value } };
}

/** A page of a list of ConfigMaps. */
export function page(items: KubeObject[], resourceVersion: string, next?: string): unknown {
  const metadata = { resourceVersion, ...next && { continue: next } };
  return { apiVersion: "v1", kind: "ConfigMapList", metadata, items };
}

/** The body of an error answer. */
export function status(code: number, reason: string, message = reason): unknown {
  return { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message };
}

/** Waits until a condition is true; fails if it does not become true in time. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`Not true within ${PATIENCE_MS} ms: ${isTrue}`);
    await systemClock.sleep(1);
  }
}

async function withPatience<T>(promise: Promise<T> | T): Promise<T> {
  const arrived = new AbortController();
  const late = systemClock.sleep(PATIENCE_MS, arrived.signal).then(() => {
    throw new Error(`No request came within ${PATIENCE_MS} ms`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    arrived.abort();
  }
}
