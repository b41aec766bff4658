import assert from "node:assert/strict";
import fc from "fast-check";
import { election, type Replica } from "./election_fake.ts";
import type { Weather } from "./lease_fake.ts";

const YEAR = 365 * 24 * 3600 * 1000;

const whom = fc.nat(2);
type Step =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "jump"; readonly ms: number }
  | { readonly do: "delete" }
  | Act;
type Act =
  | { readonly do: "suspend"; readonly whom: number }
  | { readonly do: "resume"; readonly whom: number }
  | { readonly do: "weather"; readonly whom: number; readonly weather: Weather; readonly latencyMs: number }
  | { readonly do: "replace"; readonly whom: number; readonly gently: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array<Step>(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(20_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("suspend" as const), whom }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("resume" as const), whom }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("weather" as const),
        whom,
        weather: fc.constantFrom<Weather>("fair", "refused", "lost", "silent"),
        latencyMs: fc.nat(3_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), whom, gently: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("jump" as const), ms: fc.integer({ min: -YEAR, max: YEAR }) }),
    },
  ),
  { maxLength: 30 },
);

/** Three replicas, which are replaced when they end, as pods are. */
class Trial {
  readonly #election = election();
  #made = 0;
  readonly #replicas: Replica[] = [this.#fresh(), this.#fresh(), this.#fresh()];
  /** Ended processes are checked too: their leases must belong to nobody else. */
  readonly #all = [...this.#replicas];

  #fresh(): Replica {
    return this.#election.replica(`replica-${this.#made++}`, { random: Math.random }).start();
  }

  #replace(index: number): void {
    this.#all.push(this.#replicas[index] = this.#fresh());
  }

  #check(): void {
    const holders = this.#all.filter(({ isHeld }) => isHeld).length;
    assert.ok(holders <= 1, `${holders} hold the lease`);
  }

  async #wait(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= 250) {
      await this.#election.time.advance(Math.min(250, rest));
      this.#check();
      for (const [index, { lost }] of this.#replicas.entries()) if (lost !== undefined) this.#replace(index);
    }
  }

  async take(step: Step): Promise<void> {
    if (step.do === "wait") await this.#wait(step.ms);
    else if (step.do === "jump") this.#election.time.jump(step.ms);
    else if (step.do === "delete") await this.#delete();
    else await this.#act(this.#replicas[step.whom]!, step);
    this.#check();
  }

  async #act({ clock, client, elector, stop }: Replica, step: Act): Promise<void> {
    if (step.do === "suspend") clock.suspend();
    else if (step.do === "resume") await clock.resume();
    else if (step.do === "weather") Object.assign(client, { weather: step.weather, latencyMs: step.latencyMs });
    else {
      stop.abort();
      if (step.gently) void elector.release();
      else clock.suspend();
      this.#replace(step.whom);
    }
  }

  /**
   * Deletes the Lease. A new replica cannot know of a lease that was deleted before its start, so none starts for a
   * while.
   */
  async #delete(): Promise<void> {
    if (!this.#replicas.every(({ elector }) => elector.isHeld() || elector.unready().length === 0)) return;
    this.#election.lease.delete();
    await this.#wait(15_000);
  }

  /** Ends all faults; then one replica holds the lease. */
  async end(): Promise<void> {
    for (const { clock, client } of this.#replicas) {
      await clock.resume();
      Object.assign(client, { weather: "fair", latencyMs: 0 });
    }
    await this.#wait(40_000);
    assert.equal(this.#replicas.filter(({ isHeld }) => isHeld).length, 1);
    for (const { stop, elector } of this.#all) {
      stop.abort();
      void elector.release();
    }
    await this.#election.time.advance(2_000);
  }
}

Deno.test("never two of three replicas hold the lease, and one does once all faults end", async () => {
  const property = fc.asyncProperty(steps, async (steps) => {
    const trial = new Trial();
    for (const step of steps) await trial.take(step);
    await trial.end();
  });
  await fc.assert(property, { numRuns: 300 });
});
