/**
 * Measures how long declared compute runs, from the lists of sweeps: it makes no calls.
 *
 * Between two sweeps the state of the earlier one counts. So each start and each stop is seen up to a sweep's interval
 * late, and a start and stop between two sweeps is not seen at all. A gap without sweeps, as in an outage or while no
 * operator runs, counts for two intervals at most.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { External } from "../../resource.ts";

/** The most intervals that a gap between two sweeps counts for. */
const MOST_INTERVALS = 2;

/** The observations of one sweep. */
export interface RunningLook {
  /** The resources in the list, by id. */
  readonly listed: ReadonlyMap<string, External>;
  /** The objects that hold a resource, by the resource's id. */
  readonly bound: ReadonlyMap<string, readonly string[]>;
  /** The time between two sweeps (ms). */
  readonly intervalMs: number;
}

/** Options of a {@link RunningMeter}. */
export interface RunningMeterOptions {
  readonly clock: Clock;
  /** True if an object's resource runs, according to a list's row; `undefined` for an object that does not count. */
  readonly isRunning: (key: string, observed: Record<string, unknown>) => boolean | undefined;
  /** Adds seconds to an object's count. */
  readonly add: (key: string, seconds: number) => void;
}

/** The last observation of one object's resource. */
interface Seen {
  readonly at: number;
  readonly id: string;
  readonly isRunning: boolean;
}

/** Measures the objects of one kind in one view. */
export class RunningMeter {
  readonly #options: RunningMeterOptions;
  #seen = new Map<string, Seen>();

  constructor(options: RunningMeterOptions) {
    this.#options = options;
  }

  /** Counts the time since the last sweep. */
  look({ listed, bound, intervalMs }: RunningLook): void {
    const { clock, isRunning, add } = this.#options;
    const at = clock.monotonic();
    const now = new Map<string, Seen>();
    for (const [id, keys] of bound) {
      const row = listed.get(id);
      for (const key of row === undefined ? [] : keys) {
        const runs = isRunning(key, row?.observed ?? {});
        if (runs === undefined) continue;
        add(key, this.#since({ at, id, key }, intervalMs * MOST_INTERVALS) / 1000);
        now.set(key, { at, id, isRunning: runs });
      }
    }
    this.#seen = now;
  }

  /** The time (ms) for which a resource ran since the last sweep. */
  #since({ at, id, key }: { at: number; id: string; key: string }, mostMs: number): number {
    const before = this.#seen.get(key);
    return before?.isRunning === true && before.id === id ? Math.min(at - before.at, mostMs) : 0;
  }
}
