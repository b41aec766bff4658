import assert from "node:assert/strict";
import { certificate } from "../../../mock/certificate.ts";
import { listen } from "../../../mock/served.ts";
import { clientOver } from "../../../tests/support/clients.ts";
import { systemClock } from "../../base/clock.ts";
import { deadlyProxy } from "../../kubernetes/proxy_fake.ts";
import { endpoint } from "../../resource.ts";
import { ConnectionError, UnreachableError } from "../errors.ts";
import { freePort } from "../../../tests/support/ports.ts";
import { eventually } from "../../../tests/support/waiting.ts";
import { fenced, httpTransport, shared } from "./transport.ts";
import { Fence } from "../../http/write_fence.ts";

const create = endpoint("POST /api/{jobs_api_version}/jobs/create");

Deno.test("after a call that timed out, no other call waits on the same silent connection", async () => {
  let begun = 0;
  const { promise: allArrived, resolve: arrived } = Promise.withResolvers<void>();
  const answer = async () => {
    if (++begun === 4) arrived();
    await allArrived;
    return new Response("{}");
  };
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  await using proxy = deadlyProxy(String(server.addr.port));
  const http = httpTransport();
  const transport = fenced(http, new Fence());
  const client = clientOver(transport, {
    host: `http://127.0.0.1:${proxy.port}`,
    timeoutMs: 1000,
    clock: systemClock,
  });
  // Parallel calls leave four connections behind, which are then reused.
  await Promise.all(Array.from({ length: 4 }, () => client.call(create)));
  proxy.silence();
  await assert.rejects(client.call(create), ConnectionError);
  assert.deepEqual(await client.call(create), {});
  http.close?.();
});

Deno.test("a create is not sent on a connection that was idle for long", async () => {
  const answer = () => new Response("{}");
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  await using proxy = deadlyProxy(String(server.addr.port));
  const http = httpTransport(undefined, undefined, 50);
  const client = clientOver(http, { host: `http://127.0.0.1:${proxy.port}`, clock: systemClock });
  await client.call(create);
  await eventually("an idle connection is left", async () => {
    await systemClock.sleep(60);
    await client.call(create);
    return proxy.connections() > 1;
  });
  http.close?.();
});

/** The error of a create over the network. */
async function failureOf(host: string): Promise<ConnectionError> {
  const http = httpTransport();
  try {
    await clientOver(http, { host, clock: systemClock }).call(create);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  } finally {
    http.close?.();
  }
  throw new Error("it succeeded");
}

/** A server that hangs up as soon as it has received something. */
function rude(): Deno.TcpListener {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  void (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1000));
      connection.close();
    }
  })();
  return listener;
}

Deno.test("a create that could not connect had no effect: closed port, unknown host or no TLS", async () => {
  using noTls = rude();
  for (
    const [host, why] of [
      [`http://127.0.0.1:${freePort()}`, /refused/i],
      ["https://no-such-host.invalid", /dns/i],
      [`https://127.0.0.1:${noTls.addr.port}`, /tls|handshake|eof|unexpected|close/i],
    ] as const
  ) {
    const error = await failureOf(host);
    assert.ok(error instanceof UnreachableError, `${host}: ${error.message}`);
    assert.deepEqual([error.refused, error.transient], [true, true]);
    assert.match(error.message, why);
    assert.doesNotMatch(error.message, /error sending request|fetch failed/);
  }
});

Deno.test("a create whose connection broke after sending may have had its effect", async () => {
  using listener = rude();
  const error = await failureOf(`http://127.0.0.1:${listener.addr.port}`);
  assert.ok(!(error instanceof UnreachableError), error.message);
  assert.equal(error.refused, false);
});

/** A server whose first connection goes silent: after the handshake, or in the middle of an answer. Later ones answer. */
function silentOnce(begin: string): Deno.TcpListener {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const answer = (text: string) => new TextEncoder().encode(text);
  void (async () => {
    let count = 0;
    for await (const connection of listener) {
      await connection.read(new Uint8Array(10_000));
      const whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
      await connection.write(answer(count++ === 0 ? begin : whole));
      if (count > 1) connection.close();
    }
  })();
  return listener;
}

for (
  const [when, begin] of [
    ["before its answer", ""],
    ["in the middle of its answer", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"job_id": 1'],
  ] as const
) {
  Deno.test({
    name: `a connection that goes silent ${when} holds a call no longer than its time limit, and no later call`,
    // The silent connection belongs to the server, and nobody closes it.
    sanitizeResources: false,
    async fn() {
      using listener = silentOnce(begin);
      const http = httpTransport();
      const host = `http://127.0.0.1:${listener.addr.port}`;
      const client = clientOver(http, { host, timeoutMs: 500, clock: systemClock });
      await assert.rejects(client.call(create), ConnectionError);
      assert.deepEqual(await client.call(create), {});
      http.close?.();
    },
  });
}

Deno.test("a namespace that keeps changing its proxy or CA does not fill the memory", () => {
  let open = 0;
  const transports = shared(() => {
    open++;
    return { send: () => Promise.resolve(new Response()), close: () => void open-- };
  });
  for (let port = 1; port <= 5000; port++) {
    transports("https://a.example", { proxy: { url: `http://proxy.example:${port}/` } });
    transports("https://often.example");
  }
  assert.ok(open <= 500, `${open} are open`);
  assert.equal(transports("https://often.example"), transports("https://often.example"));
});

Deno.test("a closed transport sends over a new connection", async () => {
  const made = await certificate();
  const answer = () => Promise.resolve(new Response("answered"));
  const server = await listen(answer, { hostname: "127.0.0.1", tls: { certificate: made } });
  await using _server = { [Symbol.asyncDispose]: server.close };
  const url = `https://127.0.0.1:${server.port}`;
  const transport = httpTransport(url, { caCerts: [made.ca] });
  for (let time = 0; time < 2; time++) {
    assert.equal(await (await transport.send(new Request(url))).text(), "answered");
    transport.close?.();
  }
});
