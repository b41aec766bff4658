import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { Looks } from "./looks.ts";

const INTERVAL = 300_000;
const HOUR = 3_600_000;

/** Sweeps for some hours, reading what is due at once; returns the gets by resource, with their times (ms). */
async function swept(count: number, { hours, hiding = 0 }: { hours: number; hiding?: number }) {
  const clock = new FakeClock();
  const looks = new Looks(clock);
  const ids = Array.from({ length: count }, (_, index) => String(index));
  const gets = new Map<string, number[]>(ids.map((id) => [id, []]));
  for (let index = 0; index < hiding; index++) looks.hides(String(index));
  for (let time = 0; time < hours * HOUR; time += INTERVAL) {
    await clock.advance(INTERVAL);
    for (const id of looks.next(ids, Math.ceil(count / 100))) {
      assert.equal(looks.isDue(id), true);
      looks.looked(id);
      assert.equal(looks.isDue(id), false);
      gets.get(id)?.push(clock.monotonic());
    }
  }
  return { gets, total: [...gets.values()].flat().length };
}

Deno.test("if lists omit fields, each resource gets a get at least once an hour", async () => {
  for (const count of [1, 7, 200, 3000]) {
    const { gets } = await swept(count, { hours: 5, hiding: 1 });
    for (const times of gets.values()) {
      const gaps = [0, ...times].map((time, index, all) => (all[index + 1] ?? 5 * HOUR) - time);
      assert.ok(Math.max(...gaps) <= HOUR, `${count}: ${Math.max(...gaps) / 60_000} minutes`);
    }
  }
});

Deno.test("idle calls stay within the benchmarks' targets if lists omit nothing", async () => {
  for (const [count, most] of [[200, 1], [10_000, 7]] as const) {
    const { total } = await swept(count, { hours: 3 });
    assert.ok(total / 180 <= most, `${total / 180} gets a minute`);
    assert.ok(total > 0);
  }
});

Deno.test("no get is due before the first sweep, and the oldest comes first", async () => {
  const clock = new FakeClock();
  const looks = new Looks(clock);
  assert.equal(looks.next(["a", "b"], 1).size, 0, "no time has passed");
  await clock.advance(2 * HOUR);
  looks.looked("a");
  await clock.advance(2 * HOUR);
  looks.looked("b");
  await clock.advance(HOUR);
  assert.deepEqual([...looks.next(["a", "b", "c"], 1)], ["c", "a", "b"]);
});

Deno.test("a resource that is no longer listed is forgotten", async () => {
  const clock = new FakeClock();
  const looks = new Looks(clock);
  looks.hides("gone");
  looks.next(["a"], 1);
  await clock.advance(INTERVAL);
  looks.looked("a");
  await clock.advance(INTERVAL);
  assert.equal(looks.next(["a"], 1).size, 0, "the one with an incomplete row is deleted");
});
