/** A time limit ends an answer that stalls, even after a garbage collection. */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { clientOver } from "../../tests/support/clients.ts";
import { chunks, textOf } from "./response_body.ts";
import { systemClock } from "../base/clock.ts";
import { httpTransport } from "../databricks/call/transport.ts";
import { KubeClient } from "../kubernetes/client.ts";
import { endpoint } from "../resource.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A server whose answers begin and then stall; after a collection of garbage, `test` waits for its caller to give up. */
async function stalling(test: (server: { url: string; stalled: Promise<void> }) => Promise<void>): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    asked.resolve();
    return new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{}\n")) }),
    );
  });
  const stalled = asked.promise.then(async () => {
    // The answer arrives in between, and objects that only its request held are collected.
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collectGarbage();
    }
  });
  try {
    await test({ url: `http://127.0.0.1:${server.addr.port}`, stalled });
  } finally {
    await server.shutdown();
  }
}

Deno.test("a silent watch ends at its time limit", async () => {
  await stalling(async ({ url, stalled }) => {
    const client = new KubeClient({ server: url });
    const path = { group: "", version: "v1", plural: "configmaps" };
    const watch = client.watch(path, {
      resourceVersion: "1",
      timeoutSeconds: 60,
      idleMs: 400,
      signal: abortable().signal,
    });
    const rest = assert.rejects(Array.fromAsync(watch), /no answer from .* for 0\.4 s/);
    await Promise.race([stalled, rest]);
    await rest;
    client.close();
  });
});

Deno.test("a client with a shorter time limit than its watch ends the watch earlier", async () => {
  await stalling(async ({ url, stalled }) => {
    const client = new KubeClient({ server: url, idleMs: 400 });
    const { signal } = abortable();
    const path = { group: "", version: "v1", plural: "configmaps" };
    const watch = client.watch(path, { resourceVersion: "1", timeoutSeconds: 60, idleMs: 60_000, signal });
    const rest = assert.rejects(Array.fromAsync(watch), /no answer from .* for 0\.4 s/);
    await Promise.race([stalled, rest]);
    await rest;
    client.close();
  });
});

Deno.test("a watch that its caller aborts ends immediately", async () => {
  await stalling(async ({ url, stalled }) => {
    const client = new KubeClient({ server: url });
    const path = { group: "", version: "v1", plural: "configmaps" };
    const { signal, abort } = abortable();
    const watch = client.watch(path, { resourceVersion: "1", timeoutSeconds: 60, idleMs: 60_000, signal });
    const rest = assert.rejects(Array.fromAsync(watch), /enough/);
    await stalled;
    abort(new Error("enough"));
    await rest;
    client.close();
  });
});

Deno.test("a stalled response of the API server ends at its time limit", async () => {
  await stalling(async ({ url, stalled }) => {
    const client = new KubeClient({ server: url, timeoutMs: 400 });
    const rest = assert.rejects(client.get({ group: "", version: "v1", plural: "configmaps" }, "a"), /for 0\.4 s/);
    // On a busy machine the time may be over before the server answers at all.
    await Promise.race([stalled, rest]);
    await rest;
    client.close();
  });
});

Deno.test("a stalled response of Databricks ends at its time limit", async () => {
  await stalling(async ({ url, stalled }) => {
    const client = clientOver(httpTransport(), { host: url, timeoutMs: 400, clock: systemClock });
    const rest = assert.rejects(client.call(endpoint("POST /api/2.2/jobs/create")), /no answer within 0\.4 s/);
    await Promise.race([stalled, rest]);
    await rest;
  });
});

Deno.test("a body can be read to its end, cut anywhere, or left early", async () => {
  const bytes = new TextEncoder().encode("ä€");
  const pieces = () => ReadableStream.from([bytes.slice(0, 1), bytes.slice(1, 4), bytes.slice(4)]);
  const { signal } = abortable();
  assert.equal(await textOf(new Response(pieces()), signal), "ä€");
  assert.equal(await textOf(new Response(null), signal), "");
  let isCancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes),
    cancel: () => void (isCancelled = true),
  });
  for await (const _first of chunks(endless, signal)) break;
  assert.equal(isCancelled, true);
});

Deno.test("a body ends with its signal even if fetch has dropped the signal", async () => {
  await stalling(async ({ url, stalled }) => {
    const { signal, abort } = abortable();
    const open = async () => (await fetch(url, { signal })).body as ReadableStream<Uint8Array>;
    const rest = assert.rejects(async () => await Array.fromAsync(chunks(await open(), signal)), /enough/);
    await stalled;
    abort(new Error("enough"));
    await rest;
  });
});

function abortable(): { signal: AbortSignal; abort: (reason: Error) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
