import assert from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../../kubernetes/client.ts";
import { Claims } from "./claims.ts";

interface Shape {
  readonly name: string;
  readonly namespace?: string;
  readonly id?: string | undefined;
  readonly workspace?: string;
  readonly created?: string;
  readonly generation?: number;
  readonly status?: Record<string, unknown>;
}

function object({ name, namespace = "team", id, workspace = "https://a", created = "2026-01-01", ...more }: Shape) {
  const { generation = 1, status = {} } = more;
  const bound = id === undefined ? {} : { id, workspace };
  const metadata = { name, namespace, uid: `uid-${namespace}-${name}`, creationTimestamp: created, generation };
  return { metadata, status: { ...bound, ...status } } as KubeObject;
}

function claimsOf(...shapes: Shape[]): Claims {
  const claims = new Claims();
  for (const shape of shapes) claims.update(`${shape.namespace ?? "team"}/${shape.name}`, object(shape));
  return claims;
}

Deno.test("our own status write is not a user's change; a new generation and a deletion are", () => {
  const claims = claimsOf({ name: "a" });
  claims.expect("team/a", { id: "1", workspace: "https://a" });
  assert.equal(claims.update("team/a", object({ name: "a", id: "1" })), undefined);
  assert.equal(claims.update("team/a", object({ name: "a", id: "1", generation: 2 })), "high");
  assert.equal(claims.update("team/a", undefined), "high");
});

Deno.test("a status that somebody else wrote is checked once", () => {
  const claims = claimsOf({ name: "a", id: "1" });
  claims.expect("team/a", { id: "1", workspace: "https://a", owner: "operator" });
  const theirs = object({ name: "a", id: "1", status: { conditions: [] } });
  assert.equal(claims.update("team/a", theirs), "low");
  assert.equal(claims.update("team/a", theirs), undefined);
});

Deno.test("an unchanged object at startup waits for objects that are new or were edited meanwhile", () => {
  const claims = new Claims();
  const seen = { status: { observedGeneration: 1 } };
  assert.equal(claims.update("team/left", object({ name: "left", id: "1", ...seen })), "low");
  assert.equal(claims.update("team/edited", object({ name: "edited", id: "2", generation: 2, ...seen })), "high");
  assert.equal(claims.update("team/new", object({ name: "new" })), "high");
  const deleted = object({ name: "deleted", id: "3", ...seen });
  deleted.metadata.deletionTimestamp = "2026-01-02T00:00:00Z";
  assert.equal(claims.update("team/deleted", deleted), "high");
  // An annotation does not change the generation, but is an edit.
  const annotated = object({ name: "left", id: "1", ...seen });
  annotated.metadata.annotations = { "databricks-operator/paused": "true" };
  assert.equal(claims.update("team/left", annotated), "high");
});

Deno.test("a holder is found only in its workspace, and not by itself", () => {
  const claims = claimsOf({ name: "a", id: "7" }, { name: "b", id: "7", workspace: "https://b" });
  assert.equal(claims.holders("https://a").get("7"), "team/a");
  assert.equal(claims.holders("https://a", "uid-team-a").has("7"), false);
  assert.equal(claims.holders("https://c").has("7"), false);
});

Deno.test("a released resource has no holder", () => {
  const claims = claimsOf({ name: "a", id: "7" });
  claims.update("team/a", object({ name: "a", id: "8" }));
  assert.equal(claims.holders("https://a").has("7"), false);
  claims.update("team/a", undefined);
  assert.equal(claims.holders("https://a").has("8"), false);
  assert.deepEqual([claims.keys("team"), [...claims.ids("team")], claims.counts(() => true)], [[], [], []]);
});

Deno.test("only parts of older objects in the same workspace count", () => {
  const parts = (name: string) => ({ parts: { [name]: {} } });
  const young = object({ name: "young", id: "scope", created: "2026-03-01", status: parts("y") });
  const claims = claimsOf(
    { name: "old", id: "scope", created: "2026-01-01", status: parts("o") },
    { name: "young", id: "scope", created: "2026-03-01", status: parts("y") },
    { name: "younger", id: "scope", created: "2026-04-01", status: parts("z") },
    { name: "far", id: "scope", workspace: "https://b", created: "2026-01-01", status: parts("f") },
  );
  assert.deepEqual([...claims.olderParts(young, "scope", "https://a")], ["o"]);
});

Deno.test("objects that wait, are pending or hold nothing are indexed exactly while they do", () => {
  const waits = { conditions: [{ type: "Synced", status: "False", reason: "HeldByAnother" }] };
  const claims = claimsOf({ name: "a", status: waits }, { name: "b", status: { pending: { operation: "create" } } });
  assert.deepEqual([claims.waiting(), claims.unbound()], [["team/a"], [
    "team/a",
    "team/b",
  ]]);
  claims.update("team/a", object({ name: "a", id: "1" }));
  claims.update("team/b", object({ name: "b", id: "2" }));
  assert.deepEqual([claims.waiting(), claims.unbound()], [[], []]);
});

Deno.test("an object whose resource is created again holds the old one and waits for the new one", () => {
  const pending = { pending: { operation: "recreate" } };
  const claims = claimsOf({ name: "a", id: "7", status: pending });
  assert.equal(claims.holders("https://a").has("7"), true);
  assert.deepEqual(claims.unbound(), ["team/a"]);
  const uid = object({ name: "a" }).metadata.uid ?? "";
  const { id, isPending } = claims.holding(uid) ?? {};
  assert.deepEqual([id, isPending], ["7", true]);
  claims.update("team/a", undefined);
  assert.deepEqual([claims.holding(uid), claims.unbound()], [undefined, []]);
});

Deno.test("objects are counted by owner and readiness", () => {
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  const claims = claimsOf({ name: "a", status: ready }, { name: "b", status: ready }, { name: "c" });
  assert.deepEqual(claims.counts(() => true), [
    { owner: "operator", ready: true, count: 2 },
    { owner: "operator", ready: false, count: 1 },
  ]);
});

Deno.test("after any changes the index equals a scan of all objects", () => {
  const change = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    namespace: fc.constantFrom("x", "y"),
    id: fc.constantFrom(undefined, "1", "2"),
    gone: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(change), (changes) => {
    const claims = new Claims();
    const model = new Map<string, Shape>();
    for (const { gone, ...shape } of changes) {
      const key = `${shape.namespace}/${shape.name}`;
      claims.update(key, gone ? undefined : object(shape));
      if (gone) model.delete(key);
      else model.set(key, shape);
    }
    for (const namespace of ["x", "y"]) {
      const keys = [...model].filter(([, shape]) => shape.namespace === namespace);
      assert.deepEqual(claims.keys(namespace).sort(), keys.map(([key]) => key).sort());
      const bound = [...claims.bound(namespace)].flatMap(([id, keys]) => keys.map((key) => `${key}=${id}`));
      assert.deepEqual(bound.sort(), keys.flatMap(([key, { id }]) => id === undefined ? [] : [`${key}=${id}`]).sort());
    }
    for (const id of ["1", "2"]) {
      assert.equal(claims.holders("https://a").has(id), [...model.values()].some((shape) => shape.id === id));
    }
    assert.deepEqual(
      claims.unbound().sort(),
      [...model].filter(([, { id }]) => id === undefined).map(([key]) => key).sort(),
    );
  }));
});

Deno.test("ids that differ only in case are equal, until the workspace proves to be case-sensitive", () => {
  const parts = (name: string) => ({ parts: { [name]: {} } });
  const young = object({ name: "young", id: "team", created: "2026-03-01", status: parts("y") });
  const claims = claimsOf(
    { name: "old", id: "Team", status: parts("o") },
    { name: "young", id: "team", created: "2026-03-01", status: parts("y") },
  );
  assert.deepEqual(claims.spellings("https://a", "team", "uid-team-young"), ["Team"]);
  assert.deepEqual(claims.spellings("https://b", "team", "uid-team-young"), []);
  assert.deepEqual([...claims.olderParts(young, "team", "https://a")], ["o"]);
  assert.equal(claims.holders("https://a", "uid-team-young").has("team"), true);
  claims.keepsCase("https://a");
  assert.deepEqual(claims.spellings("https://a", "team", "uid-team-young"), []);
  assert.deepEqual([...claims.olderParts(young, "team", "https://a")], []);
  assert.equal(claims.holders("https://a", "uid-team-young").has("team"), false);
});
