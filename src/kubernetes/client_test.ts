import assert from "node:assert/strict";
import { FakeClock } from "../base/clock_fake.ts";
import { KubeConnectionError, KubeError } from "./client.ts";
import { configMap, page, scriptedServer, status, until } from "./server_fake.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespace: "ns" };
const jobs = { group: "com.dstancu.databricks", version: "v1", plural: "databricksjobs", namespace: "ns" };

Deno.test("client reads and writes 64-bit integers exactly", async () => {
  await using server = scriptedServer();
  const answer = server.client.get(jobs, "etl");
  (await server.next()).text('{"metadata":{"name":"etl"},"spec":{"job":{"job_id":9007199254740993}}}');
  const job = await answer;
  const patched = server.client.patch(jobs, "etl", { spec: job.spec });
  const exchange = await server.next();
  assert.equal(exchange.body, '{"spec":{"job":{"job_id":9007199254740993}}}');
  exchange.json({ metadata: {} });
  await patched;
});

Deno.test("client sends a patch of each type to the right path, with its field manager", async () => {
  await using server = scriptedServer({ token: () => "s3cret", userAgent: "test/1" });
  const cases = [
    [{}, "application/merge-patch+json", ""],
    [{ type: "json" }, "application/json-patch+json", ""],
    [{ type: "apply", force: true }, "application/apply-patch+yaml", "&force=true"],
    [{ subresource: "status", dryRun: true }, "application/merge-patch+json", "&dryRun=All"],
  ] as const;
  for (const [options, contentType, query] of cases) {
    const patched = server.client.patch(jobs, "etl", {}, options);
    const { url, headers, json, method } = await server.next();
    json({ metadata: {} });
    await patched;
    const end = "subresource" in options ? "/status" : "";
    assert.equal(url.pathname, `/apis/com.dstancu.databricks/v1/namespaces/ns/databricksjobs/etl${end}`);
    assert.equal(url.search, `?fieldManager=databricks-kube-operator${query}`);
    assert.deepEqual(
      [method, headers.get("content-type"), headers.get("authorization"), headers.get("user-agent")],
      ["PATCH", contentType, "Bearer s3cret", "test/1"],
    );
  }
});

Deno.test("the client's error names the request, the server and the reason", async () => {
  await using server = scriptedServer({ token: () => "s3cret" });
  const patched = server.client.patch(jobs, "etl", {});
  (await server.next()).json(status(409, "Conflict", "the object has been modified"), 409, { "retry-after": "3" });
  await assert.rejects(patched, (error: KubeError) => {
    const text =
      'Cannot patch databricksjobs.com.dstancu.databricks "ns/etl": the API server answered 409 Conflict: the object has been modified';
    assert.deepEqual([error.message, error.status, error.reason, error.retryAfterSeconds], [text, 409, "Conflict", 3]);
    return error instanceof KubeError;
  });
});

Deno.test("client handles error responses and responses that are not JSON", async () => {
  await using server = scriptedServer();
  const refused = server.client.get(configMaps, "a");
  (await server.next()).text("<html>bad gateway</html>", 502);
  await assert.rejects(refused, (error: KubeError) => error.status === 502 && /bad gateway/.test(error.message));
  const odd = server.client.get(configMaps, "a");
  (await server.next()).text("<html>log in</html>");
  await assert.rejects(odd, KubeConnectionError);
});

Deno.test("client aborts a call that takes too long, and the next call works", async () => {
  const clock = new FakeClock();
  await using server = scriptedServer({ clock, timeoutMs: 1000 });
  const silent = server.client.get(configMaps, "a");
  silent.catch(() => {});
  const lost = await server.next();
  await clock.advance(1000);
  await assert.rejects(silent, /Cannot get configmaps "ns\/a": no answer from http:.* for 1 s/);
  lost.json({});
  const answer = server.client.get(configMaps, "a");
  (await server.next()).json(configMap("a", "1"));
  assert.equal((await answer).metadata.name, "a");
  assert.equal(clock.pending, 0);
});

Deno.test("client ends a call when its caller aborts, with the caller's reason", async () => {
  await using server = scriptedServer();
  const controller = new AbortController();
  const call = server.client.list(configMaps, { signal: controller.signal });
  const exchange = await server.next();
  controller.abort(new Error("no longer needed"));
  await assert.rejects(call, /no longer needed/);
  exchange.json({});
  await assert.rejects(server.client.list(configMaps, { signal: controller.signal }), /no longer needed/);
});

Deno.test("client names the server that it cannot reach", async () => {
  const server = scriptedServer();
  await server[Symbol.asyncDispose]();
  await using other = scriptedServer({ server: server.url });
  await assert.rejects(other.client.get(configMaps, "a"), (error: Error) => {
    assert.match(error.message, /^Cannot get configmaps "ns\/a": http:\/\/127.0.0.1:\d+ cannot be reached: .*refused/);
    return error instanceof KubeConnectionError;
  });
});

Deno.test("client adds kind and apiVersion to each item of a list", async () => {
  await using server = scriptedServer();
  const list = server.client.list(configMaps, { limit: 5, continue: "next" });
  const exchange = await server.next();
  assert.equal(exchange.url.search, "?limit=5&continue=next");
  exchange.json(page([{ metadata: { name: "a" } }], "7"));
  assert.deepEqual((await list).items, [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }]);
});

Deno.test("client deletes objects, ignores missing ones, and obeys preconditions", async () => {
  await using server = scriptedServer();
  const gone = server.client.delete(configMaps, "a", { preconditions: { uid: "u1" } });
  const exchange = await server.next();
  assert.deepEqual(JSON.parse(exchange.body).preconditions, { uid: "u1" });
  exchange.json(status(404, "NotFound"), 404);
  await gone;
  const other = server.client.delete(configMaps, "a", { preconditions: { uid: "u1" } });
  (await server.next()).json(status(409, "Conflict"), 409);
  await assert.rejects(other, (error: KubeError) => error.status === 409);
});

Deno.test("client discovers resources and their verbs, and finds none in an unknown group", async () => {
  await using server = scriptedServer();
  const found = server.client.discover("com.dstancu.databricks", "v1");
  (await server.next()).json({ resources: [{ name: "repos", verbs: ["get"] }, { name: "repos/status" }] });
  assert.deepEqual([...await found], [["repos", ["get"]], ["repos/status", []]]);
  const none = server.client.discover("nobody.example", "v1");
  (await server.next()).json(status(404, "NotFound"), 404);
  assert.deepEqual([...await none], []);
});

Deno.test("client cancels a watch when its reader stops early", async () => {
  await using server = scriptedServer();
  const signal = new AbortController().signal;
  const watch = server.client.watch(configMaps, { resourceVersion: "1", timeoutSeconds: 60, idleMs: 75_000, signal });
  const first = watch.next();
  const stream = (await server.next()).stream();
  stream.event("ADDED", configMap("a", "2"));
  assert.equal((await first).value?.object.metadata.name, "a");
  await watch.return();
  await until(() => stream.isCancelled);
});
