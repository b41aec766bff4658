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
    job_id: "The id of the job to run.",
    pipeline_id: "The id of the pipeline to update.",
    submit: "Tasks to run once, without a job.",
    update: "The settings of the update of a pipeline.",
    suspend: "true: the run does not start until this is false. Without effect after the start.",
    cancel: "true: cancel the run. A run that has not started never starts.",
    active_deadline_seconds: "The run is cancelled and counts as failed this many seconds after its start.",
    repair: "Run failed tasks again, in the same run.",
    retry: "Repair the run automatically after certain failures.",
    output: "The part of the tasks' output to copy into status.",
    ttl_seconds_after_finished: "The object is deleted this many seconds after the end of the run; the run stays.",
  },
  "jobs.RequestedRunSpec": {
    ...requests["jobs.RunNowRequest"],
    attempt: "A new number runs the job again, also with the same parameters. It is not sent.",
  },
  "jobs.RunOutputSpec": {
    collect: "none; errors: errors of failed tasks (default); all: also results and printed output.",
    max_bytes: "The number of bytes to copy into status: 4096 by default, at most 65536.",
  },
  "jobs.RunRepairSpec": {
    attempt: "1 requests a repair, a higher number requests another one.",
    rerun_all_failed_tasks: "All failed tasks; the default, unless `rerun_tasks` is set.",
    rerun_dependent_tasks: "Also the tasks that depend on them.",
    rerun_tasks: "The tasks to run again, instead of the failed ones.",
  },
  "jobs.RunRetrySpec": {
    on: "Termination codes of the run or a task, such as CLUSTER_ERROR; all by default.",
    repairs: "The maximum number of repairs.",
  },
  "jobs.RunsHistorySpec": {
    failed: "How many failed, cancelled or skipped runs to keep; all by default.",
    successful: "How many successful runs to keep; all by default.",
  },
  "jobs.RunSubmit": {
    ...settings["jobs.JobSettings"],
    access_control_list: "The permissions on the run.",
    run_name: "The run's name; defaults to metadata.name.",
    tasks: "The tasks; each brings its own compute.",
    timeout_seconds: "The time limit of the run, in seconds; 0 for none.",
    environment_variables: "Sets of environment variables for tasks, by key.",
  },
  "jobs.SubmitTask": tasks["jobs.Task"],
  "jobs.JobAccessControlRequest": {
    group_name: "A group; instead of a user.",
    permission_level: "The permission level.",
    service_principal_name: "A service principal, by its application id; instead of a user.",
    user_name: "A user, by e-mail address.",
  },
};
