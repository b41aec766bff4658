/**
 * Repairs of a run: its failed tasks run again, in the same run.
 *
 * runs/repair takes no token. From the second repair on it requires the id of the latest one (Python SDK,
 * databricks-sdk-py#157), so two that are based on the same one cannot both start; and it takes the parameters again
 * (Airflow PR #46704).
 *
 * @module
 */
import * as z from "zod";
import { int64 } from "../../databricks/primitives.ts";
import { phaseOf, repairsOf, tasksOf, terminationOf } from "../../databricks/answers/runs.ts";
import { JobsRepairRun } from "../../databricks/types.ts";
import { type Again, endpoint, type Renewal } from "../../resource.ts";
import { type ObservedRun, repairing } from "./run_telling.ts";

/** How long (ms) a started repair may not show in its run; after that, the run's own state counts. */
const LAG_MS = 10 * 60_000;

/** The repairs that a manifest requests. */
export const Repair = z.looseObject({
  attempt: int64.describe("1 requests a repair; a higher number requests another one"),
  rerun_all_failed_tasks: z.boolean().describe("Run all failed tasks again; true unless rerun_tasks is set").optional(),
  rerun_tasks: z.array(z.string()).describe("The tasks to run again, instead of the failed ones").optional(),
  rerun_dependent_tasks: z.boolean().describe("Also the tasks that depend on them").optional(),
}).meta({ typeName: "jobs.RunRepairSpec" });

/** The conditions under which a run is repaired automatically. */
export const Retry = z.looseObject({
  repairs: int64.describe("The maximum number of repairs"),
  on: z.array(z.string()).describe(
    "The termination codes of the run or of a task, such as CLUSTER_ERROR; all by default",
  ).optional(),
}).meta({ typeName: "jobs.RunRetrySpec" });

type Asked = Record<string, unknown> & {
  readonly repair?: z.infer<typeof Repair> | undefined;
  readonly retry?: z.infer<typeof Retry> | undefined;
  readonly cancel?: boolean | undefined;
};

// It is not repeatable: a second call is a second repair if Databricks does not compare latest_repair_id.
/** The call that repairs. */
export const repairEndpoint = endpoint("POST /api/{jobs_api_version}/jobs/runs/repair");

const { run_id: _run, latest_repair_id: _latest, rerun_tasks: _tasks, ...shape } = JobsRepairRun.shape;
/** The parameters of the start that a repair accepts. */
const PARAMETERS = Object.keys(shape).filter((field) => !field.startsWith("rerun_"));

/** Repairs a run that has ended. */
export const renewal: Renewal<Asked, ObservedRun> = {
  noun: "repair",
  path: "spec.repair",
  lagMs: LAG_MS,
  past: (run) => repairsOf(run).map(({ id }) => id),
  wanted: ({ desired, observed, done }) => asked(desired, observed, done) ?? byRule(desired, observed, done),
  begin: async (workspace, id, { desired, attempt, latest }) => {
    const parameters = PARAMETERS.flatMap((field) => desired[field] === undefined ? [] : [[field, desired[field]]]);
    const { repair_id } = await workspace.call(repairEndpoint, {
      ...Object.fromEntries(parameters),
      ...(attempt === 0 ? { rerun_all_failed_tasks: true } : tasksToRun(desired)),
      run_id: BigInt(id),
      ...(latest === undefined ? {} : { latest_repair_id: BigInt(latest) }),
    });
    return String(repair_id);
  },
  awaited: repairing,
};

function tasksToRun({ repair }: Asked): Record<string, unknown> {
  const { attempt: _attempt, rerun_tasks: tasks = [], rerun_dependent_tasks, ...rest } = repair ?? { attempt: 0 };
  const dependent = rerun_dependent_tasks === undefined ? {} : { rerun_dependent_tasks };
  return tasks.length > 0
    ? { rerun_tasks: tasks, ...dependent }
    : { ...rest, rerun_all_failed_tasks: true, ...dependent };
}

function asked(
  { repair }: Asked,
  observed: ObservedRun,
  { attempt: done }: { readonly attempt: number },
): Again | undefined {
  const attempt = Number(repair?.attempt ?? 0);
  if (attempt <= done) return undefined;
  if (phaseOf(observed) !== "Succeeded" || (repair?.rerun_tasks ?? []).length > 0) return { attempt };
  return { attempt, problem: "the run succeeded, so no task failed: name the tasks in spec.repair.rerun_tasks" };
}

/** A person's repairs count towards the rule's limit: too few repairs do less harm than too many. */
function byRule({ retry, cancel }: Asked, run: ObservedRun, { asked }: { readonly asked: number }): Again | undefined {
  if (retry === undefined || cancel === true || phaseOf(run) !== "Failed") return undefined;
  if (repairsOf(run).length - asked >= Number(retry.repairs)) return undefined;
  const codes = [terminationOf(run)?.code, ...tasksOf(run).map(({ phase, code }) => phase === "Failed" ? code : "")];
  const isMeant = retry.on === undefined || retry.on.some((code) => codes.includes(code));
  return isMeant ? { attempt: 0 } : undefined;
}
