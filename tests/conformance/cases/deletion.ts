/** Deletion: preconditions, finalizers, owners, collections. @module */
import assert from "node:assert/strict";
import type { Body } from "../target.ts";
import { type Case, namesOf, ok, refused, type World } from "../world.ts";

const options = (more: Body) => ({ kind: "DeleteOptions", apiVersion: "v1", ...more });

/** Creates a ConfigMap, and one that it owns. */
async function family(world: World, name: string): Promise<{ owner: string; owned: string }> {
  const { metadata } = await world.configMap(`${name}-owner`);
  const reference = {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: metadata.name,
    uid: metadata.uid,
    blockOwnerDeletion: true,
  };
  await world.configMap(`${name}-owned`, {}, { ownerReferences: [reference] });
  const path = world.core("configmaps");
  return { owner: `${path}/${name}-owner`, owned: `${path}/${name}-owned` };
}

export const deletion: readonly Case[] = [
  {
    name: "a deletion returns a Status that names the deleted object",
    async run(world) {
      const { metadata } = await world.create("gone");
      const body = ok(await world.delete(`${world.widgets()}/gone`));
      assert.equal(body.status, "Success");
      assert.deepEqual(body.details, { name: "gone", group: world.group, kind: "widgets", uid: metadata.uid });
      refused(await world.get(`${world.widgets()}/gone`), 404, "NotFound");
    },
  },
  {
    name: "a deletion of a missing object is 404",
    run: async (world) => refused(await world.delete(`${world.widgets()}/none`), 404, "NotFound"),
  },
  {
    name: "preconditions that do not hold refuse a deletion with 409",
    async run(world) {
      await world.create("guarded");
      const path = `${world.widgets()}/guarded`;
      const uid = await world.delete(path, options({ preconditions: { uid: "other" } }));
      refused(uid, 409, "Conflict", "the UID in the precondition (other) does not match the UID in record");
      const version = await world.delete(path, options({ preconditions: { resourceVersion: "1" } }));
      refused(version, 409, "Conflict", "the ResourceVersion in the precondition (1) does not match");
      ok(await world.get(path));
    },
  },
  {
    name: "the write that removes the last finalizer returns the version from before, and the deletion is newer",
    async run(world) {
      await world.create("let-go", { size: 1 }, { finalizers: ["example.com/hold"] });
      const path = `${world.widgets()}/let-go`;
      const before = ok(await world.delete(path)).metadata.resourceVersion;
      const { metadata } = ok(await world.merge(path, { metadata: { finalizers: null } }));
      assert.equal(metadata.resourceVersion, before);
      assert.ok(metadata.deletionTimestamp);
    },
  },
  {
    name: "a finalizer holds an object, which is marked with deletionTimestamp and a new generation",
    async run(world) {
      await world.create("finalized", { size: 1 }, { finalizers: ["example.com/hold"] });
      const path = `${world.widgets()}/finalized`;
      const { metadata } = ok(await world.delete(path));
      assert.match(metadata.deletionTimestamp, /^\d{4}-/);
      assert.equal(metadata.deletionGracePeriodSeconds, 0);
      assert.equal(metadata.generation, 2);
      ok(await world.merge(path, { metadata: { finalizers: null } }));
      refused(await world.get(path), 404, "NotFound");
    },
  },
  {
    name: "an object in deletion accepts no new finalizers, and stays marked",
    async run(world) {
      await world.create("ending", { size: 1 }, { finalizers: ["example.com/hold"] });
      const path = `${world.widgets()}/ending`;
      const { metadata } = ok(await world.delete(path));
      const more = await world.merge(path, { metadata: { finalizers: ["example.com/hold", "example.com/more"] } });
      refused(
        more,
        422,
        "Invalid",
        'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
      );
      const unmarked = ok(await world.merge(path, { metadata: { deletionTimestamp: null } }));
      assert.equal(unmarked.metadata.deletionTimestamp, metadata.deletionTimestamp);
      assert.equal(ok(await world.merge(path, { spec: { size: 9 } })).spec.size, 9);
      ok(await world.patch(path, [{ op: "remove", path: "/metadata/finalizers" }]));
      await world.gone(path);
    },
  },
  {
    name: "a second deletion of a held object changes nothing",
    async run(world) {
      await world.create("held-twice", { size: 1 }, { finalizers: ["example.com/hold"] });
      const path = `${world.widgets()}/held-twice`;
      const first = ok(await world.delete(path));
      assert.equal(ok(await world.delete(path)).metadata.resourceVersion, first.metadata.resourceVersion);
      ok(await world.merge(path, { metadata: { finalizers: null } }));
    },
  },
  {
    name: "a deletion may be tried with dryRun",
    async run(world) {
      await world.create("kept");
      ok(await world.delete(`${world.widgets()}/kept`, undefined, { dryRun: "All" }));
      ok(await world.get(`${world.widgets()}/kept`));
    },
  },
  {
    name: "an invalid propagation policy is refused with 422",
    async run(world) {
      await world.create("policy");
      const answer = await world.delete(`${world.widgets()}/policy`, undefined, { propagationPolicy: "Zap" });
      refused(answer, 422, "Invalid", 'propagationPolicy: Unsupported value: "Zap"');
    },
  },
  {
    name: "the dependents of an object are deleted after it",
    async run(world) {
      const { owner, owned } = await family(world, "background");
      ok(await world.delete(owner));
      await world.gone(owned);
    },
  },
  {
    name: "foreground deletion removes dependents first",
    async run(world) {
      const { owner, owned } = await family(world, "foreground");
      ok(await world.merge(owned, { metadata: { finalizers: ["example.com/hold"] } }));
      const { metadata } = ok(await world.delete(owner, options({ propagationPolicy: "Foreground" })));
      assert.deepEqual(metadata.finalizers, ["foregroundDeletion"]);
      await world.until(
        "the owned object is marked",
        async () => ok(await world.get(owned)).metadata.deletionTimestamp,
      );
      ok(await world.get(owner));
      ok(await world.merge(owned, { metadata: { finalizers: null } }));
      await world.gone(owner);
    },
  },
  {
    name: "orphaning keeps dependents, without their owner",
    async run(world) {
      const { owner, owned } = await family(world, "orphan");
      ok(await world.delete(owner, options({ propagationPolicy: "Orphan" })));
      await world.gone(owner);
      assert.equal(ok(await world.get(owned)).metadata.ownerReferences, undefined);
    },
  },
  {
    name: "an object whose owner never existed is collected",
    async run(world) {
      const reference = { apiVersion: "v1", kind: "ConfigMap", name: "none", uid: crypto.randomUUID() };
      await world.configMap("foundling", {}, { ownerReferences: [reference] });
      await world.gone(`${world.core("configmaps")}/foundling`);
    },
  },
  {
    name: "an owner reference without a uid is refused with 422",
    async run(world) {
      const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "" }];
      const answer = await world.post(world.widgets(), world.widget("ownerless", { size: 1 }, { ownerReferences }));
      refused(answer, 422, "Invalid", "metadata.ownerReferences");
    },
  },
  {
    name: "a collection is deleted by selector",
    async run(world) {
      for (const [name, group] of [["c1", "x"], ["c2", "x"], ["c3", "y"]]) {
        await world.create(name!, { size: 1 }, { labels: { collection: group } });
      }
      const answer = ok(await world.delete(world.widgets(), undefined, { labelSelector: "collection=x" }));
      assert.equal(answer.kind, "WidgetList");
      assert.deepEqual(namesOf(answer), ["c1", "c2"]);
      const rest = ok(await world.get(world.widgets(), { labelSelector: "collection" }));
      assert.deepEqual(namesOf(rest), ["c3"]);
    },
  },
];
