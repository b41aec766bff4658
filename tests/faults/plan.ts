/**
 * Plans: a plan defines which faults occur, and where.
 *
 * @module
 */

/** A fault at a point. */
export type Strike =
  /** The process is killed (SIGKILL) before the request takes effect, or after that and before its answer. */
  | { readonly how: "kill-before" | "kill-after" }
  /** The request takes effect, and the connection breaks before the answer. */
  | { readonly how: "lost" }
  /** Another answer; with `kept`, the request takes effect all the same. */
  | {
    readonly how: "answer";
    readonly status: number;
    readonly body: string;
    readonly retryAfter?: number;
    kept?: true;
  }
  /** No answer, ever. */
  | { readonly how: "hang"; readonly kept?: true }
  /** Half of the answer's JSON, as if it were complete. */
  | { readonly how: "truncated" }
  /** The answer comes late. */
  | { readonly how: "slow"; readonly ms: number }
  /** A read gets the first answer to the same read. */
  | { readonly how: "stale" }
  /** A fault of a watch's event. */
  | { readonly how: "silent" | "cut" | "duplicated" | "withheld" | "gone" | "closed" };

/** A strike at a point. */
export interface Blow {
  readonly phase: string;
  readonly side: "kubernetes" | "databricks";
  readonly point: string;
  /** The number of the request to this point in this phase, counting from 1. */
  readonly occurrence: number;
  /** The number of consecutive requests that are struck; 1 by default. */
  readonly times?: number;
  readonly strike: Strike;
}

/** A plan. */
export interface Plan {
  /** The name for `--plan`. */
  readonly name: string;
  readonly group: string;
  readonly story: string;
  readonly blows: readonly Blow[];
}

/** An I/O point of a run without faults. */
export type Point = Pick<Blow, "phase" | "side" | "point" | "occurrence">;

/** Counts requests, and decides which are struck. */
export class Striker {
  readonly #blows: readonly Blow[];
  readonly #counts = new Map<string, number>();
  readonly #hits = new Set<Blow>();
  /** The time of the last strike (ms); earlier than all times before the first one. */
  lastAt = -Infinity;

  constructor(blows: readonly Blow[]) {
    this.#blows = blows;
  }

  /** Counts a request to a point; returns its occurrence, and the strike if there is one. */
  at(place: Pick<Point, "phase" | "side" | "point">): { occurrence: number; strike: Strike | undefined } {
    const key = `${place.phase} ${place.side} ${place.point}`;
    const occurrence = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, occurrence);
    const blow = this.#blows.find(({ phase, side, point, occurrence: first, times = 1 }) =>
      phase === place.phase && side === place.side && point === place.point &&
      occurrence >= first && occurrence < first + times
    );
    if (blow !== undefined) {
      this.#hits.add(blow);
      this.lastAt = performance.now();
    }
    return { occurrence, strike: blow?.strike };
  }

  /** The blows that were not used. */
  get missed(): Blow[] {
    return this.#blows.filter((blow) => !this.#hits.has(blow));
  }
}

/** The part of a plan's name for a point: `create/PATCH databricksjobs/status#2`. */
export function nameOf({ phase, point, occurrence }: Point): string {
  return `${phase}/${point}#${occurrence}`;
}
