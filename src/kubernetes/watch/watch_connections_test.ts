import assert from "node:assert/strict";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { KubeClient, KubeConnectionError, type WatchEvent } from "../client.ts";
import type { Fetch } from "../connection.ts";
import { http2Server } from "../../../tests/support/http2_server.ts";
import { until } from "../server_fake.ts";

const secrets = { group: "", version: "v1", plural: "secrets", namespace: "ns" };

/** Watches until the watch ends, and returns how. */
function watching(client: KubeClient, options: { idleMs?: number; signal?: AbortSignal } = {}) {
  const { idleMs = 90_000, signal = new AbortController().signal } = options;
  const watch = client.watch(secrets, { resourceVersion: "1", timeoutSeconds: 290, idleMs, signal });
  const state: { events: WatchEvent[]; error?: Error; ended: Promise<void> } = { events: [], ended: Promise.resolve() };
  state.ended = (async () => {
    for await (const event of watch) state.events.push(event);
  })().catch((error: Error) => void (state.error = error));
  return state;
}

Deno.test("500 watches share connections of fewer than 80 streams, and no request waits behind them", async () => {
  await using server = await http2Server();
  const client = new KubeClient({ server: server.url, caCerts: [server.ca], timeoutMs: 3000 });
  const stop = new AbortController();
  const watches = Array.from({ length: 500 }, () => watching(client, { signal: stop.signal }));
  await until(() => server.watches() === 500);
  await Promise.all(Array.from({ length: 50 }, () => client.list(secrets)));
  assert.ok(server.most() < 80, `${server.most()} watches on a connection`);
  stop.abort(new Error("The test ends"));
  await Promise.all(watches.map(({ ended }) => ended));
  client.close();
});

/** A client over TLS whose requests a test answers, and a function that sends to the open watches. */
function scripted(answer: (path: string, signal: AbortSignal) => Promise<Response>) {
  const clock = new FakeClock();
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const asked: string[] = [];
  const fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    if (!searchParams.has("watch")) {
      asked.push(pathname);
      return await answer(pathname, init.signal as AbortSignal);
    }
    return new Response(new ReadableStream({ start: (controller) => void streams.push(controller) }));
  };
  const client = new KubeClient({ server: "https://api.example", fetch, clock, timeoutMs: 30_000 });
  const line = new TextEncoder().encode('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"2"}}}\n');
  return { clock, client, asked, send: (index: number) => streams[index]?.enqueue(line), streams };
}

/** No answer, ever. */
function silence(_path: string, signal: AbortSignal): Promise<Response> {
  const { promise, reject } = Promise.withResolvers<Response>();
  signal.addEventListener("abort", () => reject(signal.reason));
  return promise;
}

Deno.test("a watch on a dead connection ends within 25 s, without any other request", async () => {
  const { clock, client } = scripted(silence);
  const watch = watching(client);
  await settle();
  await clock.advance(24_999);
  assert.equal(watch.error, undefined);
  await clock.advance(1);
  await watch.ended;
  assert.match(
    `${watch.error}`,
    /KubeConnectionError: Cannot watch secrets in "ns": its connection gave no sign of life/,
  );
  // The connection of requests is tested, too.
  await clock.advance(10_000);
  assert.equal(clock.pending, 0);
  client.close();
});

Deno.test("a request in flight ends when its connection is found dead", async () => {
  const { clock, client } = scripted(silence);
  const watch = watching(client);
  await settle();
  await clock.advance(20_000);
  const request = assert.rejects(
    client.list(secrets),
    /Cannot list secrets in "ns": its connection gave no sign of life/,
  );
  await clock.advance(5000);
  await watch.ended;
  await clock.advance(10_000);
  await request;
  assert.equal(clock.pending, 0);
  client.close();
});

Deno.test("a quiet watch on a live connection continues, and one probe serves all watches", async () => {
  const { clock, client, asked } = scripted((path) => Promise.resolve(Response.json({}, { status: path ? 403 : 200 })));
  const stop = new AbortController();
  const watches = Array.from({ length: 20 }, () => watching(client, { signal: stop.signal }));
  await settle();
  for (let second = 0; second < 80; second++) await clock.advance(1000);
  assert.deepEqual(watches.flatMap(({ error }) => error ?? []), []);
  assert.deepEqual(asked, Array.from({ length: 5 }, () => "/version"));
  stop.abort(new Error("The test ends"));
  await Promise.all(watches.map(({ ended }) => ended));
  assert.equal(clock.pending, 0);
  client.close();
});

Deno.test("a request that times out ends a watch on its connection that was silent meanwhile", async () => {
  const { clock, client } = scripted(silence);
  const watch = watching(client);
  await settle();
  const request = assert.rejects(client.list(secrets, { timeoutMs: 5000 }), KubeConnectionError);
  await clock.advance(5000);
  await Promise.all([request, watch.ended]);
  assert.match(watch.error?.message ?? "", /Cannot watch secrets in "ns": other requests got no answer for 5 s/);
  client.close();
});

Deno.test("a request that times out keeps its connection if a watch received data meanwhile", async () => {
  const { clock, client, send } = scripted(silence);
  const stop = new AbortController();
  const watches = [watching(client, { signal: stop.signal }), watching(client, { signal: stop.signal })];
  await settle();
  const request = assert.rejects(client.list(secrets, { timeoutMs: 5000 }), KubeConnectionError);
  await clock.advance(4000);
  send(1);
  await settle();
  await clock.advance(1000);
  await request;
  assert.deepEqual(watches.map(({ error }) => error), [undefined, undefined]);
  stop.abort(new Error("The test ends"));
  await Promise.all(watches.map(({ ended }) => ended));
  client.close();
});

Deno.test("a reset ends the watches", async () => {
  const { client } = scripted(silence);
  const watch = watching(client);
  await settle();
  client.reset();
  await watch.ended;
  assert.match(`${watch.error}`, /KubeConnectionError/);
  client.close();
});
