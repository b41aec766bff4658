import assert from "node:assert/strict";
import fc from "fast-check";
import { type Listed, Observations } from "./observations.ts";

const one = { name: "one" };
const two = { name: "two" };

/** A sweep's answer, by ids. */
function listed(answer: Record<string, Record<string, unknown>>, partial = false): Listed[] {
  return Object.entries(answer).map(([id, observed]) => ({ id, observed, partial }));
}

/** A store that a sweep has filled. */
function swept(answer: Record<string, Record<string, unknown>>): Observations {
  const observations = new Observations();
  observations.replace(listed(answer), observations.begin());
  return observations;
}

Deno.test("an unobserved resource is unknown", () => {
  assert.equal(new Observations().fresh("1"), undefined);
});

Deno.test("a resource is known after a get or a sweep", () => {
  const observations = swept({ a: one });
  observations.put("b", two, observations.begin());
  assert.deepEqual(observations.fresh("a")?.observed, one);
  assert.deepEqual(observations.fresh("b")?.observed, two);
});

Deno.test("an observation from before our write no longer counts", () => {
  const observations = swept({ a: one });
  observations.wrote("a");
  assert.equal(observations.fresh("a"), undefined);
  observations.put("a", two, observations.begin());
  assert.deepEqual(observations.fresh("a")?.observed, two);
});

Deno.test("a look that began before our write does not count, however late its response arrives", () => {
  const observations = swept({ a: one });
  const since = observations.begin();
  observations.wrote("a");
  observations.put("a", one, since);
  assert.equal(observations.fresh("a"), undefined);
});

Deno.test("a miss is forgotten immediately", () => {
  const observations = swept({ a: one });
  observations.put("a", undefined, observations.begin());
  assert.equal(observations.fresh("a"), undefined);
});

Deno.test("a sweep reports exactly the resources that are new, changed, gone or truncated", () => {
  const observations = swept({ same: one, changed: one, gone: one });
  const changed = observations.replace(
    [...listed({ same: { ...one }, changed: two, new: one }), ...listed({ cut: one }, true)],
    observations.begin(),
  );
  assert.deepEqual([...changed].sort(), ["changed", "cut", "gone", "new"]);
  assert.equal(observations.fresh("gone"), undefined);
  assert.equal(observations.fresh("cut")?.partial, true);
});

Deno.test("a truncated resource is reported by each sweep until a get returns all of it", () => {
  const observations = new Observations();
  const sweep = () => [...observations.replace(listed({ cut: one }, true), observations.begin())];
  assert.deepEqual([sweep(), sweep()], [["cut"], ["cut"]]);
  observations.put("cut", two, observations.begin());
  assert.equal(observations.fresh("cut")?.partial, false);
});

Deno.test("listed rows are kept as text while the other pages load, and unchanged ones only once", () => {
  const observations = new Observations();
  const job = { id: "1", observed: { name: "etl", job_id: 9007199254740993n } };
  const since = observations.begin();
  const noted = observations.note(job);
  assert.deepEqual([...observations.replace([noted], since)], ["1"]);
  assert.deepEqual(observations.fresh("1")?.observed, job.observed);
  const again = observations.note({ ...job, partial: true });
  assert.equal(again.text, noted.text);
  assert.deepEqual(again.observed, job.observed);
  assert.deepEqual([...observations.replace([again], observations.begin())], ["1"], "it was cut");
});

Deno.test("a resource deleted during a sweep does not come back", () => {
  const observations = swept({ a: one });
  const since = observations.begin();
  observations.wrote("a");
  observations.drop("a");
  assert.deepEqual([...observations.replace(listed({ a: one }), since)], []);
  assert.equal(observations.fresh("a"), undefined);
  assert.equal(observations.wroteAfter("a", since), true);
});

Deno.test("a resource written during a sweep is neither changed nor gone by it", () => {
  for (const answer of [{ a: one }, {}]) {
    const observations = swept({ a: one });
    const since = observations.begin();
    observations.wrote("a");
    observations.put("a", two, observations.begin());
    assert.deepEqual([...observations.replace(listed(answer), since)], []);
    assert.deepEqual(observations.fresh("a")?.observed, two);
  }
});

Deno.test("a look that began during a sweep is newer than the sweep", () => {
  for (const answer of [{ a: one }, {}]) {
    const observations = swept({ a: one });
    const since = observations.begin();
    observations.put("a", two, observations.begin());
    observations.replace(listed(answer), since);
    assert.deepEqual(observations.fresh("a")?.observed, two);
  }
});

Deno.test("a look that began before a sweep does not undo it", () => {
  for (const late of [one, undefined]) {
    const observations = swept({ a: one });
    const since = observations.begin();
    observations.replace(listed({ a: two }), observations.begin());
    observations.put("a", late, since);
    assert.deepEqual(observations.fresh("a")?.observed, two);
  }
});

Deno.test("the next sweep shows our write", () => {
  const observations = swept({ a: one });
  observations.wrote("a");
  const since = observations.begin();
  assert.equal(observations.wroteAfter("a", since), false);
  assert.deepEqual([...observations.replace(listed({ a: two }), since)], ["a"]);
  assert.deepEqual(observations.fresh("a")?.observed, two);
});

Deno.test("drop and clear forget observations, but not writes", () => {
  const observations = swept({ a: one, b: one });
  const since = observations.begin();
  observations.wrote("a");
  observations.drop("b");
  observations.clear();
  assert.deepEqual([observations.fresh("a"), observations.fresh("b")], [undefined, undefined]);
  assert.equal(observations.wroteAfter("a", since), true);
});

Deno.test("in any order of looks, sweeps and writes, no observation is older than our last write", () => {
  type Step = { kind: "begin" | "put" | "sweep" | "write"; id: string; pick: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom("begin", "put", "sweep", "write"),
    id: fc.constantFrom("a", "b"),
    pick: fc.nat(),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const observations = new Observations();
    // The result of each observation: how often each resource had been written when it began.
    const looks: { since: number; saw: Record<string, number> }[] = [];
    const writes: Record<string, number> = { a: 0, b: 0 };
    for (const { kind, id, pick } of steps) {
      if (kind === "begin") looks.push({ since: observations.begin(), saw: { ...writes } });
      if (kind === "write") {
        writes[id] = (writes[id] ?? 0) + 1;
        observations.wrote(id);
      }
      const look = looks[pick % Math.max(1, looks.length)];
      if (look !== undefined && kind === "put") observations.put(id, { writes: look.saw[id] }, look.since);
      if (look !== undefined && kind === "sweep") {
        const answer = Object.entries(look.saw).map(([id, writes]) => ({ id, observed: { writes } }));
        observations.replace(answer, look.since);
      }
      for (const id of ["a", "b"]) {
        const known = observations.fresh(id);
        if (known !== undefined) assert.equal(known.observed.writes, writes[id]);
      }
    }
  }));
});

Deno.test("an observation from before another process's write does not count after its writes were adopted", () => {
  const [old, next] = [new Observations(), new Observations()];
  const since = next.begin();
  next.put("7", { name: "seen before" }, since);
  old.wrote("7");
  next.adopt(old);
  assert.equal(next.fresh("7"), undefined);
  next.put("7", { name: "seen after" }, next.begin());
  assert.deepEqual(next.fresh("7")?.observed, { name: "seen after" });
});

/** A store with the result of a get, for a resource that lists return in part, with its stamp. */
function stamped(stamp: string | undefined): Observations {
  const observations = new Observations({ stamp: ({ etag }) => etag as string | undefined });
  observations.put(
    "a",
    { ...one, body: "long", ...(stamp === undefined ? {} : { etag: stamp }) },
    observations.begin(),
  );
  return observations;
}

Deno.test("a partial row with the same stamp is unchanged, and the result of its get stays known", () => {
  const observations = stamped("1");
  const changed = observations.replace(listed({ a: { ...one, etag: "1" } }, true), observations.begin());
  assert.deepEqual([...changed], []);
  assert.deepEqual(observations.fresh("a")?.observed, { ...one, body: "long", etag: "1" });
});

Deno.test("a partial row is changed if its stamp changed, if it has none, or after our write", () => {
  const moved = stamped("1");
  assert.deepEqual([...moved.replace(listed({ a: { ...one, etag: "2" } }, true), moved.begin())], ["a"]);
  const without = stamped(undefined);
  assert.deepEqual([...without.replace(listed({ a: one }, true), without.begin())], ["a"]);
  const written = stamped("1");
  written.wrote("a");
  written.replace(listed({ a: { ...one, etag: "1" } }, true), written.begin());
  assert.equal(written.fresh("a")?.form, "row", "a get from before our write does not count as the current state");
});

Deno.test("a row that a get contradicts is looked at again, until a later list has the same row and a get contradicts it again", () => {
  const observations = swept({ a: one });
  assert.equal(observations.contradict("a"), false);
  assert.equal(observations.contradict("a"), false, "a second get after the same list proves no more");
  assert.deepEqual([...observations.replace(listed({ a: one }), observations.begin())], ["a"]);
  assert.equal(observations.contradict("a"), true);
  assert.deepEqual([...observations.replace(listed({ a: one }), observations.begin())], []);
});

Deno.test("another row, a write and a vanished row begin anew", () => {
  const observations = swept({ a: one });
  observations.contradict("a");
  observations.replace(listed({ a: two }), observations.begin());
  assert.equal(observations.contradict("a"), false);
  observations.wrote("a");
  observations.replace(listed({ a: two }), observations.begin());
  assert.equal(observations.contradict("a"), false);
  observations.replace([], observations.begin());
  observations.replace(listed({ a: two }), observations.begin());
  assert.equal(observations.contradict("a"), false);
  assert.equal(observations.contradict("unknown"), false);
});
