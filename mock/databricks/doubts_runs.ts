/**
 * Doubts about runs.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about runs. */
export const runDoubts = {
  runState: doubt({
    question: "Which of `state` (deprecated) and `status` does a run of 2.2 have?",
    answers: ["state only", "both", "status only"],
    default: "both",
    source: "the SDK has both and calls state deprecated; whether it goes away in 2.2 is not said",
    mark: "U",
    drawn: true,
  }),
  failedRunState: doubt({
    question: "Which life_cycle_state has a run whose task failed?",
    answers: ["TERMINATED", "INTERNAL_ERROR"],
    default: "TERMINATED",
    source:
      "INTERNAL_ERROR with result FAILED in recorded answers of Airflow's users; TERMINATED in the reference's example",
    mark: "S",
    drawn: true,
  }),
  missingRunMessage: doubt({
    question: "In which words is a run answered that is not there?",
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
      "the documentation has 'Restart run' for it, and 'Run now' for a paused one; 409 CONFLICT is quoted for a race",
    mark: "U",
    drawn: true,
  }),
  repairStart: doubt({
    question: "Does a repair move the start_time of its run?",
    answers: ["moves it", "leaves it"],
    default: "moves it",
    source: "repair_history has a start_time for each repair; of the run's own the reference says nothing",
    mark: "U",
    drawn: true,
  }),
  repairLag: doubt({
    question: "Does runs/get show a repair at once?",
    answers: ["none", "seconds"],
    default: "none",
    source: "Airflow PR #68358: after a repair the state may be the former, ended one for a while",
    mark: "S",
  }),
  staleRepairId: doubt({
    question: "What does runs/repair do with a latest_repair_id that is not the latest?",
    answers: ["refused", "accepted"],
    default: "refused",
    source: "databricks-sdk-py#157 quotes the refusal where it is missing; of one that is stale nobody tells",
    mark: "U",
    drawn: true,
  }),
  cancelEnd: doubt({
    question: "Is a run that is cancelled TERMINATING for a while before it ends?",
    answers: ["at once", "TERMINATING first"],
    default: "at once",
    source: "the reference calls runs/cancel asynchronous; MockOptions.listLagMs says for how long here",
    mark: "S",
  }),
  bothDays: doubt({
    question: "What becomes of a cron expression without `?` for either of day of month and day of week?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "org.quartz.CronExpression refuses it; whether Databricks lets Quartz judge is not said",
    mark: "S",
    drawn: true,
  }),
  unknownJobParameter: doubt({
    question: "What does run-now do with a job_parameter that its job does not declare?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "databricks/cli refuses it itself for a job that declares none (PR #1115); the reference does not say",
    mark: "U",
  }),
  idempotencyTokenLife: doubt({
    question: "How long does an idempotency token of run-now keep its run?",
    answers: ["for ever", "an hour"],
    default: "for ever",
    source: "the reference gives no time",
    mark: "U",
    drawn: true,
  }),
};
