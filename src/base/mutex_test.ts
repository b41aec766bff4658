import assert from "node:assert/strict";
import { settle } from "./clock_fake.ts";
import { Mutex, Mutexes } from "./mutex.ts";

Deno.test("mutex runs one section at a time, in order of arrival", async () => {
  const mutex = new Mutex();
  const order: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = gates.map((gate, index) =>
    mutex.run(async () => {
      order.push(`in ${index}`);
      await gate.promise;
      order.push(`out ${index}`);
    })
  );
  gates[1]?.resolve();
  await settle();
  assert.deepEqual(order, ["in 0"]);
  gates[0]?.resolve();
  await Promise.all(runs);
  assert.deepEqual(order, ["in 0", "out 0", "in 1", "out 1"]);
});

Deno.test("mutex returns a section's result and its error only to its caller", async () => {
  const mutex = new Mutex();
  const failed = mutex.run(() => Promise.reject(new Error("no")));
  const next = mutex.run(() => Promise.resolve(7));
  await assert.rejects(failed, /no/);
  assert.equal(await next, 7);
  await assert.rejects(
    mutex.run(() => {
      throw new Error("at once");
    }),
    /at once/,
  );
  assert.equal(await mutex.run(() => Promise.resolve(8)), 8);
});

Deno.test("mutexes forget a key for which nothing runs or waits", async () => {
  const mutexes = new Mutexes();
  const gate = Promise.withResolvers<void>();
  const order: number[] = [];
  const runs = [1, 2].map((turn) =>
    mutexes.run("a", async () => {
      await gate.promise;
      order.push(turn);
    })
  );
  await settle();
  assert.equal(mutexes.size, 1);
  gate.resolve();
  await Promise.all(runs);
  assert.deepEqual([order, mutexes.size], [[1, 2], 0]);
  await assert.rejects(mutexes.run("b", () => Promise.reject(new Error("no"))), /no/);
  assert.equal(mutexes.size, 0);
});
