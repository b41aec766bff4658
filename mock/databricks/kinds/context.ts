/**
 * The context that the kinds of one workspace share: its clock, its user, its doubts.
 *
 * @module
 */
import type { Doubts } from "../doubts.ts";

/** The parts of a workspace that a kind uses. */
export interface KindContext {
  /** ms since the epoch. */
  readonly now: () => number;
  /** The user whose token the workspace accepts. */
  readonly user: string;
  readonly doubts: Doubts;
  /** The time that starting, stopping and deleting take (ms); with 0 they complete at once. */
  readonly startMs: number;
  /** Updates of pipelines end by the clock after as many seconds; without it, only on request. */
  readonly runSeconds?: number | undefined;
  /** The lag of lists behind writes, where a doubt says that they lag (ms). */
  readonly listLagMs?: number;
  /** True when a folder stands at a path of the workspace. */
  readonly isFolder: (path: string) => boolean;
}
