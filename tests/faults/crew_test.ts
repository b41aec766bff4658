/** Tests how many plans are played at the same time. */
import assert from "node:assert/strict";
import { workOnAll } from "./crew.ts";

/** Works on items that end one by one, whenever room is measured. @returns the counts of running items at each start. */
async function countsOf(crew: { least: number; most: number }, room: readonly boolean[]): Promise<number[]> {
  const ends: (() => void)[] = [];
  const counts: number[] = [];
  const answers = [...room];
  let running = 0;
  const hasRoom = () => {
    const answer = answers.shift() ?? false;
    if (!answer) ends.shift()?.();
    return Promise.resolve(answer);
  };
  const reached = await workOnAll(Array.from({ length: 6 }), { ...crew, hasRoom }, async () => {
    counts.push(++running);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    if (running === crew.most || counts.length === 6) { for (const end of ends.splice(0)) end(); }
    await promise;
    running--;
  });
  assert.equal(reached, Math.max(...counts));
  return counts;
}

Deno.test("the least number of items start at once, and further ones only if the machine has room", async () => {
  const counts = await countsOf({ least: 2, most: 9 }, [true, false]);
  assert.deepEqual(counts.slice(0, 3), [1, 2, 3]);
  assert.ok(Math.max(...counts) <= 3, counts.join());
});

Deno.test("there are never more than the most, however idle the machine is", async () => {
  const counts = await countsOf({ least: 2, most: 4 }, Array.from({ length: 9 }, () => true));
  assert.equal(Math.max(...counts), 4);
});

Deno.test("all items are worked on, and a failure is passed on", async () => {
  const seen: number[] = [];
  await workOnAll([1, 2, 3], { least: 1, most: 1 }, (item) => Promise.resolve(void seen.push(item)));
  assert.deepEqual(seen, [1, 2, 3]);
  await assert.rejects(workOnAll([1], { least: 1, most: 1 }, () => Promise.reject(new Error("broken"))), /broken/);
});
