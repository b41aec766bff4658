/**
 * What the fields of the Databricks types that manifests hold mean, for `kubectl explain` and the reference page.
 *
 * The words are this project's own. Each says the unit, and the default where it is well known; the values of an enum
 * are added when a schema is made.
 *
 * @module
 */

/** The events that both e-mail and webhook notifications know. */
const notificationEvents = {
  on_duration_warning_threshold_exceeded: "Told when a run takes longer than its health rule allows.",
  on_failure: "Told when a run ends without success.",
  on_maintenance_complete: "Told when the maintenance of a continuous run is over.",
  on_maintenance_start: "Told when the maintenance of a continuous run begins.",
  on_start: "Told when a run starts.",
  on_streaming_backlog_exceeded: "Told when a streaming backlog stays above its health rule's threshold.",
  on_success: "Told when a run succeeds.",
};

const emailNotifications = {
  ...notificationEvents,
  no_alert_for_skipped_runs: "Send nothing for skipped runs. Superseded by notification_settings.",
};

const runNotificationSettings = {
  no_alert_for_canceled_runs: "Send nothing when a run was canceled.",
  no_alert_for_skipped_runs: "Send nothing when a run was skipped.",
};

const subscriber = {
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

/** Parameters of a run for all tasks of one type: the older way, before job parameters. */
const taskTypeParameters = {
  dbt_commands: "Commands for dbt tasks, instead of theirs.",
  jar_params: "Arguments for JAR tasks.",
  notebook_params: "Widget values for notebook tasks.",
  pipeline_params: "How pipeline tasks refresh.",
  python_named_params: "Named arguments for Python wheel tasks.",
  python_params: "Arguments for Python tasks.",
  spark_submit_params: "Arguments for spark-submit tasks.",
  sql_params: "Parameters for SQL tasks.",
};

const packageSource = {
  package: "The package, with a version where one is wanted.",
  repo: "The repository to install from; the usual public one without it.",
};

const gitOrWorkspace = "Where the file is read; the job's git_source, if there is one, without it.";
const minTimeBetweenTriggers = "Seconds between two runs at least.";
const waitAfterLastChange = "Seconds without a further change before a run starts.";

const settings = {
  "jobs.JobSettings": {
    budget_policy_id: "The budget policy that serverless usage is charged to.",
    continuous: "Keep one run going at all times. Excludes schedule and trigger.",
    deployment: "Who deploys the job, when a tool such as a bundle does.",
    description: "What the job is for; 27,700 bytes at most.",
    duration_target: "How long a run is expected to take.",
    edit_mode: "Whether the web application lets people edit the job.",
    email_notifications: "Who is told by e-mail about runs.",
    environment_variables: "Sets of environment variables, to be named by tasks.",
    environments: "Serverless environments, to be named by tasks.",
    format: "The old single-task or the multi-task form; ignored by Jobs API 2.2.",
    git_source: "A Git repository from which tasks take their code.",
    health: "Limits beyond which a run counts as unhealthy.",
    job_clusters: "Clusters that tasks of a run share, named by job_cluster_key.",
    max_concurrent_runs: "Runs that may be active at once; 1 by default, 0 skips every run.",
    name: "The job's name. Names need not be unique in Databricks.",
    notification_settings: "When no notifications are sent.",
    parameters: "Job parameters and their defaults.",
    parent_path: "The workspace folder that the job is shown in.",
    performance_target: "How fast serverless compute starts and runs.",
    queue: "Whether runs wait in a queue when they cannot start at once.",
    run_as: "As whom the job runs; its creator without it.",
    schedule: "Start runs by a clock. Excludes continuous and trigger.",
    tags: "Tags, for search and for the clusters' costs; 25 at most.",
    tasks: "The tasks of a run; 1,000 at most.",
    timeout_seconds: "Seconds until a run is ended; 0, the default, means never.",
    trigger: "Start runs by an event. Excludes continuous and schedule.",
    triggers: "Several ways to start runs, side by side.",
    usage_policy_id: "The usage policy that serverless usage is charged to.",
    webhook_notifications: "Which notification destinations are told about runs.",
  },
  "jobs.Continuous": {
    maintenance_window: "When a run may be restarted for maintenance.",
    pause_status: "Whether new runs are held back; UNPAUSED by default.",
    task_retry_mode: "Whether failed tasks are tried again inside a run.",
  },
  "jobs.ContinuousTriggerConfiguration": {
    maintenance_window: "When a run may be restarted for maintenance.",
    task_retry_mode: "Whether failed tasks are tried again inside a run.",
  },
  "jobs.MaintenanceWindow": {
    start_hour: "The hour at which the window opens, 0 to 23.",
    day_of_week: "The day of the week.",
    timezone_id: "The time zone of the hour, such as Europe/Berlin.",
  },
  "jobs.JobDeployment": {
    kind: "What deploys the job.",
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
    alert_on_last_attempt: "Tell about the first start and the last attempt only, not about retries between.",
  },
  "jobs.JobEnvironmentVariables": {
    environment_variables_key: "The name by which tasks refer to this set; unique in the job.",
    spec: "The variables.",
  },
  "jobs.JobEnvironmentVariablesSpec": {
    files: "Files of variables to read.",
    variables: "Variables and their values.",
  },
  "jobs.JobEnvironment": {
    environment_key: "The name by which tasks refer to this environment; unique in the job.",
    spec: "What the environment holds.",
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
    git_snapshot: "What a run checked out; Databricks fills it in.",
    git_tag: "The tag; instead of git_branch and git_commit.",
    job_source: "Where in the repository the job itself is kept.",
    sparse_checkout: "Check out part of the repository only.",
  },
  "jobs.GitSnapshot": { used_commit: "The commit that was used." },
  "jobs.JobSource": {
    job_config_path: "The path of the job's file in the repository.",
    import_from_git_branch: "The branch that it is read from.",
    dirty_state: "How the job departs from its file; Databricks fills it in.",
  },
  "jobs.SparseCheckout": { patterns: "Folders to check out, in cone mode." },
  "jobs.JobsHealthRules": { rules: "The rules." },
  "jobs.JobsHealthRule": {
    metric: "What is measured.",
    op: "How it is compared.",
    value: "The limit, in the metric's unit.",
  },
  "jobs.JobParameterDefinition": {
    name: "The parameter's name: letters, digits, _, - and .",
    default: "Its value, where a run does not give another.",
  },
  "jobs.QueueSettings": { enabled: "Whether runs are queued." },
  "jobs.JobRunAs": {
    group_name: "A group.",
    service_principal_name: "A service principal's application id; instead of user_name.",
    user_name: "A user's e-mail address; instead of service_principal_name.",
  },
  "jobs.CronSchedule": {
    quartz_cron_expression: "When runs start, in Quartz's syntax with seconds first.",
    timezone_id: "The time zone of the expression, such as UTC or Europe/Berlin.",
    pause_status: "Whether the schedule is held back; UNPAUSED by default.",
    sql_condition: "Start only if a query says so.",
  },
  "jobs.CronTriggerConfiguration": {
    quartz_cron_expression: "When runs start, in Quartz's syntax with seconds first.",
    timezone_id: "The time zone of the expression, such as UTC or Europe/Berlin.",
  },
  "jobs.SqlConditionConfiguration": {
    sql_query_id: "The id of the query.",
    warehouse_id: "The SQL warehouse that runs it.",
    trigger_mode: "Which result starts a run.",
  },
};

const triggers = {
  "jobs.TriggerSettings": {
    file_arrival: "Start when files arrive.",
    model: "Start when a registered model changes.",
    pause_status: "Whether the trigger is held back; UNPAUSED by default.",
    periodic: "Start at a fixed interval.",
    sql_condition: "Start when a query says so.",
    table_update: "Start when tables change.",
  },
  "jobs.TriggerConfiguration": {
    continuous: "Keep one run going at all times.",
    file_arrival: "Start when files arrive.",
    model: "Start when a registered model changes.",
    pause_status: "Whether the trigger is held back; UNPAUSED by default.",
    periodic: "Start at a fixed interval.",
    schedule: "Start by a clock.",
    sql_condition: "Start when a query says so.",
    table_update: "Start when tables change.",
  },
  "jobs.FileArrivalTriggerConfiguration": {
    url: "The folder that is watched: an external location or a volume.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    wait_after_last_change_seconds: waitAfterLastChange,
  },
  "jobs.ModelTriggerConfiguration": {
    condition: "Which change starts a run.",
    aliases: "The aliases that are watched.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    securable_name: "The model, schema or catalog that is watched.",
    wait_after_last_change_seconds: waitAfterLastChange,
  },
  "jobs.PeriodicTriggerConfiguration": {
    interval: "How many units lie between two runs.",
    unit: "The unit of the interval.",
  },
  "jobs.TableUpdateTriggerConfiguration": {
    table_names: "The tables that are watched: catalog.schema.table.",
    condition: "Whether one change is enough or all tables must change.",
    min_time_between_triggers_seconds: minTimeBetweenTriggers,
    wait_after_last_change_seconds: waitAfterLastChange,
  },
};

const tasks = {
  "jobs.Task": {
    task_key: "The task's name; unique in the job.",
    ai_runtime_task: "Run a command on accelerators.",
    alert_task: "Evaluate an alert.",
    clean_rooms_notebook_task: "Run a notebook of a clean room.",
    compute: "The serverless hardware.",
    condition_task: "Compare two values; later tasks depend on the outcome.",
    dashboard_task: "Refresh a dashboard and send it.",
    dbt_cloud_task: "Run a dbt Cloud job.",
    dbt_platform_task: "Run a dbt platform job.",
    dbt_task: "Run dbt commands.",
    depends_on: "The tasks that must end first.",
    description: "What the task is for.",
    disable_auto_optimization: "Turn serverless auto-optimization (retries among it) off.",
    disabled: "Leave the task out of runs.",
    email_notifications: "Who is told by e-mail about this task.",
    environment_key: "The serverless environment, from the job's environments.",
    environment_variables_key: "The variables, from the job's environment_variables.",
    existing_cluster_id: "An all-purpose cluster to run on.",
    for_each_task: "Run another task once for each input.",
    gen_ai_compute_task: "Run a script on GPUs; older form.",
    health: "Limits beyond which the task counts as unhealthy.",
    job_cluster_key: "The cluster to run on, from the job's job_clusters.",
    libraries: "Libraries to install on the cluster.",
    max_retries: "Retries after a failure; 0 by default, -1 means without end.",
    min_retry_interval_millis: "Milliseconds between a failed attempt's start and the next.",
    new_cluster: "A cluster that is made for this task alone.",
    notebook_task: "Run a notebook.",
    notification_settings: "When no notifications are sent for this task.",
    pipeline_task: "Update a pipeline.",
    power_bi_task: "Publish to Power BI.",
    python_operator_task: "Call a Python function.",
    python_wheel_task: "Run an entry point of a Python wheel.",
    retry_on_timeout: "Whether a timeout is retried too; false by default.",
    run_if: "Which outcomes of depends_on let it run; ALL_SUCCESS by default.",
    run_job_task: "Run another job.",
    spark_jar_task: "Run a class of a JAR file.",
    spark_python_task: "Run a Python file.",
    spark_submit_task: "Run spark-submit.",
    sql_task: "Run a SQL query or file, or refresh a legacy dashboard or alert.",
    timeout_seconds: "Seconds until the task is ended; 0, the default, means never.",
    webhook_notifications: "Which notification destinations are told about this task.",
  },
  "jobs.TaskDependency": {
    task_key: "The task that is waited for.",
    outcome: 'The outcome of a condition task that is waited for: "true" or "false".',
  },
  "jobs.Compute": { hardware_accelerator: "The accelerator." },
  "jobs.ConditionTask": {
    op: "How the values are compared.",
    left: "The left value; may refer to task values and parameters.",
    right: "The right value; may refer to task values and parameters.",
  },
  "jobs.ForEachTask": {
    inputs: "A JSON array, or a reference to one.",
    task: "The task that is run for each input.",
    concurrency: "Iterations that run at once; 1 by default, 100 at most.",
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
    base_parameters: "Widget values; a run's parameters go before them.",
    source: gitOrWorkspace,
    warehouse_id: "A SQL warehouse to run on, for SQL cells only.",
  },
  "jobs.CleanRoomsNotebookTask": {
    clean_room_name: "The clean room.",
    notebook_name: "The notebook in it.",
    etag: "The notebook's version that was agreed to.",
    notebook_base_parameters: "Widget values.",
  },
  "jobs.SparkJarTask": {
    jar_uri: "Deprecated: name the JAR in libraries.",
    main_class_name: "The class whose main method is called.",
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
    subscriptions: "Who is told.",
  },
  "jobs.SqlTaskDashboard": {
    dashboard_id: "The dashboard's id.",
    custom_subject: "The subject of the e-mails.",
    pause_subscriptions: "Send nothing to the subscribers.",
    subscriptions: "Who is sent the dashboard.",
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

const otherTasks = {
  "jobs.AiRuntimeTask": {
    experiment: "The MLflow experiment that records the run.",
    deployments: "What runs where.",
    code_source_path: "The code's path.",
    docker_image_url: "The container image.",
    mlflow_artifact_location: "Where MLflow keeps artifacts.",
    mlflow_experiment_directory: "The folder of the experiment.",
    mlflow_run: "The MLflow run's name.",
    priority_class: "Who goes first when capacity is short.",
    unity_catalog_image_path: "The image in Unity Catalog.",
  },
  "jobs.DeploymentSpec": {
    compute: "The hardware.",
    command_path: "The path of the command.",
    name: "The deployment's name.",
  },
  "jobs.ComputeSpec": {
    accelerator_type: "The accelerator.",
    accelerator_count: "How many of them.",
    provisioned_capacity_id: "Reserved capacity to run on.",
  },
  "jobs.GenAiComputeTask": {
    dl_runtime_image: "The runtime image.",
    command: "The command, such as a launcher with its options.",
    compute: "The hardware.",
    mlflow_experiment_name: "The MLflow experiment that records the run.",
    source: gitOrWorkspace,
    training_script_path: "The script's path.",
    yaml_parameters: "Parameters as YAML text.",
    yaml_parameters_file_path: "The path of a file with parameters.",
  },
  "jobs.ComputeConfig": {
    num_gpus: "How many GPUs.",
    gpu_node_pool_id: "The pool to take them from.",
    gpu_type: "The type of GPU.",
  },
  "jobs.AlertTask": {
    alert_id: "The alert's id.",
    parameters: "Parameters of the alert's query.",
    subscribers: "Who is told.",
    warehouse_id: "The SQL warehouse that evaluates it.",
    workspace_path: "The alert's path.",
  },
  "jobs.AlertTaskSubscriber": subscriber,
  "jobs.DashboardTask": {
    dashboard_id: "The dashboard's id.",
    filters: "Values of the dashboard's filters.",
    subscription: "Who is sent the dashboard.",
    warehouse_id: "The SQL warehouse; the dashboard's own without it.",
  },
  "jobs.Subscription": {
    attachment: "What is attached to the messages.",
    custom_subject: "The subject of the e-mails.",
    paused: "Send nothing.",
    subscribers: "Who is sent the dashboard.",
  },
  "jobs.SubscriptionAttachment": {
    data_attachment: "Attach the data of widgets.",
    page_attachment: "Attach pages.",
  },
  "jobs.SubscriptionAttachmentDataAttachment": {
    widgets: "The widgets.",
    file_format: "The format of the files.",
    include_applied_filters: "Say which filters were applied.",
  },
  "jobs.SubscriptionAttachmentDataAttachmentWidget": {
    page_id: "The page that the widget is on.",
    widget_id: "The widget's id.",
  },
  "jobs.SubscriptionAttachmentPageAttachment": {
    page_ids: "The pages, when a subset is sent.",
    page_selection: "All pages or a subset.",
  },
  "jobs.SubscriptionSubscriber": subscriber,
  "jobs.PowerBiTask": {
    connection_resource_name: "The connection to Power BI.",
    power_bi_model: "The semantic model that is published.",
    refresh_after_update: "Refresh the model when it was updated.",
    tables: "The tables to publish.",
    warehouse_id: "The SQL warehouse that Power BI reads from.",
  },
  "jobs.PowerBiModel": {
    authentication_method: "How Power BI signs in.",
    model_name: "The model's name.",
    overwrite_existing: "Replace a model of that name.",
    storage_mode: "How data is kept.",
    workspace_name: "The Power BI workspace.",
  },
  "jobs.PowerBiTable": {
    catalog: "The table's catalog.",
    name: "The table's name.",
    schema: "The table's schema.",
    storage_mode: "How its data is kept.",
  },
};

const destination = { destination: "The path or address, with its scheme where it has one." };
const firstOnDemand = "Nodes, the driver first, that are never spot instances.";
const availability = "Spot or on-demand instances, beyond first_on_demand.";

const clusters = {
  "jobs.JobCluster": {
    job_cluster_key: "The name by which tasks refer to the cluster; unique in the job.",
    new_cluster: "The cluster.",
    serverless_compute_id: "Serverless compute to use instead of a cluster.",
  },
  "compute.ClusterSpec": {
    apply_policy_default_values: "Fill omitted fields from the policy's defaults.",
    autoscale: "Bounds between which workers are added and removed; instead of num_workers.",
    autotermination_minutes: "Minutes of idleness until it ends; not for job clusters.",
    aws_attributes: "What is particular to AWS.",
    azure_attributes: "What is particular to Azure.",
    cluster_log_conf: "Where logs are copied every five minutes.",
    cluster_name: "A name for the cluster.",
    custom_tags: "Tags for the cluster's cloud resources.",
    data_security_mode: "Who may use the cluster and how data is guarded.",
    dependency_mode: "How libraries reach the cluster.",
    docker_image: "A container image to start nodes from.",
    driver_instance_pool_id: "The pool of the driver; instance_pool_id without it.",
    driver_node_type_flexibility: "Other node types for the driver.",
    driver_node_type_id: "The driver's node type; node_type_id without it.",
    enable_elastic_disk: "Add disk space when a node runs short of it.",
    enable_local_disk_encryption: "Encrypt the nodes' local disks.",
    gcp_attributes: "What is particular to Google Cloud.",
    init_scripts: "Scripts that each node runs at its start, in order.",
    instance_pool_id: "The pool that nodes are taken from.",
    is_single_node: "One node is driver and worker; used with kind.",
    kind: "Let Databricks derive settings that depend on each other.",
    node_type_id: "The workers' node type.",
    num_workers: "Workers beside the driver; 0 is a single-node cluster.",
    policy_id: "The cluster policy to obey.",
    remote_disk_throughput: "Throughput of remote disks, in MB/s (Google Cloud).",
    runtime_engine: "Photon or the standard engine; by spark_version without it.",
    single_user_name: "The one user, in a single-user mode.",
    spark_conf: "Spark settings.",
    spark_env_vars: "Environment variables of driver and workers.",
    spark_version: "The Databricks Runtime, such as 15.4.x-scala2.12.",
    ssh_public_keys: "Keys that may log in to nodes as ubuntu, port 2200.",
    total_initial_remote_disk_size: "Remote disk space at the start, in GB (Google Cloud).",
    use_ml_runtime: "Use the ML variant of the runtime; used with kind.",
    worker_node_type_flexibility: "Other node types for workers.",
    workload_type: "What the cluster may run.",
  },
  "compute.AutoScale": {
    max_workers: "Workers at most.",
    min_workers: "Workers at least.",
  },
  "compute.AwsAttributes": {
    availability,
    ebs_volume_count: "EBS volumes a node, up to 10.",
    ebs_volume_iops: "IOPS a gp3 volume.",
    ebs_volume_size: "Size of a volume, in GiB.",
    ebs_volume_throughput: "Throughput a gp3 volume, in MiB/s.",
    ebs_volume_type: "The type of volume.",
    first_on_demand: firstOnDemand,
    instance_profile_arn: "The instance profile that nodes assume.",
    spot_bid_price_percent: "Highest spot price, in percent of on-demand; 100 by default.",
    zone_id: "The availability zone, or auto.",
  },
  "compute.AzureAttributes": {
    availability,
    capacity_reservation_group: "The capacity reservation group to take nodes from.",
    first_on_demand: firstOnDemand,
    log_analytics_info: "A Log Analytics workspace for the nodes' logs.",
    spot_bid_max_price: "Highest spot price, in US dollars an hour; -1, the default, means on-demand's.",
  },
  "compute.LogAnalyticsInfo": {
    log_analytics_primary_key: "The workspace's primary key.",
    log_analytics_workspace_id: "The workspace's id.",
  },
  "compute.GcpAttributes": {
    availability,
    boot_disk_size: "Size of the boot disk, in GB.",
    confidential_compute_type: "Confidential computing.",
    first_on_demand: firstOnDemand,
    google_service_account: "The service account of the nodes.",
    local_ssd_count: "Local SSDs a node.",
    use_preemptible_executors: "Deprecated: use availability.",
    zone_id: "The zone, HA or AUTO.",
  },
  "compute.ClusterLogConf": {
    dbfs: "A DBFS folder.",
    s3: "An S3 folder.",
    volumes: "A folder of a volume.",
  },
  "compute.DbfsStorageInfo": destination,
  "compute.VolumesStorageInfo": destination,
  "compute.WorkspaceStorageInfo": destination,
  "compute.Adlsgen2Info": destination,
  "compute.LocalFileInfo": destination,
  "compute.GcsStorageInfo": destination,
  "compute.S3StorageInfo": {
    ...destination,
    canned_acl: "The ACL of written files, such as bucket-owner-full-control.",
    enable_encryption: "Encrypt files on the server's side.",
    encryption_type: "sse-s3 or sse-kms; sse-s3 by default.",
    endpoint: "The S3 endpoint; instead of region.",
    kms_key: "The KMS key, for sse-kms.",
    region: "The S3 region; instead of endpoint.",
  },
  "compute.InitScriptInfo": {
    abfss: "A script in Azure Data Lake Storage.",
    dbfs: "A script in DBFS; deprecated.",
    file: "A script on the node itself, in a container image.",
    gcs: "A script in Google Cloud Storage.",
    s3: "A script in S3.",
    volumes: "A script in a volume.",
    workspace: "A script in the workspace.",
  },
  "compute.DockerImage": {
    basic_auth: "The registry's login.",
    url: "The image's address.",
  },
  "compute.DockerBasicAuth": {
    password: "The password. Everyone who can read the manifest reads it.",
    username: "The user.",
  },
  "compute.NodeTypeFlexibility": {
    alternate_node_type_ids: "Node types to fall back to, in order.",
    aws_context_id: "A launch context of AWS.",
  },
  "compute.WorkloadType": { clients: "The kinds of workload." },
  "compute.ClientsTypes": {
    jobs: "Whether jobs may run.",
    notebooks: "Whether notebooks may run.",
  },
  "compute.Library": {
    cran: "A package of CRAN.",
    egg: "The path of a Python egg; no longer supported.",
    jar: "The path of a JAR file.",
    maven: "A Maven artifact.",
    pypi: "A package of PyPI.",
    requirements: "The path of a requirements.txt.",
    whl: "The path of a Python wheel.",
  },
  "compute.RCranLibrary": packageSource,
  "compute.PythonPyPiLibrary": packageSource,
  "compute.MavenLibrary": {
    coordinates: "group:artifact:version.",
    exclusions: "Dependencies to leave out: group:artifact.",
    repo: "The repository to install from; the usual public ones without it.",
  },
};

const requests = {
  "jobs.RunNowRequest": {
    job_id: "The job's id; a manifest needs none.",
    duration_target: "How long the run is expected to take.",
    idempotency_token: "A token that makes a repeated request return the same run.",
    job_parameters: "Values of the job's parameters.",
    only: "The tasks to run; all of them without it.",
    performance_target: "How fast serverless compute starts and runs.",
    queue: "Whether the run waits in a queue when it cannot start at once.",
    ...taskTypeParameters,
  },
};

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
  ...clusters,
  ...requests,
  ...workspace,
});

function flatten(types: Record<string, Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(types).flatMap(([type, fields]) =>
      Object.entries(fields).map(([field, text]) => [`${type}.${field}`, text])
    ),
  );
}
