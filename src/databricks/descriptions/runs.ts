/**
 * Descriptions of a run's manifest; the fields that runs share with jobs are described in the other files.
 *
 * @module
 */
import { settings } from "./job.ts";
import { requests, tasks } from "./tasks.ts";

/** Descriptions by type and field. */
export const runs = {
  "jobs.RunSpec": {
    ...requests["jobs.RunNowRequest"],
    job_id: "The job to run, by its id in Databricks.",
    pipeline_id: "The pipeline to update, by its id in Databricks.",
    submit: "Tasks to run once, without a job.",
    update: "The settings of the update of a pipeline.",
    suspend: "true: the run is not started until this is false. It has no effect once it is started.",
    cancel: "true: the run is cancelled; one that was not started yet never is.",
    active_deadline_seconds: "So many seconds after its start the run is cancelled, and has failed.",
    repair: "Runs failed tasks again, in the same run.",
    retry: "Repairs the run by itself when it failed for certain reasons.",
    output: "What of the tasks' output goes into status.",
    ttl_seconds_after_finished: "So many seconds after its end the object is deleted; the run stays.",
  },
  "jobs.RequestedRunSpec": {
    ...requests["jobs.RunNowRequest"],
    attempt: "Another number runs the job again, with the same parameters too. It is not sent.",
  },
  "jobs.RunOutputSpec": {
    collect: "none; errors: those of failed tasks (default); all: also what tasks returned or printed.",
    max_bytes: "So many bytes of it stand in status in all: 4096 without it, 65536 at most.",
  },
  "jobs.RunRepairSpec": {
    attempt: "1 asks for a repair, a higher number for another one.",
    rerun_all_failed_tasks: "All failed tasks, which is so unless `rerun_tasks` are given.",
    rerun_dependent_tasks: "Also the tasks that depend on them.",
    rerun_tasks: "The tasks to run again, instead of the failed ones.",
  },
  "jobs.RunRetrySpec": {
    on: "Termination codes of the run or a task: CLUSTER_ERROR for example. Without it: all.",
    repairs: "How often it is repaired at most.",
  },
  "jobs.RunsHistorySpec": {
    failed: "Of those that failed, were cancelled or skipped. All without it.",
    successful: "Of those that succeeded. All without it.",
  },
  "jobs.RunSubmit": {
    ...settings["jobs.JobSettings"],
    access_control_list: "Who may see and manage the run.",
    run_name: "The run's name; metadata.name without it.",
    tasks: "The tasks; each brings its own compute.",
    timeout_seconds: "Seconds after which Databricks ends the run; 0 for never.",
    environment_variables: "Sets of environment variables for tasks, by key.",
  },
  "jobs.SubmitTask": tasks["jobs.Task"],
  "jobs.JobAccessControlRequest": {
    group_name: "A group; instead of a user.",
    permission_level: "What they may do.",
    service_principal_name: "A service principal, by its application id; instead of a user.",
    user_name: "A user, by e-mail address.",
  },
};
