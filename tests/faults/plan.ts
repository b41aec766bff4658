/**
 * Plans: which faults strike, and where.
 *
 * @module
 */

/** A fault at a point. */
export type Strike =
  /** The process is killed (SIGKILL) before the request has an effect, or after that and before its answer. */
  | { readonly how: "kill-before" | "kill-after" }
  /** The request has its effect, and the connection breaks instead of an answer. */
  | { readonly how: "lost" }
  /** Another answer; `kept`: the request has its effect all the same. */
  | {
    readonly how: "answer";
    readonly status: number;
    readonly body: string;
    readonly retryAfter?: number;
    kept?: true;
  }
  /** No answer, ever. */
  | { readonly how: "hang"; readonly kept?: true }
  /** Half of the answer's JSON, as if it were all. */
  | { readonly how: "truncated" }
  /** The answer comes late. */
  | { readonly how: "slow"; readonly ms: number }
  /** A read is answered as the first one of its kind was. */
  | { readonly how: "stale" }
  /** A fault of a watch's event. */
  | { readonly how: "silent" | "cut" | "duplicated" | "withheld" | "gone" | "closed" };

/** A strike at a point. */
export interface Blow {
  readonly phase: string;
  readonly side: "kubernetes" | "databricks";
  readonly point: string;
  /** The number of the request to this point in this phase, from 1. */
  readonly occurrence: number;
  /** The number of requests in a row that are struck; 1 without it. */
  readonly times?: number;
  readonly strike: Strike;
}

/** A plan. */
export interface Plan {
  /** By which it can be asked for. */
  readonly name: string;
  readonly group: string;
  readonly story: string;
  readonly blows: readonly Blow[];
}

/** An I/O point of a run without faults. */
export type Point = Pick<Blow, "phase" | "side" | "point" | "occurrence">;

/** Counts requests, and tells which are struck. */
export class Striker {
  readonly #blows: readonly Blow[];
  readonly #counts = new Map<string, number>();
  readonly #hits = new Set<Blow>();

  constructor(blows: readonly Blow[]) {
    this.#blows = blows;
  }

  /** A request came to a point: which occurrence it is, and what becomes of it. */
  at(place: Pick<Point, "phase" | "side" | "point">): { occurrence: number; strike: Strike | undefined } {
    const key = `${place.phase} ${place.side} ${place.point}`;
    const occurrence = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, occurrence);
    const blow = this.#blows.find(({ phase, side, point, occurrence: first, times = 1 }) =>
      phase === place.phase && side === place.side && point === place.point &&
      occurrence >= first && occurrence < first + times
    );
    if (blow !== undefined) this.#hits.add(blow);
    return { occurrence, strike: blow?.strike };
  }

  /** The blows that found nothing to strike. */
  get missed(): Blow[] {
    return this.#blows.filter((blow) => !this.#hits.has(blow));
  }
}

/** A plan's part of a name: `create/PATCH databricksjobs/status#2`. */
export function nameOf({ phase, point, occurrence }: Point): string {
  return `${phase}/${point}#${occurrence}`;
}
