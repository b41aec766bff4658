/**
 * Rules about the fields of a kind.
 *
 * @module
 */

/** Rules about the fields of `desired`, as data. */
export interface FieldRules {
  /** Fields that cannot be changed after creation. */
  readonly immutable?: readonly string[];
  /** Fields that only a create reads: they are never compared with the state in Databricks. */
  readonly createOnly?: readonly string[];
  /** Fields that a create cannot set, so that an update follows it. */
  readonly updateOnly?: readonly string[];
  /** Fields that Databricks never returns: after a write they are assumed to have the requested values. */
  readonly unread?: readonly string[];
  /** Fields that Databricks computes: they are never compared. */
  readonly outputOnly?: readonly string[];
  /** Fields that Databricks fills in while another field is set, and that a manifest does not name beside it. */
  readonly computed?: Readonly<Record<string, string>>;
  /** Lists whose elements have a key, by path: `{ "tasks": "task_key", "tasks.depends_on": "task_key" }`. */
  readonly keyedBy?: Readonly<Record<string, string>>;
  /** Lists without keys whose order has no meaning, by path. */
  readonly unordered?: readonly string[];
  /** Text fields that Databricks may spell differently, by path, with a function that maps equal spellings to one. */
  readonly spelling?: Readonly<Record<string, (text: string) => string>>;
  /**
   * Predicates by path: true if Databricks' answer is equivalent to the requested value. `answered` is `undefined` if
   * the answer omits the field.
   */
  readonly answers?: Readonly<Record<string, (asked: unknown, answered: unknown) => boolean>>;
  /**
   * Top-level fields that are left alone unless the manifest sets one of the named fields: their values are then not
   * drift.
   */
  readonly onlyIfAsked?: Readonly<Record<string, readonly string[]>>;
  /** True if an update replaces all fields, so that it removes those that the manifest does not name. */
  readonly replaces?: boolean;
  /** The default values of top-level fields: a take-over does not announce their removal. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Top-level fields that no call can clear once they are set. */
  readonly irremovable?: readonly string[];
  /** Names of fields, at any depth, whose values no message shows. */
  readonly confidential?: readonly string[];
}

/** The top-level field of a path: `schedule` for `schedule.timezone_id`, `tasks` for `tasks[etl]`. */
export function topField(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** The top-level fields of paths, each once. */
export function topFields(paths: readonly string[]): string[] {
  return [...new Set(paths.map(topField))];
}
