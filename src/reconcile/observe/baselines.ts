/**
 * Objects whose last write has not been observed yet. A few are observed one by one; many are observed by a sweep,
 * after which this rests.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/clock.ts";
import type { External } from "../../resource.ts";

/** The pause after a sweep that only observes writes, as a multiple of its duration … */
const REST = 4;
/** … and at least this multiple of the collection time, for each page: one call a second, by default. */
const REST_PER_PAGE = 0.2;

/** Options of {@link Baselines}. */
export interface BaselinesOptions {
  readonly clock: Clock;
  /** How long writes are collected before their results are observed (ms). */
  readonly collectMs: number;
  /** True if this many objects are better observed by a sweep. */
  readonly isMany: (count: number) => boolean;
  readonly sweep: () => void;
  /** Queues objects, whose passes observe them. */
  readonly release: (keys: readonly string[]) => void;
}

/** Collects the objects whose last write is to be observed. */
export class Baselines {
  readonly #options: BaselinesOptions;
  /** The ids of the written resources, by the objects' keys. */
  readonly #written = new Map<string, string>();
  /** Resources that were written and that the list then omitted or truncated. */
  #untold: ReadonlySet<string> = new Set();
  #timer: Timer | undefined;
  #restUntil = 0;
  #isStopped = false;

  constructor(options: BaselinesOptions) {
    this.#options = options;
  }

  /** The waiting objects. */
  get keys(): readonly string[] {
    return [...this.#written.keys()];
  }

  /** Requests an observation of a write, soon, and together with other writes until then. */
  request(key: string, id: string): void {
    this.#written.set(key, id);
    this.#timer ??= this.#options.clock.setTimeout(() => this.#observe(), this.#options.collectMs);
  }

  /** True while an observation of the object's last write is pending. */
  awaits(key: string): boolean {
    return this.#written.has(key);
  }

  /** Notes which of the written resources a list omits or truncates: another list would, too. */
  listed(listed: ReadonlyMap<string, External>): void {
    this.#untold = new Set([...this.#written.values()].filter((id) => listed.get(id)?.partial !== false));
  }

  /** A sweep ended: rests, so that observing thousands of writes costs less than the writes. */
  swept({ tookMs, pages }: { readonly tookMs: number; readonly pages: number }): void {
    const { clock, collectMs } = this.#options;
    this.#restUntil = clock.monotonic() + Math.max(REST * tookMs, REST_PER_PAGE * collectMs * pages);
  }

  /** These objects no longer wait. */
  forget(keys: readonly string[]): void {
    for (const key of keys) this.#written.delete(key);
    if (this.#written.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #observe(): void {
    this.#timer = undefined;
    if (this.#isStopped) return;
    const { clock, isMany, release, sweep } = this.#options;
    release([...this.#written].filter(([, id]) => this.#untold.has(id)).map(([key]) => key));
    const rest = this.#restUntil - clock.monotonic();
    if (!isMany(this.#written.size)) release(this.keys);
    else if (rest <= 0) sweep();
    else this.#timer = clock.setTimeout(() => this.#observe(), rest);
  }
}
