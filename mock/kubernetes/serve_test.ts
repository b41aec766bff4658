import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { Informer } from "../../src/kubernetes/watch/informer.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { serveKubernetes } from "./serve.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespace: "default" };

Deno.test("the operator's client and informer work on it", async () => {
  await using served = await serveKubernetes();
  const client = new KubeClient({ server: served.url, caCerts: [served.ca], token: () => served.api.token });
  const told: string[] = [];
  const informer = new Informer({ client, path: configMaps, pageSize: 1, onChange: (key) => told.push(key) });
  informer.start();
  await informer.synced;
  await client.create(configMaps, { metadata: { name: "a" } });
  while (!told.includes("default/a")) await new Promise((resolve) => setTimeout(resolve, 1));
  await informer.stop();
  client.close();
});

Deno.test("an API keeps its state while it is not served, and can be served again on the same port", async () => {
  const first = await serveKubernetes();
  const client = new KubeClient({ server: first.url, caCerts: [first.ca], token: () => first.api.token });
  await client.create(configMaps, { metadata: { name: "a" } });
  await first.close();
  await assert.rejects(client.get(configMaps, "a"), /cannot be reached/);
  await using _second = await serveKubernetes(first.api, { port: Number(new URL(first.url).port) });
  assert.equal((await client.get(configMaps, "a")).metadata.name, "a");
  client.close();
});

Deno.test("a server starts within milliseconds, and leaves nothing behind", async () => {
  const start = performance.now();
  for (let round = 0; round < 20; round++) await (await serveKubernetes()).close();
  const ms = (performance.now() - start) / 20;
  assert.ok(ms < 50, `a start and an end took ${ms} ms`);
});

Deno.test("a connection takes 100 watches, and further requests wait, as on a real API server", async () => {
  await using served = await serveKubernetes(undefined, { maxStreams: 100 });
  using client = Deno.createHttpClient({ caCerts: [served.ca] });
  const headers = { authorization: `Bearer ${served.api.token}` };
  const path = `${served.url}/api/v1/namespaces/default/configmaps`;
  const watches = await Promise.all(
    Array.from({ length: 100 }, () => fetch(`${path}?watch=true`, { client, headers })),
  );
  const waiting = fetch(path, { client, headers });
  // The server still answers others: only this connection waits, not the API.
  using other = Deno.createHttpClient({ caCerts: [served.ca] });
  await (await fetch(`${served.url}/version`, { client: other, headers })).body?.cancel();
  assert.equal(served.api.requests.count({ verb: "list", resource: "configmaps" }), 0);
  served.api.endWatches();
  await Promise.all(watches.map((watch) => watch.text()));
  assert.equal((await (await waiting).json()).kind, "ConfigMapList");
});

Deno.test("both ports serve the same API, and only the one with TLS speaks HTTP/2", async () => {
  await using served = await serveKubernetes(undefined, { maxStreams: 100 });
  const versions = await Promise.all([served.url, served.plainUrl].map(async (url) => {
    using client = Deno.createHttpClient({ caCerts: [served.ca] });
    const headers = { authorization: `Bearer ${served.api.token}` };
    return await (await fetch(`${url}/version`, { client, headers })).json();
  }));
  assert.deepEqual(versions[0], versions[1]);
  const session = connect(served.url, { ca: served.ca });
  await once(session, "remoteSettings");
  assert.equal(session.alpnProtocol, "h2");
  assert.equal(session.remoteSettings.maxConcurrentStreams, 100);
  session.destroy();
});

Deno.test("no answer of 1 to 64 KB waits for an acknowledgement", async () => {
  await using served = await serveKubernetes();
  using client = Deno.createHttpClient({ caCerts: [served.ca] });
  const headers = { authorization: `Bearer ${served.api.token}` };
  const times: number[] = [];
  for (let index = 0; index < 15; index++) {
    const start = performance.now();
    const text = await (await fetch(`${served.url}/api/v1`, { client, headers })).text();
    assert.ok(text.length > 1500 && text.length < 64_000, `${text.length} bytes`);
    times.push(performance.now() - start);
  }
  // A delayed acknowledgement takes 40 ms every time; other delays vary.
  assert.ok(Math.min(...times) < 35, times.map(Math.round).join(" ms, "));
});
