/**
 * Doubts about runs.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about runs. */
export const runDoubts = {
  runState: doubt({
    question: "Does a run of 2.2 have `state` (deprecated), `status` or both?",
    answers: ["state only", "both", "status only"],
    default: "both",
    source: "the SDK has both and calls state deprecated; silent about its removal in 2.2",
    mark: "U",
    drawn: true,
  }),
  failedRunState: doubt({
    question: "Which life_cycle_state does a run with a failed task have?",
    answers: ["TERMINATED", "INTERNAL_ERROR"],
    default: "TERMINATED",
    source:
      "INTERNAL_ERROR with result FAILED in recordings of Airflow users; TERMINATED in the example of the reference",
    mark: "S",
    drawn: true,
  }),
  missingRunMessage: doubt({
    question: "Which message does a get of a run that does not exist return?",
    answers: ["Run 1 does not exist.", "Run: 1 in job: 2 doesn't exist"],
    default: "Run 1 does not exist.",
    source: "both are quoted in issues of Airflow and of terraform-provider-databricks",
    mark: "S",
    drawn: true,
  }),
  runNowContinuous: doubt({
    question: "What does run-now do with a continuous job that has an active run?",
    answers: ["409", "restarts"],
    default: "restarts",
    source:
      "the documentation offers 'Restart run' for it, and 'Run now' for a paused one; a race was seen to return 409 CONFLICT",
    mark: "U",
    drawn: true,
  }),
  repairStart: doubt({
    question: "Does a repair change the start_time of its run?",
    answers: ["changes it", "leaves it"],
    default: "changes it",
    source: "repair_history has a start_time for each repair; the reference is silent about the run's own",
    mark: "U",
    drawn: true,
  }),
  repairLag: doubt({
    question: "When does runs/get show a repair?",
    answers: ["none", "seconds"],
    default: "none",
    source: "Airflow PR #68358: after a repair, the run may show its former final state for a while",
    mark: "S",
  }),
  staleRepairId: doubt({
    question: "What does runs/repair do with a latest_repair_id that is out of date?",
    answers: ["refused", "accepted"],
    default: "refused",
    source: "databricks-sdk-py#157 quotes the error for a missing one; no source for an outdated one",
    mark: "U",
    drawn: true,
  }),
  cancelEnd: doubt({
    question: "Is a cancelled run TERMINATING for a while before it ends?",
    answers: ["at once", "TERMINATING first"],
    default: "at once",
    source: "the reference calls runs/cancel asynchronous; MockOptions.listLagMs sets how long",
    mark: "S",
  }),
  bothDays: doubt({
    question: "Does Databricks accept a cron expression without `?` for day of month or day of week?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "org.quartz.CronExpression rejects it; no source says whether Databricks uses Quartz for validation",
    mark: "S",
    drawn: true,
  }),
  unknownJobParameter: doubt({
    question: "What does run-now do with a job_parameter that its job does not declare?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "databricks/cli itself rejects it for a job that declares none (PR #1115); the reference is silent",
    mark: "U",
  }),
  idempotencyTokenLife: doubt({
    question: "For how long does an idempotency token of run-now return the same run?",
    answers: ["for ever", "an hour"],
    default: "for ever",
    source: "the reference is silent",
    mark: "U",
    drawn: true,
  }),
};
