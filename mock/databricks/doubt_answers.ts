/** The answers that each doubt may have. Written by `deno task generate` from `doubts_*.ts`. @module */

/** An answer to each doubt. */
export type Doubts = {
  /** Which status do the Jobs endpoints return for a job or run that does not exist? */
  missingJob: "400" | "404";
  /** Which status does a wrong or expired personal access token get? */
  wrongToken: "401" | "403";
  /** How does the token endpoint reject a client or a federated token? */
  refusedSignIn: "OAuth's error" | "Databricks' error" | "401 without a message";
  /** Which status does a second Git credential of the same provider and user get? */
  duplicateCredential: "400" | "409";
  /** Which code does a second Git credential of the same provider and user get? */
  duplicateCredentialCode: "RESOURCE_ALREADY_EXISTS" | "CREDENTIAL_ALREADY_EXISTS";
  /** How is the create of a Git folder at an occupied path rejected? */
  takenRepoPath: "400 RESOURCE_ALREADY_EXISTS" | "400 INVALID_PARAMETER_VALUE" | "409 RESOURCE_ALREADY_EXISTS";
  /** Which status does a second secret scope of the same name get? */
  takenScope: "400" | "409";
  /** What does a get of a job's permissions return after the job is deleted? */
  permissionsOfMissing: "404" | "its last list";
  /** For how long after a write do reads of permissions return the old state? */
  permissionLag: "none" | "seconds";
  /** How is a permission for a user or group that does not exist rejected? */
  unknownPrincipal: "400 INVALID_PARAMETER_VALUE" | "404 RESOURCE_DOES_NOT_EXIST";
  /** In which letter case do permissions return users and service principals? */
  permissionNames: "as written" | "lower case";
  /** For how long after a write do reads of grants return the old state? */
  grantLag: "none" | "seconds";
  /** In which letter case do grants return users? */
  grantNames: "as written" | "lower case";
  /** Do grants return other privileges beside ALL_PRIVILEGES? */
  allPrivileges: "returned" | "collapses";
  /** Are names of secret scopes case-sensitive, and in which case are they listed? */
  scopeNames: "respect case" | "ignore case; listed as made" | "ignore case; listed in lower case";
  /** Are keys of secrets case-sensitive? */
  secretKeys: "respect case" | "ignore case";
  /** In which letter case are the principals of a scope's ACLs listed? */
  principals: "as written" | "lower case";
  /** How is the URL of a Git folder returned? */
  repoUrl: "as written" | "without .git and user";
  /** Is the provider of Git folders and credentials returned as written, or in Databricks' own case? */
  repoProviderCase: "as written" | "Databricks' own";
  /** Is the path of a Git folder returned with the prefix /Workspace? */
  repoPath: "no" | "yes";
  /** Does the list of scopes contain the backend_type of a Databricks-backed scope? */
  scopeBackend: "yes" | "no";
  /** Does the list of scopes contain the tenant_id of an Azure Key Vault? */
  keyVaultTenant: "yes" | "no";
  /** Does an empty string in a PATCH of a Git credential clear git_email? */
  emptyStringClears: "yes" | "no";
  /** Does the creator of a Git folder get a direct permission on it, or an inherited one? */
  repoCreatorPermission: "direct" | "inherited";
  /** What does a write without a result return: an empty object or an empty body? */
  emptyAnswers: "an empty object" | "nothing";
  /** In which form does /preview/scim/v2/Me return an error? */
  errorForm: "error_code" | "SCIM detail";
  /** Does jobs/list with expand_tasks return a job's parameters? */
  listTellsParameters: "yes" | "no";
  /** Does a row of jobs/list contain run_as_user_name, as jobs/get does? */
  listTellsRunAs: "no" | "yes";
  /** Do jobs/get and jobs/list return settings.run_as, or only run_as_user_name beside the settings? */
  runAsEchoed: "yes" | "no";
  /** Which omitted fields do responses contain, with the server's defaults? */
  serverDefaults: "none" | "job and task" | "everywhere";
  /** Do responses contain apply_policy_default_values of a cluster? */
  policyDefaultsEchoed: "yes" | "no";
  /** What does the Jobs API do with an unknown field of job settings? */
  unknownFields: "kept" | "dropped" | "refused";
  /** What does the Jobs API do with an unknown enum value in job settings? */
  unknownEnumValues: "kept" | "dropped" | "refused";
  /** What does jobs/get of 2.1 return for a job with more than 100 tasks? */
  largeJobs21: "the first 100" | "no tasks";
  /** Does a clone of a job, created in the web application, have the tags of the original? */
  cloneCopiesTags: "no" | "yes";
  /** Is the filter `name` of jobs/list case-sensitive? */
  jobNameFilter: "ignores case" | "respects case";
  /** Are the webhooks of a job or task returned in the order of the request? */
  webhookOrder: "kept" | "any";
  /** Are a task's libraries returned in the order of the request? */
  libraryOrder: "kept" | "any";
  /** How are DATA_SECURITY_MODE_DEDICATED, _STANDARD and _AUTO returned? */
  dataSecurityAliases: "kept" | "resolved";
  /** How is aws_attributes.zone_id `auto` returned? */
  zoneAuto: "kept" | "resolved";
  /** How is a spark_version such as `auto:latest-lts` returned? */
  sparkVersionAuto: "kept" | "resolved";
  /** How do 2.1 and 2.2 return format SINGLE_TASK? */
  jobFormat: "kept" | "MULTI_TASK";
  /** Is git_provider returned as written, or in Databricks' own case? */
  gitProviderCase: "kept" | "Databricks' own";
  /** How is docker_image.basic_auth.password returned? */
  dockerPassword: "kept" | "masked" | "left out";
  /** How is environments[].spec.client returned, now that environment_version replaces it? */
  environmentClient: "kept" | "both" | "environment_version";
  /** Does a run of 2.2 have `state` (deprecated), `status` or both? */
  runState: "state only" | "both" | "status only";
  /** Which life_cycle_state does a run with a failed task have? */
  failedRunState: "TERMINATED" | "INTERNAL_ERROR";
  /** Which message does a get of a run that does not exist return? */
  missingRunMessage: "Run 1 does not exist." | "Run: 1 in job: 2 doesn't exist";
  /** What does run-now do with a continuous job that has an active run? */
  runNowContinuous: "409" | "restarts";
  /** Does a repair change the start_time of its run? */
  repairStart: "changes it" | "leaves it";
  /** When does runs/get show a repair? */
  repairLag: "none" | "seconds";
  /** What does runs/repair do with a latest_repair_id that is out of date? */
  staleRepairId: "refused" | "accepted";
  /** Is a cancelled run TERMINATING for a while before it ends? */
  cancelEnd: "at once" | "TERMINATING first";
  /** Does Databricks accept a cron expression without `?` for day of month or day of week? */
  bothDays: "taken" | "refused";
  /** What does run-now do with a job_parameter that its job does not declare? */
  unknownJobParameter: "taken" | "refused";
  /** For how long does an idempotency token of run-now return the same run? */
  idempotencyTokenLife: "for ever" | "an hour";
  /** For how long after a write do lists return the old state? */
  listLag: "none" | "seconds";
  /** Are the rows of a list sorted? */
  listOrder: "sorted" | "any";
  /** Can a page of a list be empty and still have a next_page_token? */
  emptyPages: "never" | "sometimes";
  /** Does a response contain its list when the list is empty? */
  emptyLists: "left out" | "an empty list";
  /** Does jobs/runs/list accept a limit of 25? */
  runsListLimit: "yes" | "no";
  /** Which code does clusters/get return for a cluster that does not exist? */
  missingCluster: "INVALID_PARAMETER_VALUE" | "INVALID_STATE";
  /** Which status does policies/clusters/get return for a policy that does not exist? */
  missingPolicy: "404" | "400";
  /** How does Databricks return the JSON text of a policy's definition? */
  policyDefinition: "as sent" | "reformatted";
  /** What does an edit of a stopped SQL warehouse do to its state? */
  warehouseEdit: "leaves it" | "starts it";
  /** What does an edit of a SQL warehouse do to fields that it omits? */
  omittedByWarehouseEdit: "reset" | "kept";
  /** Does a SQL warehouse accept an edit, a start or a stop while it starts or stops? */
  busyWarehouse: "yes" | "INVALID_STATE";
  /** What does a get of a deleted SQL warehouse return? */
  deletedWarehouse: "404" | "state DELETED";
  /** With which code does Databricks reject a SQL warehouse with a taken name? */
  warehouseNameTaken: "RESOURCE_ALREADY_EXISTS" | "INVALID_PARAMETER_VALUE";
  /** Which status does instance-pools/get return for a pool that does not exist? */
  missingPool: "404" | "400";
  /** With which code does Databricks reject an instance pool with a taken name? */
  poolNameTaken: "RESOURCE_ALREADY_EXISTS" | "INVALID_PARAMETER_VALUE";
  /** What does an edit of an instance pool do to fields that it omits? */
  omittedByPoolEdit: "reset" | "kept";
  /** With which status does Databricks reject a pipeline with a taken name? */
  pipelineNameTaken: "409" | "400";
  /** What does a get of a deleted pipeline return? */
  deletedPipeline: "404" | "state DELETED";
  /** How is the start of a pipeline update rejected while another update is active? */
  activeUpdate: "409 RESOURCE_CONFLICT" | "400 INVALID_PARAMETER_VALUE";
  /** When does the list of a pipeline's updates show a new one? */
  updateLag: "none" | "seconds";
  /** Does a pipeline update show who started it? */
  updateCreator: "hidden" | "returned";
  /** Which status does a get of an update that does not exist return? */
  missingUpdate: "404" | "400";
  /** Does a get of a serving endpoint whose update failed show the configuration that failed? */
  failedServingConfig: "still pending" | "not shown";
  /** Does a get of a serving endpoint show references to secrets, as in openai_api_key: {{secrets/a/b}}? */
  servingSecrets: "shown as references" | "left out";
  /** Does a get of a vector search endpoint return the requested target_qps? */
  vectorTargetQps: "returned" | "not returned";
  /** What does a get of a vector search index return during its deletion? */
  deletedVectorIndex: "404" | "pending deletion";
  /** Under which name does a response contain the columns of a vector search index? */
  vectorIndexColumns: "as requested" | "under the other name";
  /** Can a vector search endpoint be deleted while it has indexes? */
  usedVectorEndpoint: "refused" | "with its indexes";
  /** In which letter case does Unity Catalog return names? */
  securableNames: "lower case" | "as written";
  /** In which letter case does Unity Catalog return owners? */
  ownerCase: "as written" | "lower case";
  /** Does Unity Catalog keep the trailing slash of a storage_root? */
  storageRootSlash: "no" | "yes";
  /** Which code does Unity Catalog return for a securable that does not exist? */
  missingSecurable: "a code for each type" | "RESOURCE_DOES_NOT_EXIST";
  /** How does Unity Catalog reject a create with a taken name? */
  takenSecurable: "400 and a code for each type" | "409 RESOURCE_ALREADY_EXISTS";
  /** With which code does Unity Catalog refuse to delete a securable that is not empty? */
  fullSecurable: "NOT_EMPTY with the type" | "INVALID_STATE";
  /** Does the schema `default`, which Databricks creates in a new catalog, prevent the catalog's deletion? */
  defaultSchema: "prevents it" | "does not count";
  /** Can a catalog that is not isolated be bound to a workspace? */
  openBinding: "taken" | "refused";
  /** Do a get of a new securable and creates below it find it immediately? */
  freshSecurable: "yes" | "after seconds";
  /** What does a PATCH of Unity Catalog do to properties that it omits? */
  securableProperties: "removed" | "kept";
  /** When does Unity Catalog add its own properties (unity.catalog.managed…)? */
  addedProperties: "never" | "at creation" | "later";
  /** Does a row of a Unity Catalog list contain all fields that a get returns? */
  securableRows: "yes" | "without properties and storage";
  /** What does a PATCH of a connection do to options that it omits? */
  connectionOptions: "removed" | "kept";
  /** Does Databricks accept a PATCH of a connection that sets its owner and contains no options? */
  ownerWithoutOptions: "taken" | "refused";
  /** Does Databricks add its own options to a connection, and change them? */
  addedOptions: "none" | "the expiry of its token";
  /** Does Databricks return the option `user` of a connection? */
  toldUser: "returned" | "hidden";
  /** Can two notification destinations have the same name? */
  destinationNames: "no" | "yes";
  /** Can a PATCH change the type of a notification destination? */
  destinationType: "changed" | "refused";
  /** Does an export of a notebook's source begin with a header that the import did not have? */
  notebookHeader: "as imported" | "a header is added";
  /** Does the first get of a new dashboard find it? */
  newDashboard: "at once" | "by the second get";
  /** Does a row of a list of dashboards contain update_time? */
  dashboardRows: "with update_time" | "without update_time";
  /** Does publishing a dashboard count as a change of its draft? */
  publishing: "leaves the draft" | "is a change of the draft";
  /** Does a get find a query or alert in the trash? */
  trashedQuery: "found" | "not found";
  /** Does a deleted experiment keep its name? */
  deletedExperimentName: "free" | "taken";
};
