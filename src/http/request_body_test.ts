/** A write whose connection breaks is not repeated by the runtime. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { clientOver } from "../../tests/support/clients.ts";
import { httpTransport } from "../databricks/call/transport.ts";
import { KubeClient } from "../kubernetes/client.ts";
import { endpoint } from "../resource.ts";

/** A server that answers reads, and breaks the connection of every write after it has read it. */
async function breaking(test: (server: { url: string; writes: string[] }) => Promise<void>): Promise<void> {
  const writes: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    if (incoming.method === "GET") return void outgoing.end("{}");
    writes.push(`${incoming.headers["content-length"]}: ${body}`);
    incoming.socket.destroy();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  try {
    await test({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, writes });
  } finally {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    await closed.promise;
  }
}

Deno.test("a create whose response is lost on a reused connection reaches Databricks once", async () => {
  await breaking(async ({ url, writes }) => {
    const client = clientOver(httpTransport(), { host: url });
    await client.call(endpoint("GET /api/2.2/jobs/list"));
    await assert.rejects(
      client.call(endpoint("POST /api/2.2/jobs/create"), { name: "etl" }),
      /gave no answer|fetch|error/,
    );
    assert.deepEqual(writes, ['14: {"name":"etl"}']);
  });
});

Deno.test("a create through a connection's own proxy whose response is lost reaches Databricks once", async () => {
  await breaking(async ({ url, writes }) => {
    const http = httpTransport("http://workspace.invalid", { proxy: { url } });
    const client = clientOver(http, { host: "http://workspace.invalid" });
    await client.call(endpoint("GET /api/2.2/jobs/list"));
    await assert.rejects(client.call(endpoint("POST /api/2.2/jobs/create"), { name: "etl" }));
    assert.deepEqual(writes, ['14: {"name":"etl"}']);
    http.close?.();
  });
});

Deno.test("a write whose response is lost on a reused connection reaches the API server once", async () => {
  await breaking(async ({ url, writes }) => {
    const client = new KubeClient({ server: url });
    const configMaps = { group: "", version: "v1", plural: "configmaps", namespace: "team" };
    await client.get(configMaps, "a");
    await assert.rejects(client.create(configMaps, { metadata: { name: "a" } }));
    assert.deepEqual(writes, ['25: {"metadata":{"name":"a"}}']);
    client.close();
  });
});
