import assert from "node:assert/strict";
import { keyOf, type KubeObject } from "../object.ts";
import { configMap } from "../server_fake.ts";
import { type Change, Store } from "./store.ts";

/** A store that holds `a` at 5 and has listed at 10. */
function filled(): Store {
  const store = new Store((object) => object);
  list(store, [configMap("a", "5")], "10");
  return store;
}

function list(store: Store, items: KubeObject[], version: string): string[] {
  store.beginList();
  store.addPage(items);
  return [...store.endList(version)].map(([key, change]) => `${key} ${tell(change)}`);
}

/** A change in short: `5>7`, `>7` (appeared), `5>` (disappeared), or nothing. */
function tell(change: Change | undefined): string {
  if (!change) return "nothing";
  return `${change.old?.metadata.resourceVersion ?? ""}>${change.new?.metadata.resourceVersion ?? ""}`;
}

Deno.test("store reports only the differences after a list", () => {
  const store = filled();
  list(store, [configMap("a", "5"), configMap("b", "6"), configMap("c", "7")], "20");
  const changes = list(store, [configMap("a", "5"), configMap("b", "25"), configMap("d", "26")], "30");
  assert.deepEqual(changes.sort(), ["ns/b 6>25", "ns/c 7>", "ns/d >26"]);
});

Deno.test("store follows events and ignores duplicates and old ones", () => {
  const store = filled();
  const events = ["11", "11", "9", "5", "12"].map((version) => ({ type: "MODIFIED" as const, version }));
  const told = events.map(({ type, version }) => tell(store.apply({ type, object: configMap("a", version) })));
  assert.deepEqual(told, ["5>11", "nothing", "nothing", "nothing", "11>12"]);
  assert.equal(store.version, "12");
});

Deno.test("store does not restore a deleted object for a duplicate event or a late response", () => {
  const store = filled();
  assert.equal(tell(store.apply({ type: "DELETED", object: configMap("a", "12") })), "5>");
  assert.equal(tell(store.apply({ type: "ADDED", object: configMap("a", "5") })), "nothing");
  assert.equal(tell(store.observeWrite(configMap("a", "11"))), "nothing");
  assert.equal(tell(store.observeWrite(configMap("a", "12"))), "nothing");
  assert.equal(tell(store.apply({ type: "ADDED", object: configMap("a", "13") })), ">13");
});

Deno.test("store applies an own write immediately, and ignores older events and the write's own event", () => {
  const store = filled();
  assert.equal(tell(store.observeWrite(configMap("a", "12"))), "5>12");
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("a", "11") })), "nothing");
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("a", "12") })), "nothing");
  assert.equal(tell(store.apply({ type: "DELETED", object: configMap("a", "12") })), "12>");
});

Deno.test("store applies an own create before its event, but not after the watch has passed it", () => {
  const store = filled();
  assert.equal(tell(store.observeWrite(configMap("new", "11"))), ">11");
  assert.equal(tell(store.observeWrite(configMap("gone", "9"))), "nothing");
});

Deno.test("store keeps an own write that a concurrent list cannot contain", () => {
  const store = filled();
  store.beginList();
  store.observeWrite(configMap("a", "22"));
  store.observeWrite(configMap("b", "23"));
  store.addPage([configMap("a", "5")]);
  assert.deepEqual([...store.endList("20").keys()], []);
  assert.deepEqual(store.list().map(keyOf).sort(), ["ns/a", "ns/b"]);
});

Deno.test("store accepts a list of an older state", () => {
  const store = filled();
  store.observeWrite(configMap("a", "1000"));
  store.apply({ type: "ADDED", object: configMap("b", "1001") });
  store.apply({ type: "DELETED", object: configMap("c", "1002") });
  assert.deepEqual(list(store, [configMap("a", "4")], "8").sort(), ["ns/a 1000>4", "ns/b 1001>"]);
  assert.equal(tell(store.apply({ type: "ADDED", object: configMap("b", "9") })), ">9");
  assert.equal(tell(store.apply({ type: "ADDED", object: configMap("c", "10") })), ">10");
});

Deno.test("store omits fields that the transform drops", () => {
  const store = new Store((object) => object.data?.value === "keep" ? object : undefined);
  assert.deepEqual(list(store, [configMap("a", "1"), configMap("b", "2", "keep")], "3"), ["ns/b >2"]);
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("b", "4", "drop") })), "2>");
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("b", "5", "drop") })), "nothing");
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("b", "6", "keep") })), ">6");
});

Deno.test("store keeps objects as text on request, with exact ids, and returns copies", () => {
  const store = new Store((object) => object, { isPacked: true });
  const job = { ...configMap("a", "5"), status: { id: 9007199254740993n } } as KubeObject;
  assert.deepEqual(list(store, [job], "10"), ["ns/a >5"]);
  const copy = store.get("ns/a");
  assert.deepEqual(copy, job);
  (copy as KubeObject).metadata.name = "changed";
  assert.equal(store.get("ns/a")?.metadata.name, "a");
  assert.equal(tell(store.apply({ type: "MODIFIED", object: configMap("a", "11") })), "5>11");
  assert.deepEqual(list(store, [configMap("a", "11")], "12"), [], "unchanged fields are not reported");
});
