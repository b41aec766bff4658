/**
 * Evidence for oracles: everything that is known about one plan after it was played. Plain data, so that an oracle is a
 * pure function, and the same one serves real processes and a simulation.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";

/** One request of the operator, as its door to one side saw it. */
export interface Sent {
  readonly side: "kubernetes" | "databricks";
  /** Arrival (ms). */
  readonly at: number;
  /** The time at which its answer, or the end of its connection, was sent (ms); absent while it is under way. */
  ended?: number;
  readonly phase: string;
  /** The number of the operator's process that sent it, from 1. */
  readonly process: number;
  readonly method: string;
  readonly path: string;
  /** The path without what differs from run to run: `PATCH databricksjobs/status`, `POST /api/2.2/jobs/create`. */
  readonly point: string;
  readonly body: string;
  readonly authorization: string;
  /** The status that the operator got; 0 when it got none. */
  status: number;
  /** The status of the true answer; absent when the request never got there, so that it had no effect. */
  effect?: number;
  /** Seconds in Retry-After of the answer that the operator got. */
  retryAfter?: number;
  /** After a write of Databricks: how many external resources the object has. */
  alive?: number;
  /** Before a write that takes our finalizer away: how many external resources the object has. */
  aliveAtRelease?: number;
  /** After a write of a status with Ready=True: whether Databricks holds what that generation asks for. */
  holds?: boolean;
}

/** One life of the operator. */
export interface Life {
  readonly log: string;
  readonly errors: string;
  /** The end: `killed` by the plan, or by itself. */
  readonly end: "killed" | "term" | "itself";
  readonly code: number;
  /** From the signal to the end (s). */
  readonly seconds: number;
  /** Open file descriptors before the end, where that was looked at. */
  readonly descriptors?: number;
}

/** The state of both sides at the end of each phase, with what differs from run to run masked. */
export type Snapshots = Readonly<Record<string, unknown>>;

/** All that is known about a plan that was played. */
export interface Evidence {
  readonly sent: readonly Sent[];
  readonly lives: readonly Life[];
  /** The states of the object, in order, as a watch of the test's own told them. */
  readonly history: readonly KubeObject[];
  readonly snapshots: Snapshots;
  /** Those of the run without faults. */
  readonly reference: Snapshots;
  /** Creates and deletes that had an effect in the run without faults: `POST /api/2.2/jobs/create` → 1. */
  readonly referenceCounts: Readonly<Record<string, number>>;
  /** The length of each phase (s). */
  readonly seconds: Readonly<Record<string, number>>;
  /** The writes in the quiet phase, which must have none. */
  readonly restless: readonly string[];
  /** The number of external resources that the object has at the end; without it, after the last write. */
  readonly left?: number;
  /** Ids and names of what belongs to somebody else. */
  readonly foreign: readonly string[];
  /** Texts that must appear nowhere but where they are sent. */
  readonly secrets: readonly string[];
  /** The token of the only namespace. */
  readonly token: string;
  /** All that people can read: events, and the metrics' text. */
  readonly told: string;
  /** The granted verbs: `databricksjobs/status` → verbs. */
  readonly granted: Readonly<Record<string, readonly string[]>>;
}

/** A finding of an oracle. */
export interface Finding {
  /** Such as `O3`. */
  readonly oracle: string;
  readonly message: string;
}

/** A rule that every run has to keep. */
export interface Oracle {
  readonly id: string;
  readonly title: string;
  readonly check: (evidence: Evidence) => string[];
}
