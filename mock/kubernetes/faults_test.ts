import assert from "node:assert/strict";
import { EmbeddedKubernetes } from "./server.ts";
import { serveKubernetes } from "./serve.ts";
import { ask, CONFIG_MAPS, put, watch } from "./testing.ts";
import type { WatchFault } from "./faults.ts";

Deno.test("a fault returns a status and its reason, for its number of times", async () => {
  const api = new EmbeddedKubernetes();
  await put(api, "a");
  api.faults.add({
    match: "get configmaps default/a",
    status: 429,
    reason: "TooManyRequests",
    headers: { "retry-after": "2" },
    times: 1,
  });
  const { status, body } = await ask(api, `GET ${CONFIG_MAPS}/a`);
  assert.equal(status, 429);
  assert.equal(body.reason, "TooManyRequests");
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}/a`)).status, 200);
  assert.equal(api.requests.find({ status: 429 })[0]?.fault, "429");
});

Deno.test("with a lost response, the write takes effect and its sender gets an error", async () => {
  const api = new EmbeddedKubernetes();
  using _ = api.faults.add({ match: /^patch configmaps/, status: 504, effect: "kept" });
  assert.equal((await put(api, "a", "1")).status, 504);
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}/a`)).body.data.value, "1");
});

Deno.test("a cut connection returns no response, in process and on a port", async () => {
  const api = new EmbeddedKubernetes();
  await using served = await serveKubernetes(api);
  using _ = api.faults.add({ match: "get /version", cut: "before-headers" });
  await assert.rejects(ask(api, "GET /version"), TypeError);
  const url = `${served.plainUrl}/version`;
  await assert.rejects(
    fetch(url, { headers: { authorization: "Bearer admin" } }).then((answer) => answer.text()),
    TypeError,
  );
});

Deno.test("a request that hangs ends with the server", async () => {
  const served = await serveKubernetes();
  served.api.faults.add({ match: "get /version", hang: true });
  const url = `${served.plainUrl}/version`;
  const request = fetch(url, { headers: { authorization: "Bearer admin" } }).then((answer) => answer.text());
  while (served.api.requests.count() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([assert.rejects(request, TypeError), served.close()]);
});

Deno.test("a stale read returns the state before the latest write (Kubernetes)", async () => {
  const api = new EmbeddedKubernetes();
  await put(api, "a", "old");
  await put(api, "a", "new");
  api.faults.add({ match: /^(get|list) configmaps/, stale: true, times: 2 });
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}/a`)).body.data.value, "old");
  const { items } = (await ask(api, `GET ${CONFIG_MAPS}?fieldSelector=metadata.name%3Da`)).body;
  assert.equal(items[0].data.value, "old");
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}/a`)).body.data.value, "new");
});

/** The events of b and c that a watch sends if a fault applies to b, and the state of the watch after that. */
const struck: readonly { event: WatchFault["event"]; told: readonly string[]; end: "open" | "ended" | "broken" }[] = [
  { event: "withheld", told: ["ADDED c"], end: "open" },
  { event: "duplicated", told: ["ADDED b", "ADDED b", "ADDED c"], end: "open" },
  { event: "stalled", told: [], end: "open" },
  { event: "compacted", told: ["ERROR 410"], end: "ended" },
  { event: "cut", told: [], end: "broken" },
];

for (const { event, told, end } of struck) {
  Deno.test(`a watch's event that is ${event}: the watch is ${end}`, async () => {
    const api = new EmbeddedKubernetes();
    const { body } = await put(api, "a");
    api.faults.addWatch({ match: "ADDED configmaps default/b", event });
    const events = watch(api, `resourceVersion=${body.metadata.resourceVersion}`);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const one of events) seen.push(one);
    })();
    reading.catch(() => {});
    while (api.openWatches === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    for (const name of ["b", "c"]) await put(api, name);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(seen, told);
    assert.equal(api.openWatches, end === "open" ? 1 : 0);
    api.endWatches();
    if (end === "broken") await assert.rejects(reading, /connection closed/);
    else await reading;
  });
}
