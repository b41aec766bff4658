/**
 * Evidence for oracles: everything that is known about one plan after it was played. It is plain data, so that an
 * oracle is a pure function and works for real processes and for a simulation.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";

/** One request of the operator, as recorded by the door to one side. */
export interface Sent {
  readonly side: "kubernetes" | "databricks";
  /** The time of its arrival (ms). */
  readonly at: number;
  /** The time at which its answer, or the end of its connection, was sent (ms); missing while it is in flight. */
  ended?: number;
  readonly phase: string;
  /** The number of the operator's process that sent it, counting from 1. */
  readonly process: number;
  readonly method: string;
  readonly path: string;
  /** The path without what differs between runs: `PATCH databricksjobs/status`, `POST /api/2.2/jobs/create`. */
  readonly point: string;
  readonly body: string;
  readonly authorization: string;
  /** The status that the operator got; 0 if it got none. */
  status: number;
  /** The status of the real answer; missing if the request never arrived, so that it had no effect. */
  effect?: number;
  /** The seconds in Retry-After of the answer that the operator got. */
  retryAfter?: number;
  /** After a write to Databricks: the number of the object's external resources. */
  alive?: number;
  /** Before a write that removes the operator's finalizer: the number of the object's external resources. */
  aliveAtRelease?: number;
  /** After a write of a status with Ready=True: whether Databricks matches that generation. */
  holds?: boolean;
}

/** One life of the operator. */
export interface Life {
  readonly log: string;
  readonly errors: string;
  /** The cause of its end: killed by the plan, SIGTERM, or by itself. */
  readonly end: "killed" | "term" | "itself";
  readonly code: number;
  /** The time from the signal to the end (s). */
  readonly seconds: number;
  /** The number of open file descriptors before the end, if it was counted. */
  readonly descriptors?: number;
}

/** The masked state of both sides at the end of each phase. */
export type Snapshots = Readonly<Record<string, unknown>>;

/** Everything that is known about a plan that was played. */
export interface Evidence {
  readonly sent: readonly Sent[];
  readonly lives: readonly Life[];
  /** The states of the object, in order, from the test's own watch. */
  readonly history: readonly KubeObject[];
  readonly snapshots: Snapshots;
  /** The snapshots of the run without faults. */
  readonly reference: Snapshots;
  /** Creates and deletes that had an effect in the run without faults: `POST /api/2.2/jobs/create` → 1. */
  readonly referenceCounts: Readonly<Record<string, number>>;
  /** The length of each phase (s). */
  readonly seconds: Readonly<Record<string, number>>;
  /** The writes in the quiet phase, which must not have any. */
  readonly restless: readonly string[];
  /** The number of the object's external resources at the end; by default, after the last write. */
  readonly left?: number;
  /** The ids and names of resources of somebody else. */
  readonly foreign: readonly string[];
  /** Texts that must appear only in the requests that send them. */
  readonly secrets: readonly string[];
  /** The token of the only namespace. */
  readonly token: string;
  /** Everything that people can read: events, and the states of the object. */
  readonly told: string;
  /** The granted verbs: `databricksjobs/status` → verbs. */
  readonly granted: Readonly<Record<string, readonly string[]>>;
}

/** A finding of an oracle. */
export interface Finding {
  /** The name of the oracle, such as `O3`. */
  readonly oracle: string;
  readonly message: string;
}

/** A rule that every run must keep. */
export interface Oracle {
  readonly id: string;
  readonly title: string;
  readonly check: (evidence: Evidence) => string[];
}
