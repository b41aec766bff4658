/**
 * The JSON that the server of `ui` sends to the page. Types only: the page is bundled separately.
 *
 * @module
 */

/** The state of an object, the most urgent first. */
export type State = "failed" | "approval" | "unknown" | "working" | "deleting" | "ready";

/** An object in the list. */
export interface Row {
  /** `kind/namespace/name`. */
  readonly key: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: State;
  /** The reason and message of its conditions, in one line. */
  readonly reason: string;
  readonly message: string;
}

/** The page's summary. */
export interface About {
  readonly server: string;
  readonly namespaces: readonly string[] | "all";
  /** What is not shown, and why. */
  readonly notes: readonly string[];
}

/** The first message of the stream: everything. */
export interface Snapshot {
  readonly about: About;
  readonly rows: readonly Row[];
}

/** A later message of the stream: the changes since the previous one. */
export interface Update {
  readonly about: About;
  readonly rows: readonly Row[];
  /** The keys of objects that are gone. */
  readonly gone: readonly string[];
  /** The keys of objects that have new Events. */
  readonly touched: readonly string[];
}

/** A condition. */
export interface ConditionRow {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
}

/** A change that waits for an approval. */
export interface PlanView {
  readonly action: string;
  readonly cause: string;
  readonly since: string;
  readonly summary: string;
  readonly destructive: string;
  readonly cost: string;
  readonly total: number;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  /** The command that approves it. */
  readonly command?: string | undefined;
}

/** A run on the time line. */
export interface RunView {
  /** The key of its DatabricksRun; absent for a run that has none. */
  readonly key?: string | undefined;
  readonly name: string;
  readonly phase: string;
  readonly started: string;
  readonly ended: string;
  readonly message: string;
  readonly url?: string | undefined;
}

/** A task of a run. */
export interface TaskView {
  readonly key: string;
  readonly phase: string;
  readonly message: string;
  readonly url?: string | undefined;
}

/** An Event. */
export interface EventView {
  /** The object that it is about. */
  readonly key: string;
  readonly reason: string;
  readonly message: string;
  readonly isWarning: boolean;
  readonly count: number;
  readonly at: string;
}

/** An object with everything that the page shows of it. */
export interface Detail {
  readonly row: Row;
  readonly created: string;
  /** The id and the page in Databricks. */
  readonly id: string;
  readonly url?: string | undefined;
  readonly conditions: readonly ConditionRow[];
  readonly plan?: PlanView | undefined;
  readonly runs: readonly RunView[];
  readonly tasks: readonly TaskView[];
  /** The newest first. */
  readonly events: readonly EventView[];
  /** The manifest's spec, as YAML. */
  readonly spec: string;
}
