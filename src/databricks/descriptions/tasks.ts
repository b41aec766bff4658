/**
 * Descriptions of a job's tasks.
 *
 * @module
 */

/** The recipients of notifications. */
export const subscriber = {
  destination_id: "The id of a notification destination; instead of user_name.",
  user_name: "A user's e-mail address; instead of destination_id.",
};

const pipelineRefresh = {
  full_refresh: "Recompute all tables from scratch.",
  full_refresh_selection: "Tables to recompute from scratch.",
  refresh_flow_selection: "Flows to refresh.",
  refresh_selection: "Tables to refresh.",
  reset_checkpoint_selection: "Streaming flows whose checkpoints are cleared.",
};

/** Parameters of a run for all tasks of one type: the older form, before job parameters. */
const taskTypeParameters = {
  dbt_commands: "Commands for dbt tasks, instead of their own.",
  jar_params: "Arguments for JAR tasks.",
  notebook_params: "Widget values for notebook tasks.",
  pipeline_params: "The refresh settings of pipeline tasks.",
  python_named_params: "Named arguments for Python wheel tasks.",
  python_params: "Arguments for Python tasks.",
  spark_submit_params: "Arguments for spark-submit tasks.",
  sql_params: "Parameters for SQL tasks.",
};

/** The source of a task's file. */
export const gitOrWorkspace = "The source of the file; defaults to the job's git_source, if there is one.";

/** Tasks of a job. */
export const tasks = {
  "jobs.Task": {
    task_key: "The task's name; unique in the job.",
    ai_function_task: "Apply an AI function to a table or to files.",
    ai_runtime_task: "Run a command on accelerators.",
    alert_task: "Evaluate an alert.",
    clean_rooms_notebook_task: "Run a notebook of a clean room.",
    compute: "The serverless hardware.",
    condition_task: "Compare two values; later tasks depend on the outcome.",
    dashboard_task: "Refresh a dashboard and send it.",
    dbt_cloud_task: "Run a dbt Cloud job.",
    dbt_platform_task: "Run a dbt platform job.",
    dbt_task: "Run dbt commands.",
    depends_on: "The tasks that must finish first.",
    description: "The purpose of the task.",
    disable_auto_optimization: "Turn off serverless auto-optimization, which includes retries.",
    disabled: "Skip the task in runs.",
    email_notifications: "Recipients of e-mails about this task.",
    environment_key: "The serverless environment, from the job's environments.",
    environment_variables_key: "The variables, from the job's environment_variables.",
    existing_cluster_id: "An all-purpose cluster to run on.",
    for_each_task: "Run another task once for each input.",
    gen_ai_compute_task: "Run a script on GPUs; older form.",
    health: "Limits beyond which the task counts as unhealthy.",
    job_cluster_key: "The cluster to run on, from the job's job_clusters.",
    libraries: "Libraries to install on the cluster.",
    max_retries: "Retries after a failure; 0 by default, -1 means unlimited.",
    min_retry_interval_millis: "Milliseconds between the start of a failed attempt and the next attempt.",
    new_cluster: "A new cluster for this task only.",
    notebook_task: "Run a notebook.",
    notification_settings: "The cases in which no notification is sent for this task.",
    pipeline_task: "Update a pipeline.",
    power_bi_task: "Publish to Power BI.",
    python_operator_task: "Call a Python function.",
    python_wheel_task: "Run an entry point of a Python wheel.",
    retry_on_timeout: "Also retry after a timeout; false by default.",
    run_if: "The outcomes of depends_on that let it run; ALL_SUCCESS by default.",
    run_job_task: "Run another job.",
    spark_jar_task: "Run a class of a JAR file.",
    spark_python_task: "Run a Python file.",
    spark_submit_task: "Run spark-submit.",
    sql_task: "Run a SQL query or file, or refresh a legacy dashboard or alert.",
    timeout_seconds: "The time limit of the task, in seconds; 0, the default, means none.",
    webhook_notifications: "Notification destinations for this task.",
  },
  "jobs.TaskDependency": {
    task_key: "The task to wait for.",
    outcome: 'The outcome of a condition task to wait for: "true" or "false".',
  },
  "jobs.Compute": { hardware_accelerator: "The accelerator." },
  "jobs.ConditionTask": {
    op: "The comparison operator.",
    left: "The left value; may refer to task values and parameters.",
    right: "The right value; may refer to task values and parameters.",
  },
  "jobs.ForEachTask": {
    inputs: "A JSON array, or a reference to one.",
    task: "The task to run for each input.",
    concurrency: "The maximum number of concurrent iterations; 1 by default, at most 100.",
  },
  "jobs.RunJobTask": {
    job_id: "The id of the job to run.",
    job_parameters: "Values of its job parameters.",
    ...taskTypeParameters,
  },
  "jobs.PipelineParams": pipelineRefresh,
  "jobs.PipelineTask": {
    pipeline_id: "The pipeline's id.",
    parameters: "Parameters of the update.",
    ...pipelineRefresh,
  },
  "jobs.NotebookTask": {
    notebook_path: "The path: absolute in the workspace, relative in a Git repository.",
    base_parameters: "Widget values; a run's parameters override them.",
    source: gitOrWorkspace,
    warehouse_id: "A SQL warehouse to run on, for SQL cells only.",
  },
  "jobs.CleanRoomsNotebookTask": {
    clean_room_name: "The clean room.",
    notebook_name: "The notebook in it.",
    etag: "The version of the notebook that the collaborators approved.",
    notebook_base_parameters: "Widget values.",
  },
  "jobs.SparkJarTask": {
    jar_uri: "Deprecated: name the JAR in libraries.",
    main_class_name: "The class with the main method.",
    parameters: "Arguments.",
    run_as_repl: "Deprecated, always true.",
  },
  "jobs.SparkPythonTask": {
    python_file: "The file: a path in the workspace or repository, or a cloud address.",
    parameters: "Arguments.",
    source: gitOrWorkspace,
  },
  "jobs.SparkSubmitTask": { parameters: "Arguments of spark-submit." },
  "jobs.PythonWheelTask": {
    package_name: "The package's name.",
    entry_point: "The entry point, or a function of the package.",
    named_parameters: "Named arguments; instead of parameters.",
    parameters: "Arguments; instead of named_parameters.",
  },
  "jobs.PythonOperatorTask": {
    main: "The function: package.module:function.",
    parameters: "Its arguments.",
  },
  "jobs.PythonOperatorTaskParameter": { name: "The argument's name.", value: "Its value." },
  "jobs.SqlTask": {
    warehouse_id: "The SQL warehouse to run on.",
    alert: "A legacy alert to evaluate.",
    dashboard: "A legacy dashboard to refresh.",
    file: "A file of SQL statements to run.",
    parameters: "Parameters of the query.",
    query: "A saved query to run.",
  },
  "jobs.SqlTaskAlert": {
    alert_id: "The alert's id.",
    pause_subscriptions: "Send nothing to the subscribers.",
    subscriptions: "The recipients.",
  },
  "jobs.SqlTaskDashboard": {
    dashboard_id: "The dashboard's id.",
    custom_subject: "The subject of the e-mails.",
    pause_subscriptions: "Send nothing to the subscribers.",
    subscriptions: "The recipients of the dashboard.",
  },
  "jobs.SqlTaskSubscription": subscriber,
  "jobs.SqlTaskFile": { path: "The file's path.", source: gitOrWorkspace },
  "jobs.SqlTaskQuery": { query_id: "The query's id." },
  "jobs.DbtTask": {
    commands: "dbt commands, such as dbt run; in order.",
    catalog: "The catalog to write to.",
    profiles_directory: "The folder of profiles.yml.",
    project_directory: "The folder of the dbt project.",
    schema: "The schema to write to.",
    source: gitOrWorkspace,
    warehouse_id: "The SQL warehouse to connect to.",
  },
  "jobs.DbtCloudTask": {
    connection_resource_name: "The connection to dbt.",
    dbt_cloud_job_id: "The dbt job's id.",
  },
  "jobs.DbtPlatformTask": {
    connection_resource_name: "The connection to dbt.",
    dbt_platform_job_id: "The dbt job's id.",
  },
};

/** Requests for runs. */
export const requests = {
  "jobs.RunNowRequest": {
    job_id: "The job's id; a manifest needs none.",
    duration_target: "The expected duration of the run.",
    idempotency_token: "A token that makes a repeated request return the same run.",
    job_parameters: "Values of the job's parameters.",
    only: "The tasks to run; all by default.",
    performance_target: "How fast serverless compute starts and runs.",
    queue: "Whether the run waits in a queue when it cannot start at once.",
    ...taskTypeParameters,
  },
};
