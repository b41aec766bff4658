/**
 * Descriptions of the fields of Databricks types in manifests, for `kubectl explain` and the reference page.
 *
 * The texts are this project's own. Each states the unit, and the default if it is well known; the values of an enum
 * are added when a schema is built.
 *
 * @module
 */

import { aiFunctionTasks } from "./descriptions/ai_functions.ts";
import { apps } from "./descriptions/apps.ts";
import { clusters } from "./descriptions/clusters.ts";
import { settings, triggers } from "./descriptions/job.ts";
import { otherTasks } from "./descriptions/other_tasks.ts";
import { pipelines } from "./descriptions/pipelines.ts";
import { runs } from "./descriptions/runs.ts";
import { requests, tasks } from "./descriptions/tasks.ts";

const workspace = {
  "workspace.SparseCheckout": { patterns: "Folders to check out, in cone mode." },
  "workspace.AclItem": {
    principal: "A user, group or service principal.",
    permission: "What it may do; each value includes the weaker ones.",
  },
};

/** Descriptions by type and field: `descriptions["jobs.JobSettings.max_concurrent_runs"]`. */
export const descriptions: Readonly<Record<string, string>> = flatten({
  ...settings,
  ...triggers,
  ...tasks,
  ...otherTasks,
  ...aiFunctionTasks,
  ...clusters,
  ...requests,
  ...runs,
  ...pipelines,
  ...apps,
  ...workspace,
});

function flatten(types: Record<string, Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(types).flatMap(([type, fields]) =>
      Object.entries(fields).map(([field, text]) => [`${type}.${field}`, text])
    ),
  );
}
