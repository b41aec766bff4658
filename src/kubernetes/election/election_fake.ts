/**
 * Elections for tests: replicas that compete for one Lease in memory, each with a clock of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { FakeClock } from "../../base/clock_fake.ts";
import { LeaderElector, type LeaderElectorOptions } from "./leader.ts";
import { FakeLease, FakeLeaseClient, ProcessClock } from "./lease_fake.ts";

/** One process that takes part in the election. */
export class Replica {
  readonly clock: ProcessClock;
  readonly client: FakeLeaseClient;
  readonly elector: LeaderElector;
  readonly stop = new AbortController();
  acquired: boolean | undefined;
  lost: string | undefined;

  constructor(lease: FakeLease, time: FakeClock, options: { identity: string } & Partial<LeaderElectorOptions>) {
    this.clock = new ProcessClock(time);
    this.client = new FakeLeaseClient(lease, this.clock);
    const names = { namespace: "ns", name: "operator" };
    this.elector = new LeaderElector({
      client: this.client,
      clock: this.clock,
      ...names,
      random: () => 0.5,
      ...options,
    });
    void this.elector.lost.then((why) => this.lost = why);
  }

  start(): this {
    void this.elector.acquire(this.stop.signal).then((acquired) => this.acquired = acquired);
    return this;
  }

  get isHeld(): boolean {
    return this.elector.isHeld();
  }
}

/** Creates a Lease, a clock, and the replicas that a test asks for. */
export function election() {
  const time = new FakeClock();
  const lease = new FakeLease();
  const replica = (identity: string, options: Partial<LeaderElectorOptions> = {}) =>
    new Replica(lease, time, { identity, ...options });
  return { time, lease, replica };
}

/** Creates an election in which `a` leads. */
export async function led() {
  const { time, lease, replica } = election();
  const a = replica("a").start();
  await time.advance(0);
  assert.equal(a.isHeld, true);
  return { time, lease, replica, a };
}
