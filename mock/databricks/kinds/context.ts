/**
 * What the kinds of one workspace share: its clock, its user, its doubts.
 *
 * @module
 */
import type { Doubts } from "../doubts.ts";

/** What a kind of a workspace is made of. */
export interface KindContext {
  /** ms since the epoch. */
  readonly now: () => number;
  /** Whose token the workspace takes. */
  readonly user: string;
  readonly doubts: Doubts;
  /** How long what starts takes to start, and what stops or is deleted to end (ms); 0: it is done at once. */
  readonly startMs: number;
}
