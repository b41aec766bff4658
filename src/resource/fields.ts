/**
 * Rules about the fields of a kind.
 *
 * @module
 */

/** Rules about the fields of `desired`, as data. */
export interface FieldRules {
  /** Fields that cannot be changed after creation. */
  readonly immutable?: readonly string[];
  /** Fields that only a create reads: they are never compared with what Databricks holds. */
  readonly createOnly?: readonly string[];
  /** Fields that a create cannot set, so that an update follows it. */
  readonly updateOnly?: readonly string[];
  /** Fields that Databricks never answers: after our write they are taken to be as they were asked for. */
  readonly unread?: readonly string[];
  /** Fields that Databricks computes: never compared. */
  readonly outputOnly?: readonly string[];
  /** Fields that Databricks fills in while another one is set, and that a manifest does not name beside that one. */
  readonly computed?: Readonly<Record<string, string>>;
  /** Lists whose elements have a key, by path: `{ "tasks": "task_key", "tasks.depends_on": "task_key" }`. */
  readonly keyedBy?: Readonly<Record<string, string>>;
  /** Lists without keys whose order means nothing, by path. */
  readonly unordered?: readonly string[];
  /** Text fields that Databricks may spell in another way, by path, with what makes two spellings equal. */
  readonly spelling?: Readonly<Record<string, (text: string) => string>>;
  /**
   * Predicates by path: true when Databricks' answer stands for the value that was asked for. `answered` is `undefined`
   * where the field is left out.
   */
  readonly answers?: Readonly<Record<string, (asked: unknown, answered: unknown) => boolean>>;
  /** Top-level fields that are left alone unless the manifest sets one of the named: what they hold is then no drift. */
  readonly onlyIfAsked?: Readonly<Record<string, readonly string[]>>;
  /** True when an update replaces all fields, so that it removes what the manifest does not name. */
  readonly replaces?: boolean;
  /** The default values of top-level fields: a take-over does not announce their removal. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Top-level fields that no call can clear once they are set. */
  readonly irremovable?: readonly string[];
  /** Names of fields, at any depth, whose values no message shows. */
  readonly confidential?: readonly string[];
}

/** The top-level field of a path: `schedule` of `schedule.timezone_id`, `tasks` of `tasks[etl]`. */
export function topField(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** The top-level fields of paths, each once. */
export function topFields(paths: readonly string[]): string[] {
  return [...new Set(paths.map(topField))];
}
