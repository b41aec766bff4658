import assert from "node:assert/strict";
import { Informer } from "../../src/kubernetes/informer.ts";
import { KubeClient } from "../../src/kubernetes/client.ts";
import { serveKubernetes } from "./serve.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespace: "default" };

Deno.test("the operator's client and informer work on it", async () => {
  await using served = await serveKubernetes();
  const client = new KubeClient({ server: served.url, token: () => served.api.token });
  const told: string[] = [];
  const informer = new Informer({ client, path: configMaps, pageSize: 1, onChange: (key) => told.push(key) });
  informer.start();
  await informer.synced;
  await client.create(configMaps, { metadata: { name: "a" } });
  while (!told.includes("default/a")) await new Promise((resolve) => setTimeout(resolve, 1));
  await informer.stop();
  client.close();
});

Deno.test("an API keeps its state while it is not served, and may be served again on the same port", async () => {
  const first = await serveKubernetes();
  const client = new KubeClient({ server: first.url, token: () => first.api.token });
  await client.create(configMaps, { metadata: { name: "a" } });
  await first.close();
  await assert.rejects(client.get(configMaps, "a"), /cannot be reached/);
  await using _second = await serveKubernetes(first.api, { port: Number(new URL(first.url).port) });
  assert.equal((await client.get(configMaps, "a")).metadata.name, "a");
  client.close();
});

Deno.test("a server is up within milliseconds, and leaves nothing behind", async () => {
  const start = performance.now();
  for (let round = 0; round < 20; round++) await (await serveKubernetes()).close();
  const ms = (performance.now() - start) / 20;
  assert.ok(ms < 50, `a start and an end took ${ms} ms`);
});
