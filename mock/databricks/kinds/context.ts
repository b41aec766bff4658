/**
 * The context shared by the kinds of one workspace: its clock, its user, its doubts.
 *
 * @module
 */
import type { Doubts } from "../doubts.ts";

/** The parts of a workspace that a kind uses. */
export interface KindContext {
  /** The time (ms since the epoch). */
  readonly now: () => number;
  /** The owner of the token that the workspace accepts. */
  readonly user: string;
  readonly doubts: Doubts;
  /** The duration of starting, stopping and deleting (ms); with 0 they complete at once. */
  readonly startMs: number;
  /** The duration of a pipeline's update (s); without it, updates end only on request. */
  readonly runSeconds?: number | undefined;
  /** How long lists lag behind writes if a doubt says that they do (ms). */
  readonly listLagMs?: number;
  /** True if there is a folder at a path of the workspace. */
  readonly isFolder: (path: string) => boolean;
}
