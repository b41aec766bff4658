import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../base/clock.ts";
import { FakeClock, settle } from "../base/clock_fake.ts";
import { type Flight, WorkQueue } from "./queue.ts";

/** A queue whose flights end when the test says so. */
function controlled(concurrency = 1) {
  const clock = new FakeClock();
  const flights: { key: string; flight: Flight; land: () => void }[] = [];
  const handler = (key: string, flight: Flight) =>
    new Promise<void>((resolve) => void flights.push({ key, flight, land: resolve }));
  const queue = new WorkQueue({ clock, concurrency, handler });
  queue.start();
  return { clock, queue, flights };
}

/** A queue whose flights end at once. */
function immediate() {
  const clock = new FakeClock();
  const done: { key: string; reason: string; at: number }[] = [];
  const handler = (key: string, { reason }: Flight) => {
    done.push({ key, reason, at: clock.monotonic() });
    return Promise.resolve();
  };
  const queue = new WorkQueue({ clock, concurrency: 1, handler });
  queue.start();
  return { clock, queue, done };
}

Deno.test("queue keeps a key that becomes due while it is being reconciled", async () => {
  const { queue, flights } = controlled(2);
  queue.add("a");
  await settle();
  queue.add("a", { reason: "edited" });
  queue.add("a");
  await settle();
  assert.equal(flights.length, 1);
  flights[0]!.land();
  await settle();
  assert.deepEqual(flights.map(({ key, flight }) => [key, flight.reason]), [["a", ""], ["a", "edited"]]);
  flights[1]!.land();
  await settle();
  assert.deepEqual([queue.depth, queue.inFlight, flights.length], [0, 0, 2]);
});

Deno.test("queue respects a delay that was requested during the flight", async () => {
  const { clock, queue, flights } = controlled();
  queue.add("a");
  await settle();
  queue.add("a", { delayMs: 500 });
  flights[0]!.land();
  await clock.advance(499);
  assert.equal(flights.length, 1);
  await clock.advance(1);
  assert.equal(flights.length, 2);
});

Deno.test("queue keeps the earliest due time and the highest priority", async () => {
  const { clock, queue, done } = immediate();
  queue.add("a", { delayMs: 1000, priority: "high", reason: "later" });
  queue.add("a", { delayMs: 100, reason: "sooner" });
  queue.add("a", { delayMs: 5000, reason: "last" });
  queue.add("b", { delayMs: 50 });
  queue.add("b", { delayMs: 100 });
  await clock.advance(10_000);
  assert.deepEqual(done, [{ key: "b", reason: "", at: 50 }, { key: "a", reason: "sooner", at: 100 }]);
});

Deno.test("queue serves high priority first, and within a priority the earliest due time", async () => {
  const { queue, done } = immediate();
  for (const key of ["l1", "l2"]) queue.add(key);
  for (const key of ["h1", "h2"]) queue.add(key, { priority: "high" });
  queue.add("l2", { priority: "high" });
  await queue.whenIdle();
  assert.deepEqual(done.map(({ key }) => key), ["l2", "h1", "h2", "l1"]);
});

Deno.test("queue: a share whose flights hang does not block the other shares", async () => {
  const clock = new FakeClock();
  const flown: string[] = [];
  const handler = (key: string) => {
    flown.push(key);
    return key.startsWith("hung/") ? new Promise<void>(() => {}) : Promise.resolve();
  };
  const share = (key: string) => key.split("/")[0] ?? "";
  const queue = new WorkQueue({ clock, concurrency: 2, most: 4, share, handler });
  queue.start();
  for (let i = 0; i < 5; i++) queue.add(`hung/${i}`, { priority: "high" });
  for (let i = 0; i < 5; i++) queue.add(`fine/${i}`);
  await settle();
  assert.deepEqual(flown.filter((key) => key.startsWith("hung/")), ["hung/0", "hung/1"]);
  assert.equal(flown.filter((key) => key.startsWith("fine/")).length, 5);
  assert.deepEqual([queue.depth, queue.inFlight], [3, 2]);
  queue.remove("hung/3");
  assert.equal(queue.depth, 2);
});

Deno.test("queue: shares take turns, and together use at most all slots", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const flown: string[] = [];
  const handler = (key: string) => (flown.push(key), promise);
  const share = (key: string) => key.split("/")[0] ?? "";
  const queue = new WorkQueue({ clock: new FakeClock(), concurrency: 2, most: 3, share, handler });
  queue.start();
  for (const name of ["a", "b", "c"]) for (let i = 0; i < 2; i++) queue.add(`${name}/${i}`);
  await settle();
  assert.deepEqual(flown, ["a/0", "b/0", "c/0"]);
  resolve();
  await queue.whenIdle();
  assert.deepEqual(flown.slice(3), ["a/1", "b/1", "c/1"]);
});

Deno.test("queue: an edit is served immediately, however many flights of low priority wait", async () => {
  const { queue, flights } = controlled(4);
  for (let index = 0; index < 20; index++) queue.add(`repair-${index}`);
  await settle();
  assert.equal(flights.length, 3, "one slot stays free");
  queue.add("edit", { priority: "high" });
  await settle();
  assert.equal(flights.at(-1)?.key, "edit");
  queue.add("another edit", { priority: "high" });
  await settle();
  assert.equal(flights.length, 4, "and never more than all slots");
  flights[0]!.land();
  await settle();
  assert.equal(flights.at(-1)?.key, "another edit");
});

Deno.test("queue passes its handler the priority, the highest of the adds that were merged", async () => {
  const told: string[] = [];
  const handler = (key: string, { priority }: Flight) => Promise.resolve(void told.push(`${key} ${priority}`));
  const queue = new WorkQueue({ clock: new FakeClock(), concurrency: 1, handler });
  for (const key of ["resync", "edit"]) queue.add(key);
  queue.add("edit", { priority: "high" });
  queue.start();
  await queue.whenIdle();
  assert.deepEqual(told, ["edit high", "resync low"]);
});

Deno.test("queue keeps a priority that was given with a later due time", async () => {
  const { clock, queue, done } = immediate();
  queue.add("low");
  queue.add("edit", { priority: "high", delayMs: 1000 });
  queue.add("edit");
  await clock.advance(0);
  assert.deepEqual(done.map(({ key }) => key), ["edit", "low"]);
});

Deno.test("queue forgets a removed key, but not its flight", async () => {
  const { clock, queue, flights } = controlled();
  queue.add("a");
  await settle();
  queue.add("a");
  queue.add("b", { delayMs: 10 });
  queue.remove("a");
  queue.remove("b");
  flights[0]!.land();
  await clock.advance(100);
  assert.deepEqual([flights.length, queue.size], [1, 0]);
});

Deno.test("queue yields to the event loop while it runs thousands of handlers", async () => {
  let [done, doneAtTimer] = [0, -1];
  const handler = () => {
    for (const until = performance.now() + 0.1; performance.now() < until;);
    return Promise.resolve(void done++);
  };
  const queue = new WorkQueue({ clock: systemClock, concurrency: 10, handler });
  for (let i = 0; i < 2000; i++) queue.add(`ns/${i}`);
  setTimeout(() => doneAtTimer = done, 0);
  queue.start();
  await queue.whenIdle();
  assert.equal(done, 2000);
  assert.ok(doneAtTimer >= 0 && doneAtTimer < 2000, `${doneAtTimer} were done when the timer fired`);
});

Deno.test("queue continues after a handler that throws", async () => {
  const errors: string[] = [];
  const handler = (key: string) => key === "bad" ? Promise.reject(new Error("no")) : Promise.resolve();
  const onError = (key: string, error: unknown) => errors.push(`${key}: ${(error as Error).message}`);
  const queue = new WorkQueue({ clock: new FakeClock(), concurrency: 1, handler, onError });
  queue.add("bad");
  queue.add("good");
  queue.start();
  await queue.whenIdle();
  assert.deepEqual([errors, queue.depth], [["bad: no"], 0]);
});

Deno.test("queue is not affected by a wall clock that is set back", async () => {
  const { clock, queue, done } = immediate();
  queue.add("a", { delayMs: 1000 });
  clock.jump(-3_600_000);
  await clock.advance(1000);
  assert.equal(done.length, 1);
});

Deno.test("queue stops: flights may end, and waiting keys stay", async () => {
  const { queue, flights } = controlled();
  queue.add("a");
  queue.add("b");
  await settle();
  const stopped = queue.stop(1000);
  flights[0]!.land();
  await stopped;
  assert.deepEqual([flights.length, queue.depth, flights[0]!.flight.signal.aborted], [1, 1, true]);
});

Deno.test("queue stops: a flight that exceeds its grace period is aborted, and abandoned after another second", async () => {
  const { clock, queue, flights } = controlled();
  queue.add("a");
  await settle();
  let isStopped = false;
  queue.stop(1000).then(() => isStopped = true);
  await clock.advance(999);
  assert.equal(flights[0]!.flight.signal.aborted, false);
  await clock.advance(1);
  assert.deepEqual([flights[0]!.flight.signal.aborted, isStopped], [true, false]);
  await clock.advance(1000);
  assert.equal(isStopped, true);
  assert.equal(clock.pending, 0);
});

Deno.test("queue adds 10,000 keys in sublinear time each", async () => {
  const { queue, done } = immediate();
  const startedAt = performance.now();
  for (let i = 0; i < 10_000; i++) queue.add(`ns/${i}`, { delayMs: 1 + (i * 7919) % 10_000 });
  for (let i = 0; i < 10_000; i++) queue.add(`ns/${i}`, { delayMs: 1 + (i * 104_729) % 10_000, priority: "high" });
  for (let i = 0; i < 10_000; i++) queue.add(`ns/${i}`);
  await queue.whenIdle();
  assert.equal(done.length, 10_000);
  assert.ok(performance.now() - startedAt < 5000);
});

type Step = { do: "add"; key: string; delayMs: number; high: boolean } | { do: "advance"; ms: number } | { do: "land" };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant("add" as const),
      key: fc.constantFrom("a", "b", "c", "d"),
      delayMs: fc.constantFrom(0, 0, 5, 10, 50),
      high: fc.boolean(),
    }),
    fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(1, 5, 10, 30) }),
    fc.record({ do: fc.constant("land" as const) }),
  ),
  { maxLength: 60 },
);

Deno.test("queue: one flight per key, never too many, nothing lost, nothing early", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (steps: Step[], concurrency) => {
      const { clock, queue, flights } = controlled(concurrency);
      const landed = new Set<unknown>();
      const flying = () => flights.filter((flight) => !landed.has(flight));
      const earliest = new Map<string, number>();
      const urgent = new Set<string>();
      let seen = 0;
      const check = () => {
        for (const { key } of flights.slice(seen)) {
          assert.ok(earliest.get(key)! <= clock.monotonic(), "early, or not requested");
          earliest.delete(key);
          urgent.delete(key);
        }
        seen = flights.length;
        const keys = flying().map(({ key }) => key);
        assert.equal(new Set(keys).size, keys.length, "two flights of one key");
        assert.ok(keys.length <= concurrency, "too many flights");
        const due = [...earliest].filter(([key, at]) => at <= clock.monotonic() && !keys.includes(key));
        const places = concurrency < 3 || due.some(([key]) => urgent.has(key)) ? concurrency : concurrency - 1;
        assert.ok(due.length === 0 || keys.length >= places, "a due key waits beside a free slot");
      };
      const land = () => {
        const [flight] = flying();
        landed.add(flight);
        flight?.land();
      };
      for (const step of steps) {
        if (step.do === "add") {
          queue.add(step.key, { delayMs: step.delayMs, priority: step.high ? "high" : "low" });
          if (step.high) urgent.add(step.key);
          earliest.set(step.key, Math.min(earliest.get(step.key) ?? Infinity, clock.monotonic() + step.delayMs));
        } else if (step.do === "land") land();
        else for (let ms = 0; ms < step.ms; ms++) (await clock.advance(1), check());
        (await settle(), check());
      }
      for (let i = 0; i < 200 && (flying().length > 0 || queue.size > 0); i++) {
        (land(), await clock.advance(50), check());
      }
      assert.deepEqual([...earliest], [], "a key was lost");
    }),
    { numRuns: 150 },
  );
});

Deno.test("queue: due keys are ordered by priority, then due time; every fourth is of low priority", async () => {
  const adds = fc.uniqueArray(
    fc.record({ key: fc.string(), delayMs: fc.nat(20), high: fc.boolean() }),
    { selector: ({ key }) => key },
  );
  await fc.assert(fc.asyncProperty(adds, async (adds) => {
    const clock = new FakeClock();
    const order: string[] = [];
    const handler = (key: string) => Promise.resolve(void order.push(key));
    const queue = new WorkQueue({ clock, concurrency: 1, handler });
    for (const { key, delayMs, high } of adds) queue.add(key, { delayMs, priority: high ? "high" : "low" });
    await clock.advance(20);
    queue.start();
    await queue.whenIdle();
    const waiting = adds.toSorted((a, b) => a.delayMs - b.delayMs);
    const [high, low] = [waiting.filter(({ high }) => high), waiting.filter(({ high }) => !high)];
    const expected: string[] = [];
    while (expected.length < adds.length) {
      for (const { key } of [...high.splice(0, low.length > 0 ? 3 : Infinity), ...low.splice(0, 1)]) expected.push(key);
    }
    assert.deepEqual(order, expected);
  }));
});
