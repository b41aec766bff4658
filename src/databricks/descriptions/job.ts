/**
 * Descriptions of a job: its settings and triggers.
 *
 * @module
 */

/** The events of both e-mail and webhook notifications. */
const notificationEvents = {
  on_duration_warning_threshold_exceeded: "Notified when a run takes longer than its health rule allows.",
  on_failure: "Notified when a run fails.",
  on_maintenance_complete: "Notified when the maintenance of a continuous run ends.",
  on_maintenance_start: "Notified when the maintenance of a continuous run begins.",
  on_start: "Notified when a run starts.",
  on_streaming_backlog_exceeded: "Notified when a streaming backlog stays above its health rule's threshold.",
  on_success: "Notified when a run succeeds.",
};

const emailNotifications = {
  ...notificationEvents,
  no_alert_for_skipped_runs: "Send nothing for skipped runs. Superseded by notification_settings.",
};

const runNotificationSettings = {
  no_alert_for_canceled_runs: "Send nothing when a run was canceled.",
  no_alert_for_skipped_runs: "Send nothing when a run was skipped.",
};

const minTimeBetweenTriggers = "The minimum number of seconds between two runs.";

const waitAfterLastChange = "Seconds without a further change before a run starts.";

/** The settings of a job. */
export const settings = {
  "jobs.JobSettings": {
    budget_policy_id: "The budget policy that serverless usage is charged to.",
    continuous: "Keep one run active at all times. Excludes schedule and trigger.",
    deployment: "The tool that deploys the job, such as a bundle.",
    description: "The purpose of the job; at most 27,700 bytes.",
    duration_target: "The expected duration of a run.",
    edit_mode: "Whether the web application lets people edit the job.",
    email_notifications: "Recipients of e-mails about runs.",
    environment_variables: "Sets of environment variables that tasks refer to.",
    environments: "Serverless environments that tasks refer to.",
    format: "The old single-task or the multi-task form; ignored by Jobs API 2.2.",
    git_source: "The Git repository with the code of the tasks.",
    health: "Limits beyond which a run counts as unhealthy.",
    job_clusters: "Clusters that the tasks of a run share; they refer to them by job_cluster_key.",
    max_concurrent_runs: "The maximum number of active runs; 1 by default, 0 skips every run.",
    name: "The job's name. Names need not be unique in Databricks.",
    notification_settings: "The cases in which no notification is sent.",
    parameters: "Job parameters and their defaults.",
    parent_path: "The workspace folder in which the job appears.",
    performance_target: "How fast serverless compute starts and runs.",
    queue: "Whether runs wait in a queue when they cannot start at once.",
    run_as: "The user or service principal that the job runs as; defaults to its creator.",
    schedule: "Start runs on a schedule. Excludes continuous and trigger.",
    tags: "Tags, for search and for the clusters' costs; at most 25.",
    tasks: "The tasks of a run; at most 1,000.",
    timeout_seconds: "The time limit of a run, in seconds; 0, the default, means none.",
    trigger: "Start runs by an event. Excludes continuous and schedule.",
    triggers: "Several triggers side by side.",
    usage_policy_id: "The usage policy that serverless usage is charged to.",
    webhook_notifications: "Notification destinations for runs.",
  },
  "jobs.Continuous": {
    maintenance_window: "The time window in which a run may be restarted for maintenance.",
    pause_status: "Whether new runs are paused; UNPAUSED by default.",
    task_retry_mode: "Whether failed tasks are retried within a run.",
  },
  "jobs.ContinuousTriggerConfiguration": {
    maintenance_window: "The time window in which a run may be restarted for maintenance.",
    task_retry_mode: "Whether failed tasks are retried within a run.",
  },
  "jobs.MaintenanceWindow": {
    start_hour: "The hour at which the window opens, 0 to 23.",
    day_of_week: "The day of the week.",
    timezone_id: "The time zone of the hour, such as Europe/Berlin.",
  },
  "jobs.JobDeployment": {
    kind: "The tool that deploys the job.",
    deployment_id: "The deployment's id.",
    metadata_file_path: "The workspace path of the deployment's metadata.",
    version_id: "The deployment's version.",
  },
  "jobs.JobEmailNotifications": emailNotifications,
  "jobs.TaskEmailNotifications": emailNotifications,
  "jobs.WebhookNotifications": notificationEvents,
  "jobs.Webhook": { id: "The notification destination's id." },
  "jobs.JobNotificationSettings": runNotificationSettings,
  "jobs.TaskNotificationSettings": {
    ...runNotificationSettings,
    alert_on_last_attempt: "Notify of the first start and the last attempt only, not of retries in between.",
  },
  "jobs.JobEnvironmentVariables": {
    environment_variables_key: "The name that tasks use to refer to this set; unique in the job.",
    spec: "The variables.",
  },
  "jobs.JobEnvironmentVariablesSpec": {
    files: "Files of variables to read.",
    variables: "Variables and their values.",
  },
  "jobs.JobEnvironment": {
    environment_key: "The name that tasks use to refer to this environment; unique in the job.",
    spec: "The contents of the environment.",
  },
  "compute.Environment": {
    base_environment: "A base environment's id, or the path of its YAML file.",
    client: "The environment's version; the older name of environment_version.",
    dependencies: "Python packages, one requirements.txt line each.",
    environment_version: "The environment's version, which fixes Python and its packages.",
    java_dependencies: "Java libraries: paths of JAR files, or Maven coordinates.",
    project_environment: "A project environment to start from.",
  },
  "jobs.GitSource": {
    git_url: "The repository's HTTPS address.",
    git_provider: "The service that hosts it.",
    git_branch: "The branch; instead of git_tag and git_commit.",
    git_commit: "The commit; instead of git_branch and git_tag.",
    git_snapshot: "The commit that a run checked out; Databricks sets it.",
    git_tag: "The tag; instead of git_branch and git_commit.",
    job_source: "The location of the job's own definition in the repository.",
    sparse_checkout: "Check out only a part of the repository.",
  },
  "jobs.GitSnapshot": { used_commit: "The commit that was used." },
  "jobs.JobSource": {
    job_config_path: "The path of the job's file in the repository.",
    import_from_git_branch: "The branch that it is read from.",
    dirty_state: "How the job differs from its file; Databricks sets it.",
  },
  "jobs.SparseCheckout": { patterns: "Folders to check out, in cone mode." },
  "jobs.JobsHealthRules": { rules: "The rules." },
  "jobs.JobsHealthRule": {
    metric: "The metric.",
    op: "The comparison operator.",
    value: "The threshold, in the metric's unit.",
  },
  "jobs.JobParameterDefinition": {
    name: "The parameter's name: letters, digits, _, - and .",
    default: "Its value, unless a run sets another.",
  },
  "jobs.QueueSettings": { enabled: "Whether runs are queued." },
  "jobs.JobRunAs": {
    group_name: "A group.",
    service_principal_name: "A service principal's application id; instead of user_name.",
    user_name: "A user's e-mail address; instead of service_principal_name.",
  },
  "jobs.CronSchedule": {
    quartz_cron_expression: "The times at which runs start: a Quartz cron expression, seconds first.",
    timezone_id: "The time zone of the expression, such as UTC or Europe/Berlin.",
    pause_status: "Whether the schedule is paused; UNPAUSED by default.",
    sql_condition: "Start only if the result of a query meets a condition.",
  },
  "jobs.CronTriggerConfiguration": {
    quartz_cron_expression: "The times at which runs start: a Quartz cron expression, seconds first.",
    timezone_id: "The time zone of the expression, such as UTC or Europe/Berlin.",
  },
  "jobs.SqlConditionConfiguration": {
    sql_query_id: "The id of the query.",
    warehouse_id: "The SQL warehouse that runs it.",
    trigger_mode: "The result that starts a run.",
  },
};

/** The triggers of a job. */
export const triggers = {
  "jobs.TriggerSettings": {
    file_arrival: "Start when files arrive.",
    job_completion: "Start when other jobs have finished a run.",
    model: "Start when a registered model changes.",
    pause_status: "Whether the trigger is paused; UNPAUSED by default.",
    periodic: "Start at a fixed interval.",
    sql_condition: "Start when the result of a query meets a condition.",
    table_update: "Start when tables change.",
  },
  "jobs.TriggerConfiguration": {
    continuous: "Keep one run active at all times.",
    file_arrival: "Start when files arrive.",
    job_completion: "Start when other jobs have finished a run.",
    model: "Start when a registered model changes.",
    pause_status: "Whether the trigger is paused; UNPAUSED by default.",
    periodic: "Start at a fixed interval.",
    schedule: "Start on a schedule.",
    sql_condition: "Start when the result of a query meets a condition.",
    table_update: "Start when tables change.",
  },
  "jobs.FileArrivalTriggerConfiguration": {
    url: "The folder that is watched: an external location or a volume.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    wait_after_last_change_seconds: waitAfterLastChange,
  },
  "jobs.JobCompletionTriggerConfiguration": {
    if_status: "The result that starts a run.",
    jobs: "The jobs to wait for.",
  },
  "jobs.JobCompletionTriggerConfigurationMonitoredJob": {
    job_id: "The job's id.",
    workspace_id: "The id of the job's workspace.",
  },
  "jobs.ModelTriggerConfiguration": {
    condition: "The change that starts a run.",
    aliases: "The aliases that are watched.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    securable_name: "The model, schema or catalog that is watched.",
    wait_after_last_change_seconds: waitAfterLastChange,
  },
  "jobs.PeriodicTriggerConfiguration": {
    interval: "The number of units between two runs.",
    unit: "The unit of the interval.",
  },
  "jobs.TableUpdateTriggerConfiguration": {
    table_names: "The tables that are watched: catalog.schema.table.",
    condition: "Whether one change is enough or all tables must change.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    wait_after_last_change_seconds: waitAfterLastChange,
  },
};
