/**
 * Descriptions of apps, their deployments and their resources.
 *
 * @module
 */

const PERMISSION = "The app's permission on it.";

/** Apps. */
export const apps = {
  "apps.ManagedApp": {
    budget_policy_id: "The budget policy that its costs are charged to.",
    compute_max_instances: "The maximum number of instances; set it together with compute_min_instances.",
    compute_min_instances: "The minimum number of instances; set it together with compute_max_instances.",
    compute_size: "The size of its compute; MEDIUM by default.",
    deployment: "The code that it runs. If absent, deployments are left alone.",
    description: "Its purpose.",
    git_repository: "The repository that deployments with git_source take their code from.",
    lifecycle: "Whether its compute runs. A new app is stopped. If absent, this is left alone.",
    name: "Its name, unique in the workspace; defaults to metadata.name. Cannot be changed.",
    resources: "The resources that its service principal may use, by name in its code. A complete list.",
    space: "The app space that it belongs to. Cannot be changed.",
    telemetry_export_destinations: "The tables for its logs, metrics and traces.",
    usage_policy_id: "The usage policy that its costs are charged to.",
    user_api_scopes: "The API scopes that it may use for its users: sql, files.files and others.",
  },
  "apps.ManagedDeployment": {
    command: "The command that runs it, in place of the one in app.yaml.",
    env_vars: "Environment variables, in place of those in app.yaml.",
    git_source: "A location in the app's git_repository, instead of source_code_path.",
    health_check: "A request that must succeed before the deployment succeeds.",
    mode: "SNAPSHOT copies the code; AUTO_SYNC follows its folder. SNAPSHOT by default.",
    revision: "A new text here deploys again, such as the commit of the code. It is not sent.",
    source_code_path: "The folder of its code in the workspace; the app must be able to read it.",
  },
  "apps.ManagedGitSource": {
    branch: "The branch; its head at the time of the deployment is used.",
    commit: "The commit.",
    source_code_path: "The folder in the repository; defaults to its root.",
    tag: "The tag.",
  },
  "apps.AppHealthCheck": {
    path: "The path to request: /health.",
    timeout: "The time limit: 30s.",
  },
  "apps.EnvVar": {
    name: "The variable's name.",
    value: "Its value. Everybody who may read this object can see it.",
    value_from: "The name of one of the app's resources, such as a secret, that has the value.",
  },
  "apps.GitRepository": {
    auto_deploy: "Deploy each push automatically; leave deployment out then.",
    caller_credential_id: "The operator's Git credential, which the app may use to read the repository.",
    provider: "gitHub, gitHubEnterprise, bitbucketCloud, bitbucketServer, gitLab and others.",
    url: "The repository's address.",
  },
  "apps.ManagedResource": {
    app: "Another app.",
    database: "A database of a database instance.",
    description: "The app's use of it.",
    experiment: "An MLflow experiment.",
    genie_space: "A Genie space.",
    job: "A job.",
    name: "Its name in the app's code and in value_from.",
    postgres: "A database of a Postgres project.",
    secret: "A secret in a scope.",
    serving_endpoint: "A serving endpoint.",
    sql_warehouse: "A SQL warehouse.",
    uc_securable: "A table, volume, function or connection of Unity Catalog.",
  },
  "apps.ManagedSecurable": {
    permission: PERMISSION,
    securable_full_name: "Its full name: main.default.manuals.",
    securable_type: "Its type.",
  },
  "apps.AppResourceApp": { name: "The app's name.", permission: PERMISSION },
  "apps.AppResourceDatabase": {
    database_name: "The database's name.",
    instance_name: "The instance's name.",
    permission: PERMISSION,
  },
  "apps.AppResourceExperiment": { experiment_id: "The experiment's id.", permission: PERMISSION },
  "apps.AppResourceGenieSpace": { name: "The space's name.", permission: PERMISSION, space_id: "The space's id." },
  "apps.AppResourceJob": { id: "The job's id, as text.", permission: PERMISSION },
  "apps.AppResourcePostgres": {
    branch: "The branch: projects/p/branches/b.",
    database: "The database: projects/p/branches/b/databases/d.",
    permission: PERMISSION,
  },
  "apps.AppResourceSecret": {
    key: "The secret's key.",
    permission: "The app's permission on the whole scope: READ, WRITE or MANAGE.",
    scope: "The secret scope's name.",
  },
  "apps.AppResourceServingEndpoint": { name: "The endpoint's name.", permission: PERMISSION },
  "apps.AppResourceSqlWarehouse": { id: "The warehouse's id.", permission: PERMISSION },
  "apps.TelemetryExportDestination": { unity_catalog: "Tables in Unity Catalog." },
  "apps.UnityCatalog": {
    logs_table: "The table for logs.",
    metrics_table: "The table for metrics.",
    traces_table: "The table for traces.",
  },
};
