/**
 * Values that Databricks adds by itself and that a manifest need not contain, by kind and path. `[]` is each element.
 *
 * Sources: the Jobs API 2.2 reference (docs.databricks.com/api/workspace/jobs/create, "default").
 *
 * @module
 */
import { canonicalJson, isObject } from "../../base/json.ts";
import { jobFields } from "../../databricks/answers/jobs.ts";

/** The values, by kind and path below `spec`. */
const QUIET: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  DatabricksJob: {
    ...Object.fromEntries(Object.entries(jobFields.defaults).map(([field, value]) => [`job.settings.${field}`, value])),
    "job.settings.tasks[].email_notifications": {},
    "job.settings.tasks[].webhook_notifications": {},
    "job.settings.tasks[].libraries": [],
    "job.settings.tasks[].max_retries": 0,
    "job.settings.tasks[].min_retry_interval_millis": 0,
    "job.settings.tasks[].retry_on_timeout": false,
    "job.settings.tasks[].run_if": "ALL_SUCCESS",
    "job.settings.tasks[].timeout_seconds": 0,
    "job.settings.tasks[].disable_auto_optimization": false,
  },
};

/**
 * A `spec` without values that Databricks adds by itself. Empty objects elsewhere stay: `continuous: {}` has a meaning.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { withoutQuiet } from "./quiet.ts";
 *
 * const settings = { format: "MULTI_TASK", name: "etl", tasks: [{ task_key: "a", max_retries: 0, libraries: [] }] };
 * assert.deepEqual(withoutQuiet("DatabricksJob", { job: { settings } }), {
 *   job: { settings: { name: "etl", tasks: [{ task_key: "a" }] } },
 * });
 * ```
 */
export function withoutQuiet(kind: string, spec: Record<string, unknown>): Record<string, unknown> {
  return walk(spec, { quiet: QUIET[kind] ?? {}, path: "" }) as Record<string, unknown>;
}

interface Place {
  readonly quiet: Readonly<Record<string, unknown>>;
  readonly path: string;
}

function walk(value: unknown, { quiet, path }: Place): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, { quiet, path: `${path}[]` }));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, content]) => {
      const below = path === "" ? name : `${path}.${name}`;
      if (isQuiet(content, quiet[below])) return [];
      return [[name, walk(content, { quiet, path: below })]];
    }),
  );
}

function isQuiet(value: unknown, standard: unknown): boolean {
  return standard !== undefined && canonicalJson(value) === canonicalJson(standard);
}
