import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { PartReads } from "./part_reads.ts";

const subject = { of: "uid 1", hash: "a" };
const keys = (count: number) => Array.from({ length: count }, (_, index) => `team/${index}`);

function settledReads(count: number) {
  const clock = new FakeClock();
  const reads = new PartReads(clock, 120_000);
  for (const key of keys(count)) reads.settled(key, subject);
  return { clock, reads };
}

Deno.test("parts are read once, and not again while manifest and object are unchanged", () => {
  const { reads } = settledReads(0);
  assert.ok(reads.isDue("team/0", subject));
  reads.settled("team/0", subject);
  assert.ok(!reads.isDue("team/0", subject));
  assert.ok(reads.isDue("team/0", { ...subject, hash: "b" }));
  assert.ok(reads.isDue("team/0", { ...subject, of: "uid 2" }), "another object of that name");
});

Deno.test("of a hundred objects a sweep reads at most nine, and each is read within twelve sweeps", () => {
  const { reads } = settledReads(100);
  const read = new Set<string>();
  for (let sweep = 0; sweep < 12; sweep++) {
    const due = reads.next(keys(100));
    assert.equal(due.length, 9);
    for (const key of due) {
      assert.ok(reads.isDue(key, subject));
      read.add(key);
      reads.settled(key, subject);
    }
  }
  assert.equal(read.size, 100);
});

Deno.test("the parts of a few objects are read at every sweep", () => {
  const { reads } = settledReads(3);
  for (let sweep = 0; sweep < 3; sweep++) {
    const due = reads.next(keys(3));
    assert.equal(due.length, 3);
    for (const key of due) reads.settled(key, subject);
  }
});

Deno.test("freshly written parts are not read before a read surely shows them", async () => {
  const { clock, reads } = settledReads(1);
  const written = { parts: { a: 1 }, deleted: [] };
  reads.wrote("team/0", subject.of, written);
  assert.deepEqual([reads.next(keys(1)), reads.written("team/0", subject.of)?.parts], [[], { a: 1 }]);
  await clock.advance(120_000);
  assert.deepEqual([reads.next(keys(1)), reads.written("team/0", subject.of)], [["team/0"], undefined]);
});

Deno.test("objects that are gone are forgotten", () => {
  const { reads } = settledReads(2);
  assert.deepEqual(reads.next(["team/1"]), ["team/1"]);
  assert.ok(reads.isDue("team/0", subject));
});

Deno.test("parts: a requested read happens once, at the next pass", () => {
  const { reads } = settledReads(0);
  reads.ask("team/etl");
  reads.settled("team/etl", subject);
  assert.equal(reads.isDue("team/etl", subject), false);
  reads.ask("team/etl");
  assert.equal(reads.isDue("team/etl", subject), true);
  reads.settled("team/etl", subject);
  assert.equal(reads.isDue("team/etl", subject), false);
});
