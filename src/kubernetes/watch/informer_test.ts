import assert from "node:assert/strict";
import { FakeClock, settle } from "../../base/clock_fake.ts";
import { type KubeClientOptions, KubeSilenceError } from "../client.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import { configMap, type Exchange, page, scriptedServer, status, type Stream, until } from "../server_fake.ts";

/** A clock whose sleeps are only noted; its timers wait for the test. */
class NotedSleeps extends FakeClock {
  readonly sleeps: number[] = [];
  override sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    return settle();
  }
}

/** An informer of ConfigMaps, its server, and the changes that it reported. */
function started(options: Partial<InformerOptions & KubeClientOptions> = {}) {
  const clock = new NotedSleeps();
  const server = scriptedServer({ clock });
  const told: string[] = [];
  const errors: string[] = [];
  const informer = new Informer({
    client: server.client,
    path: { group: "", version: "v1", plural: "configmaps", namespace: "ns" },
    clock,
    onChange(key, { old, new: now }) {
      told.push(`${key} ${old?.metadata.resourceVersion ?? ""}>${now?.metadata.resourceVersion ?? ""}`);
    },
    onError: (error) => errors.push(error.message),
    ...options,
  });
  informer.start();
  return {
    ...{ clock, server, informer, told, errors, next: server.next },
    async [Symbol.asyncDispose]() {
      const stopped = informer.stop();
      await server[Symbol.asyncDispose]();
      await stopped;
    },
  };
}

/** Answers the list with `a` at 1, and returns the watch that follows. */
async function listed(next: () => Promise<Exchange>, version = "10"): Promise<{ watch: Exchange; stream: Stream }> {
  (await next()).json(page([configMap("a", "1")], version));
  const watch = await next();
  return { watch, stream: watch.stream() };
}

const parameter = (exchange: Exchange, name: string) => exchange.url.searchParams.get(name);

Deno.test("informer lists in pages and watches from the list's version, with bookmarks", async () => {
  await using test = started({ pageSize: 1, labelSelector: "x=y" });
  const first = await test.next();
  assert.deepEqual([parameter(first, "limit"), parameter(first, "labelSelector")], ["1", "x=y"]);
  first.json(page([configMap("a", "1")], "10", "more"));
  const second = await test.next();
  assert.equal(parameter(second, "continue"), "more");
  assert.equal(test.informer.hasSynced, false);
  second.json(page([configMap("b", "2")], "10"));
  await test.informer.synced;
  assert.deepEqual([test.told, test.informer.size], [["ns/a >1", "ns/b >2"], 2]);
  const watch = await test.next();
  const names = ["watch", "resourceVersion", "allowWatchBookmarks", "timeoutSeconds", "labelSelector"];
  assert.deepEqual(names.map((name) => parameter(watch, name)), ["true", "10", "true", "290", "x=y"]);
  watch.stream();
});

Deno.test("informer lists again when a page token has expired", async () => {
  await using test = started();
  (await test.next()).json(page([configMap("a", "1")], "10", "more"));
  (await test.next()).json(status(410, "Expired"), 410);
  const again = await test.next();
  assert.equal(parameter(again, "continue"), null);
  again.json(page([configMap("b", "2")], "11"));
  await test.informer.synced;
  assert.deepEqual([test.told, test.errors], [["ns/b >2"], []]);
});

Deno.test("informer joins frames that were cut anywhere, also inside a character", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  const frame = new TextEncoder().encode(JSON.stringify({ type: "MODIFIED", object: configMap("a", "11", "größer") }));
  for (const byte of frame) stream.bytes(Uint8Array.of(byte));
  stream.bytes(new TextEncoder().encode("\n"));
  await until(() => test.informer.get("ns/a")?.data?.value === "größer");
});

Deno.test("informer resumes from the last event or bookmark after a clean end", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  stream.event("ADDED", configMap("b", "11"));
  stream.event("BOOKMARK", { kind: "ConfigMap", metadata: { resourceVersion: "15" } });
  await until(() => test.told.includes("ns/b >11"));
  stream.close();
  const check = await test.next();
  assert.equal(parameter(check, "limit"), "1");
  check.json(page([], "16"));
  const watch = await test.next();
  assert.equal(parameter(watch, "resourceVersion"), "15");
  watch.stream();
  assert.equal(test.informer.size, 2);
});

Deno.test("informer requests a truncated frame again", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  stream.bytes(new TextEncoder().encode('{"type":"DELETED","object":{"metadata":{"name":"a","namesp'));
  stream.close();
  (await test.next()).json(page([], "10"));
  const watch = await test.next();
  assert.equal(parameter(watch, "resourceVersion"), "10");
  watch.stream().event("DELETED", configMap("a", "12"));
  await until(() => test.informer.size === 0);
});

Deno.test("informer reports each change once, also if events are repeated", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  for (const version of ["11", "11", "10", "1", "12"]) stream.event("MODIFIED", configMap("a", version));
  stream.event("DELETED", configMap("a", "13"));
  stream.event("ADDED", configMap("a", "1"));
  stream.event("ADDED", configMap("end", "14"));
  await until(() => test.informer.get("ns/end") !== undefined);
  assert.deepEqual(test.told, ["ns/a >1", "ns/a 1>11", "ns/a 11>12", "ns/a 12>", "ns/end >14"]);
});

for (const where of ["as an answer", "in the stream"]) {
  Deno.test(`informer lists again after 410 ${where}, and reports missed changes`, async () => {
    await using test = started();
    (await test.next()).json(page([configMap("a", "1"), configMap("b", "2"), configMap("c", "3")], "10"));
    const watch = await test.next();
    if (where === "as an answer") watch.json(status(410, "Expired"), 410);
    else watch.stream().event("ERROR", status(410, "Expired"));
    (await test.next()).json(page([configMap("a", "1"), configMap("b", "22")], "30"));
    const again = await test.next();
    assert.equal(parameter(again, "resourceVersion"), "30");
    again.stream();
    assert.deepEqual(test.told.slice(3).sort(), ["ns/b 2>22", "ns/c 3>"]);
    assert.deepEqual(test.errors, []);
  });
}

Deno.test("informer leaves a silent watch, and opens a new connection", async () => {
  await using test = started({ watchSeconds: 60, idleMs: 75_000 });
  const { stream } = await listed(test.next);
  await test.clock.advance(70_000);
  stream.event("BOOKMARK", { metadata: { resourceVersion: "11" } });
  stream.event("ADDED", configMap("b", "12"));
  await until(() => test.informer.size === 2);
  await test.clock.advance(74_999);
  assert.equal(test.errors.length, 0);
  await test.clock.advance(1);
  (await test.next()).json(page([], "12"));
  assert.match(test.errors.join(), /Cannot watch configmaps in "ns": no answer from http.* for 75 s/);
  assert.equal(parameter(await test.next().then((watch) => (watch.stream(), watch)), "resourceVersion"), "12");
});

Deno.test("informer waits no longer than the interval of bookmarks, and then finds missed changes by a list", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  stream.event("MODIFIED", configMap("a", "11"));
  await until(() => test.told.includes("ns/a 1>11"));
  await test.clock.advance(90_000);
  const list = await test.next();
  assert.equal(parameter(list, "limit"), "500");
  list.json(page([configMap("a", "12")], "12"));
  await until(() => test.told.includes("ns/a 11>12"));
  assert.match(test.errors.join(), /no answer from http.* for 90 s/);
});

Deno.test("informer does not warn of silence on a server that has never sent a bookmark", async () => {
  let lists = 0;
  const list = () => Promise.resolve({ metadata: { resourceVersion: "10" }, items: [configMap("a", `${++lists}`)] });
  // deno-lint-ignore require-yield -- a watch that is silent to its end
  async function* watch(): AsyncGenerator<never> {
    await settle();
    throw new KubeSilenceError("Cannot watch: no answer for 90 s");
  }
  await using test = started({ client: { list, watch } });
  await until(() => test.told.includes("ns/a 2>3"));
  assert.deepEqual(test.errors, []);
});

Deno.test("informer is not synced while watches are rejected", async () => {
  await using test = started();
  (await test.next()).json(page([configMap("a", "1")], "10"));
  for (let version = 11; version < 14; version++) {
    (await test.next()).json(status(403, "Forbidden"), 403);
    const list = await test.next();
    assert.equal(parameter(list, "limit"), "500");
    list.json(page([configMap("a", String(version))], String(version)));
    await until(() => test.informer.get("ns/a")?.metadata.resourceVersion === String(version));
  }
});

Deno.test("informer lists again when watches keep failing while lists work", async () => {
  await using test = started();
  (await test.next()).json(page([configMap("a", "1")], "10"));
  const limits: (string | null)[] = [];
  for (let failure = 0; failure < 4; failure++) {
    (await test.next()).json(status(502, "BadGateway"), 502);
    const list = await test.next();
    limits.push(parameter(list, "limit"));
    list.json(page([configMap("a", "1")], "10"));
  }
  assert.deepEqual(limits, ["1", "1", "500", "500"]);
});

Deno.test("informer lists again when the server was restored to an older state", async () => {
  await using test = started();
  const { stream } = await listed(test.next, "5000");
  stream.close();
  (await test.next()).json(page([], "400"));
  (await test.next()).json(page([configMap("old", "300")], "400"));
  const watch = await test.next();
  assert.equal(parameter(watch, "resourceVersion"), "400");
  watch.stream();
  assert.deepEqual(test.told, ["ns/a >1", "ns/a 1>", "ns/old >300"]);
  assert.match(test.errors.join(), /went back from resourceVersion 5000 to 400/);
});

Deno.test("informer backs off after each failure, obeys Retry-After, and resets after a success", async () => {
  await using test = started();
  for (let i = 0; i < 8; i++) (await test.next()).json(status(503, "ServiceUnavailable"), 503);
  (await test.next()).json(status(429, "TooManyRequests"), 429, { "retry-after": "77" });
  const { stream } = await listed(test.next);
  stream.event("MODIFIED", configMap("a", "11"));
  await until(() => test.told.length === 2);
  stream.close();
  (await test.next()).json(page([], "11"));
  const expected = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 77_000, 800];
  for (const [i, sleep] of test.clock.sleeps.entries()) {
    assert.ok(Math.abs(sleep / expected[i]! - 1) <= 0.2, `sleep ${i} was ${sleep}`);
  }
  assert.equal(test.clock.sleeps.length, expected.length);
  assert.equal(test.errors.length, 9);
});

Deno.test("informer keeps its objects while the kind is not served or not allowed", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  stream.close();
  (await test.next()).json(status(404, "NotFound"), 404);
  (await test.next()).json(status(403, "Forbidden"), 403);
  const again = await test.next();
  assert.equal(parameter(again, "limit"), "500");
  assert.equal(test.informer.size, 1);
  again.json(page([configMap("a", "1")], "50"));
  (await test.next()).stream();
  assert.deepEqual(test.told, ["ns/a >1"]);
});

Deno.test("informer sends no requests while its kind is not served, and lists immediately when it is", async () => {
  const served = Promise.withResolvers<boolean>();
  let synced = 0;
  await using test = started({ whenServed: () => served.promise, onSynced: () => synced++ });
  const { stream } = await listed(test.next);
  assert.deepEqual([test.informer.isCurrent, synced], [true, 1]);
  stream.close();
  (await test.next()).json(status(404, "NotFound"), 404);
  await until(() => !test.informer.isCurrent);
  const { length } = test.clock.sleeps;
  await settle();
  assert.deepEqual([test.clock.sleeps.length, test.informer.hasSynced], [length, true]);
  served.resolve(true);
  const again = await test.next();
  assert.equal(parameter(again, "limit"), "500");
  again.json(page([configMap("a", "1")], "50"));
  await until(() => synced === 2);
  assert.equal(test.informer.isCurrent, true);
  (await test.next()).stream();
});

Deno.test("informer stores own writes immediately, and reports them", async () => {
  await using test = started();
  const { stream } = await listed(test.next);
  test.informer.observeWrite(configMap("a", "12", "ours"));
  assert.equal(test.informer.get("ns/a")?.data?.value, "ours");
  stream.event("MODIFIED", configMap("a", "11", "theirs"));
  stream.event("MODIFIED", configMap("a", "12", "ours"));
  stream.event("ADDED", configMap("end", "13"));
  await until(() => test.informer.get("ns/end") !== undefined);
  assert.deepEqual(test.told, ["ns/a >1", "ns/a 1>12", "ns/end >13"]);
});

Deno.test("informer continues when onChange throws", async () => {
  const onChange = () => {
    throw new Error("a bug");
  };
  await using test = started({ onChange });
  const { stream } = await listed(test.next);
  stream.event("ADDED", configMap("b", "11"));
  await until(() => test.informer.size === 2);
  assert.deepEqual(test.errors, ["a bug", "a bug"]);
});

Deno.test("informer stops by its signal, ends its watch, and resolves synced", async () => {
  const controller = new AbortController();
  await using test = started({ signal: controller.signal });
  const { stream } = await listed(test.next);
  controller.abort(new Error("The process ends"));
  await test.informer.stop();
  await until(() => stream.isCancelled);
  const never = new Informer({
    ...test,
    client: test.server.client,
    path: { group: "", version: "v1", plural: "x" },
    onChange() {},
  });
  await never.stop();
  await never.synced;
  assert.deepEqual([never.hasSynced, test.errors], [false, []]);
});

Deno.test("a list of thousands is reported in slices, and an object's newer event never precedes its change by the list", async () => {
  const order: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  await using test = started({
    onChange(key, { old, new: now }) {
      order.push(`${key} ${old?.metadata.resourceVersion ?? ""}>${now?.metadata.resourceVersion ?? ""}`);
      // The first one takes longer than a turn.
      for (const end = performance.now() + 20; order.length === 1 && performance.now() < end;);
      begin();
    },
  });
  const [first, last] = [configMap("a", "1"), configMap("z", "1")];
  (await test.next()).json(page([first, configMap("b", "1"), last], "10"));
  await begun;
  test.informer.observeWrite(configMap("z", "20"));
  assert.deepEqual(order, ["ns/a >1", "ns/z >1", "ns/z 1>20"], "b waits");
  await test.informer.synced;
  assert.deepEqual(order.slice(3), ["ns/b >1"]);
});
