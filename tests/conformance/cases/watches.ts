/** Watches. @module */
import assert from "node:assert/strict";
import { type Case, ok, refused } from "../world.ts";

export const watches: readonly Case[] = [
  {
    name: "a watch sends changes after its resourceVersion, in order",
    async run(world) {
      const path = world.core("configmaps");
      const { metadata } = await world.configMap("watched-before");
      using watch = await world.watch(path, { resourceVersion: metadata.resourceVersion });
      await world.configMap("watched");
      ok(await world.merge(`${path}/watched`, { data: { a: "1" } }));
      ok(await world.delete(`${path}/watched`));
      assert.deepEqual(await watch.take(3), ["ADDED watched", "MODIFIED watched", "DELETED watched"]);
    },
  },
  {
    name: "a watch without a resourceVersion begins with the existing objects",
    async run(world) {
      const path = world.widgets(await world.addNamespace(`${world.namespace}-begin`));
      for (const name of ["one", "two"]) ok(await world.post(path, world.widget(name)));
      using watch = await world.watch(path);
      assert.deepEqual((await watch.take(2)).sort(), ["ADDED one", "ADDED two"]);
      ok(await world.delete(`${path}/one`));
      assert.deepEqual(await watch.take(1), ["DELETED one"]);
    },
  },
  {
    name: "a deleted object's event has its last state and the deletion's resourceVersion",
    async run(world) {
      const made = await world.create("last", { size: 4 });
      using watch = await world.watch(world.widgets(), { resourceVersion: made.metadata.resourceVersion });
      ok(await world.delete(`${world.widgets()}/last`));
      const event = await watch.event();
      assert.equal(event?.object.spec.size, 4);
      assert.ok(BigInt(event?.object.metadata.resourceVersion) > BigInt(made.metadata.resourceVersion));
    },
  },
  {
    name: "an object that enters a label selection is ADDED, and one that leaves it is DELETED with its old state",
    async run(world) {
      const path = `${world.widgets()}/moving`;
      const { metadata } = await world.create("moving", { size: 1 });
      const query = { resourceVersion: metadata.resourceVersion, labelSelector: "watch=yes" };
      using watch = await world.watch(world.widgets(), query);
      ok(await world.merge(path, { metadata: { labels: { watch: "yes" } } }));
      ok(await world.merge(path, { spec: { size: 2 } }));
      ok(await world.merge(path, { metadata: { labels: { watch: null } } }));
      assert.deepEqual(await watch.take(2), ["ADDED moving", "MODIFIED moving"]);
      const left = await watch.event();
      assert.equal(left?.type, "DELETED");
      assert.deepEqual(left?.object.metadata.labels, { watch: "yes" });
    },
  },
  {
    name: "a watch of one name sends events of that object only",
    async run(world) {
      const { metadata } = await world.create("single");
      const query = { resourceVersion: metadata.resourceVersion, fieldSelector: "metadata.name=single" };
      using watch = await world.watch(world.widgets(), query);
      await world.create("another");
      ok(await world.merge(`${world.widgets()}/single`, { spec: { size: 2 } }));
      assert.deepEqual(await watch.take(1), ["MODIFIED single"]);
    },
  },
  {
    name: "a watch ends after timeoutSeconds, cleanly",
    async run(world) {
      using watch = await world.target.watch(world.widgets("no-such-namespace"), { timeoutSeconds: 1 });
      assert.equal(await watch.event(), undefined);
    },
  },
  {
    name: "a watch from a resourceVersion that was compacted away gets 410 Expired",
    async run(world) {
      using watch = await world.watch(world.widgets(), { resourceVersion: "1" });
      assert.equal(watch.status, 200);
      const event = await watch.next();
      assert.equal(event?.type, "ERROR");
      assert.equal(event?.object.code, 410);
      assert.equal(event?.object.reason, "Expired");
      assert.match(event?.object.message, /too old resource version: 1 \(\d+\)/);
    },
  },
  {
    name: "a watch with an invalid resourceVersion is refused with 500",
    async run(world) {
      const answer = await world.get(world.widgets(), { watch: true, resourceVersion: "abc" });
      assert.equal(answer.status, 500);
      assert.match(answer.body.message, /invalid syntax/);
    },
  },
  {
    name: "a watch as a list ends its initial events with a bookmark",
    async run(world) {
      const path = world.widgets(await world.addNamespace(`${world.namespace}-initial`));
      ok(await world.post(path, world.widget("initial")));
      const query = { sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: "NotOlderThan" };
      using watch = await world.watch(path, query);
      assert.deepEqual(await watch.take(1), ["ADDED initial"]);
      const end = await watch.next();
      assert.equal(end?.type, "BOOKMARK");
      assert.equal(end?.object.kind, "Widget");
      assert.equal(end?.object.metadata.annotations["k8s.io/initial-events-end"], "true");
      assert.match(end?.object.metadata.resourceVersion, /^\d+$/);
    },
  },
  {
    name: "initial events without a matching rule are refused with 422",
    async run(world) {
      const answer = await world.get(world.widgets(), { watch: true, sendInitialEvents: true });
      refused(answer, 422, "Invalid", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    },
  },
  {
    name: "a watch that begins at a bookmark misses nothing",
    async run(world) {
      const { metadata } = ok(await world.get(world.widgets()));
      await world.create("missed");
      using watch = await world.watch(world.widgets(), { resourceVersion: metadata.resourceVersion });
      assert.deepEqual(await watch.take(1), ["ADDED missed"]);
    },
  },
  {
    name: "an object with a finalizer is MODIFIED when its deletion is requested, and DELETED when it is gone",
    async run(world) {
      const { metadata } = await world.create("slow", { size: 1 }, { finalizers: ["example.com/hold"] });
      const path = `${world.widgets()}/slow`;
      using watch = await world.watch(world.widgets(), { resourceVersion: metadata.resourceVersion });
      ok(await world.delete(path));
      ok(await world.merge(path, { metadata: { finalizers: null } }));
      assert.deepEqual(await watch.take(2), ["MODIFIED slow", "DELETED slow"]);
    },
  },
];
