/** Lists: selectors, pages, resourceVersions. @module */
import assert from "node:assert/strict";
import { type Case, namesOf, ok, refused, type World } from "../world.ts";

/** Creates a namespace with Widgets a to e; a and c are labelled `odd`, and are blue. */
async function five(world: World, suffix: string): Promise<string> {
  const namespace = await world.addNamespace(`${world.namespace}-${suffix}`);
  for (const name of ["a", "b", "c", "d", "e"]) {
    const isOdd = name === "a" || name === "c";
    const metadata = isOdd ? { labels: { kind: "odd", [name]: "yes" } } : { labels: { kind: "even" } };
    ok(
      await world.post(
        world.widgets(namespace),
        world.widget(name, { size: 1, color: isOdd ? "blue" : "red" }, metadata),
      ),
    );
  }
  return world.widgets(namespace);
}

export const lists: readonly Case[] = [
  {
    name: "label selectors choose by =, !=, in, notin, existence and absence",
    async run(world) {
      const path = await five(world, "labels");
      const selected = async (labelSelector: string) => namesOf(ok(await world.get(path, { labelSelector }))).join("");
      assert.equal(await selected("kind=odd"), "ac");
      assert.equal(await selected("kind==odd,a"), "a");
      assert.equal(await selected("kind!=odd"), "bde");
      assert.equal(await selected("kind in (odd, other)"), "ac");
      assert.equal(await selected("kind notin (odd)"), "bde");
      assert.equal(await selected("!a"), "bcde");
      assert.equal(await selected("a=yes,c=yes"), "");
      refused(await world.get(path, { labelSelector: "a in b" }), 400, "BadRequest", "unable to parse requirement");
    },
  },
  {
    name: "field selectors choose by name, namespace and selectable fields",
    async run(world) {
      const path = await five(world, "fields");
      const selected = async (fieldSelector: string) => namesOf(ok(await world.get(path, { fieldSelector }))).join("");
      assert.equal(await selected("metadata.name=b"), "b");
      assert.equal(await selected("metadata.name!=b"), "acde");
      assert.equal(await selected(`metadata.namespace=${world.namespace}-fields`), "abcde");
      assert.equal(await selected("spec.color=blue"), "ac");
      refused(await world.get(path, { fieldSelector: "spec.size=1" }), 400, "BadRequest", "field label not supported");
    },
  },
  {
    name: "a list of all namespaces holds each one's objects",
    async run(world) {
      await world.create("everywhere");
      const { items } = ok(await world.get(`/apis/${world.group}/v1/widgets`));
      assert.ok(items.some(({ metadata }: { metadata: { name: string } }) => metadata.name === "everywhere"));
    },
  },
  {
    name: "a list of a namespace that does not exist is empty",
    async run(world) {
      assert.deepEqual(ok(await world.get(world.widgets("no-such-namespace"))).items, []);
    },
  },
  {
    name: "a list has its kind and resourceVersion, and its custom resources have theirs",
    async run(world) {
      const { metadata } = await world.create("said");
      const list = ok(await world.get(world.widgets()));
      assert.equal(list.kind, "WidgetList");
      assert.equal(list.apiVersion, `${world.group}/v1`);
      assert.ok(BigInt(list.metadata.resourceVersion) >= BigInt(metadata.resourceVersion));
      assert.equal(list.items[0].kind, "Widget");
    },
  },
  {
    name: "the items of a list of a core kind have no kind",
    async run(world) {
      const { kind, items } = ok(await world.get(world.core("configmaps")));
      assert.equal(kind, "ConfigMapList");
      assert.equal(items[0].kind, undefined);
      assert.equal(items[0].apiVersion, undefined);
    },
  },
  {
    name: "pages have the requested number of items, in the order of names, and the number of remaining ones",
    async run(world) {
      const path = await five(world, "pages");
      const first = ok(await world.get(path, { limit: 2 }));
      assert.deepEqual(namesOf(first), ["a", "b"]);
      assert.equal(first.metadata.remainingItemCount, 3);
      const second = ok(await world.get(path, { limit: 2, continue: first.metadata.continue }));
      assert.deepEqual(namesOf(second), ["c", "d"]);
      const last = ok(await world.get(path, { limit: 2, continue: second.metadata.continue }));
      assert.deepEqual(namesOf(last), ["e"]);
      assert.ok(!last.metadata.continue);
    },
  },
  {
    name: "later pages show the state of the first one",
    async run(world) {
      const path = await five(world, "snapshot");
      const first = ok(await world.get(path, { limit: 2 }));
      ok(await world.delete(`${path}/d`));
      ok(await world.post(path, world.widget("bb")));
      ok(await world.merge(`${path}/e`, { spec: { size: 7 } }));
      const rest = ok(await world.get(path, { continue: first.metadata.continue }));
      assert.deepEqual(namesOf(rest), ["c", "d", "e"]);
      assert.equal(rest.items[2].spec.size, 1);
      assert.equal(rest.metadata.resourceVersion, first.metadata.resourceVersion);
    },
  },
  {
    name: "a list at an exact resourceVersion shows the state at that time",
    async run(world) {
      const path = await five(world, "exact");
      const { metadata } = ok(await world.get(path));
      ok(await world.delete(`${path}/a`));
      const query = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: "Exact" };
      assert.equal(namesOf(ok(await world.get(path, query))).length, 5);
      assert.equal(namesOf(ok(await world.get(path))).length, 4);
    },
  },
  {
    name: "a list not older than a resourceVersion is at least as new",
    async run(world) {
      const { metadata } = await world.create("notolder");
      const query = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: "NotOlderThan" };
      assert.ok(namesOf(ok(await world.get(world.widgets(), query))).includes("notolder"));
    },
  },
  {
    name: "an invalid continue token is refused with 400",
    async run(world) {
      refused(await world.get(world.widgets(), { continue: "zzz" }), 400, "BadRequest", "invalid continue token");
    },
  },
  {
    name: "invalid, future or contradictory resourceVersions are refused",
    async run(world) {
      const path = world.widgets();
      refused(await world.get(path, { resourceVersion: "abc" }), 400, "BadRequest", "invalid resource version");
      refused(await world.get(path, { resourceVersion: "999999999" }), 504, "Timeout", "Too large resource version");
      const unbound = await world.get(path, { resourceVersionMatch: "Exact" });
      refused(unbound, 422, "Invalid", "resourceVersionMatch is forbidden unless resourceVersion is provided");
      const zero = await world.get(path, { resourceVersionMatch: "Exact", resourceVersion: "0" });
      refused(zero, 422, "Invalid", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    },
  },
];
