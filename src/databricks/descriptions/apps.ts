/**
 * Descriptions of apps, their deployments and their resources.
 *
 * @module
 */

const PERMISSION = "What the app may do with it.";

/** Apps. */
export const apps = {
  "apps.ManagedApp": {
    budget_policy_id: "The budget policy that its costs count for.",
    compute_max_instances: "Instances at most; together with compute_min_instances.",
    compute_min_instances: "Instances at least; together with compute_max_instances.",
    compute_size: "The size of its compute; MEDIUM by default.",
    deployment: "The code that runs in it; without it, deployments are left alone.",
    description: "What it is for.",
    git_repository: "The repository that deployments with git_source take their code from.",
    lifecycle: "Whether its compute runs. An app is made stopped; without this it is left alone.",
    name: "Its name, unique in the workspace; metadata.name without it. Cannot be changed.",
    resources: "What its service principal may use, by a name that its code knows; complete if given.",
    space: "The app space that it belongs to. Cannot be changed.",
    telemetry_export_destinations: "Where its logs, metrics and traces go.",
    usage_policy_id: "The usage policy that its costs count for.",
    user_api_scopes: "What it may do in the name of its users: sql, files.files and others.",
  },
  "apps.ManagedDeployment": {
    command: "The command that runs it, in place of the one in app.yaml.",
    env_vars: "Environment variables, in place of those in app.yaml.",
    git_source: "A place in the app's git_repository, instead of source_code_path.",
    health_check: "A request that has to succeed before the deployment does.",
    mode: "SNAPSHOT copies the code; AUTO_SYNC follows its folder. SNAPSHOT by default.",
    revision: "Another text deploys again, such as the commit of the code. It is not sent.",
    source_code_path: "The folder of its code in the workspace; the app has to be able to read it.",
  },
  "apps.ManagedGitSource": {
    branch: "The branch, as it is when it is deployed.",
    commit: "The commit.",
    source_code_path: "The folder in the repository; its root without it.",
    tag: "The tag.",
  },
  "apps.AppHealthCheck": {
    path: "The path to ask for: /health.",
    timeout: "How long it may take to succeed: 30s.",
  },
  "apps.EnvVar": {
    name: "The variable's name.",
    value: "Its value. Everybody who may read this object sees it.",
    value_from: "The name of one of the app's resources, such as a secret, that has the value.",
  },
  "apps.GitRepository": {
    auto_deploy: "Deploy each push by itself; leave deployment out then.",
    caller_credential_id: "The operator's Git credential, with which the app may read the repository.",
    provider: "gitHub, gitHubEnterprise, bitbucketCloud, bitbucketServer, gitLab and others.",
    url: "The repository's address.",
  },
  "apps.ManagedResource": {
    app: "Another app.",
    database: "A database of a database instance.",
    description: "What the app uses it for.",
    experiment: "An MLflow experiment.",
    genie_space: "A Genie space.",
    job: "A job.",
    name: "The name by which the app's code and value_from know it.",
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
    permission: "What the app may do with the whole scope: READ, WRITE or MANAGE.",
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
