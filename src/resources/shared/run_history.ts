/**
 * The runs of a job as a history: found by a label, and kept up to the limits in the job's manifest.
 *
 * @module
 */
import * as z from "zod";
import { int64 } from "../../databricks/primitives.ts";
import type { History } from "../../resource.ts";

/** The label with the name of a run's DatabricksJob. */
const LABEL = "databricks-operator/job";
/** The label with the name of a run's DatabricksPipeline. */
const PIPELINE_LABEL = "databricks-operator/pipeline";
/** The longest value of a label. */
const MAX_LABEL = 63;

type Fields = Readonly<Record<string, unknown>>;

/** The number of finished DatabricksRuns that are kept for a job. */
export const RunsHistory = z.looseObject({
  successful: int64.describe("How many successful runs to keep; all by default").optional(),
  failed: int64.describe("How many failed, cancelled or skipped runs to keep; all by default").optional(),
}).meta({ typeName: "jobs.RunsHistorySpec" });

/** The name of a run's DatabricksJob. */
function jobOf({ job_ref }: Fields): string | undefined {
  return nameIn(job_ref);
}

function nameIn(reference: unknown): string | undefined {
  const { name } = (reference ?? {}) as { name?: unknown };
  return typeof name === "string" ? name : undefined;
}

/** The labels of a run: `kubectl get databricksruns -l databricks-operator/job=nightly`. A long name is cut. */
export function labels(spec: Fields): Record<string, string> {
  const entries = [[LABEL, jobOf(spec)], [PIPELINE_LABEL, nameIn(spec.pipeline_ref)]].flatMap(([label, whole]) => {
    const name = whole?.slice(0, MAX_LABEL).replace(/[^a-z0-9]+$/i, "");
    return name === undefined || name === "" ? [] : [[label, name]];
  });
  return Object.fromEntries(entries);
}

/** The rules for a job's finished runs. */
export const history: History = {
  kind: "DatabricksJob",
  nameIn: jobOf,
  limits: ({ runs_history }) => {
    const { successful, failed } = (runs_history ?? {}) as { successful?: unknown; failed?: unknown };
    return {
      ...(successful === undefined ? {} : { successful: Number(successful) }),
      ...(failed === undefined ? {} : { failed: Number(failed) }),
    };
  },
  isSuccessful: ({ phase }) => phase === "Succeeded",
  endedAt: ({ completion_time }) => String(completion_time ?? ""),
};
