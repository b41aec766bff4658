/** The answers that each doubt may have. Written by `deno task generate` from `doubts_*.ts`. @module */

/** An answer to each doubt. */
export type Doubts = {
  /** With which status do the Jobs endpoints answer for a job or run that is not there? */
  missingJob: "400" | "404";
  /** With which status is a personal access token answered that is wrong or has expired? */
  wrongToken: "401" | "403";
  /** How does the token endpoint refuse a client or a federated token? */
  refusedSignIn: "OAuth's error" | "Databricks' error" | "401 without words";
  /** With which status is a second Git credential of the same provider and user answered? */
  duplicateCredential: "400" | "409";
  /** With which code is a second Git credential of the same provider and user answered? */
  duplicateCredentialCode: "RESOURCE_ALREADY_EXISTS" | "CREDENTIAL_ALREADY_EXISTS";
  /** How is the creation of a Git folder at an occupied path answered? */
  takenRepoPath: "400 RESOURCE_ALREADY_EXISTS" | "400 INVALID_PARAMETER_VALUE" | "409 RESOURCE_ALREADY_EXISTS";
  /** With which status is a second secret scope of the same name answered? */
  takenScope: "400" | "409";
  /** What do the permissions of a job answer after the job is gone? */
  permissionsOfMissing: "404" | "its last list";
  /** How long after a write do reads of permissions still return the former state? */
  permissionLag: "none" | "seconds";
  /** How is a permission for a user or group refused that does not exist? */
  unknownPrincipal: "400 INVALID_PARAMETER_VALUE" | "404 RESOURCE_DOES_NOT_EXIST";
  /** In which case are users and service principals answered in permissions? */
  permissionNames: "as written" | "lower case";
  /** How long after a write do reads of grants still return the former state? */
  grantLag: "none" | "seconds";
  /** In which case are users answered in grants? */
  grantNames: "as written" | "lower case";
  /** Are other privileges answered beside ALL_PRIVILEGES? */
  allPrivileges: "are told" | "collapses";
  /** Do names of secret scopes respect case, and in which case are they listed? */
  scopeNames: "respect case" | "ignore case; listed as made" | "ignore case; listed in lower case";
  /** Do keys of secrets respect case? */
  secretKeys: "respect case" | "ignore case";
  /** In which case are the principals of a scope's ACLs listed? */
  principals: "as written" | "lower case";
  /** How is the URL of a Git folder answered? */
  repoUrl: "as written" | "without .git and user";
  /** Is the provider of Git folders and credentials answered as written, or in Databricks' own case? */
  repoProviderCase: "as written" | "Databricks' own";
  /** Is the path of a Git folder answered with /Workspace in front? */
  repoPath: "no" | "yes";
  /** Does the list of scopes contain backend_type of a scope that Databricks keeps? */
  scopeBackend: "yes" | "no";
  /** Does the list of scopes contain tenant_id of an Azure Key Vault? */
  keyVaultTenant: "yes" | "no";
  /** Does an empty string in a PATCH of a Git credential take git_email away? */
  emptyStringClears: "yes" | "no";
  /** Does whoever makes a Git folder get a permission of its own on it, or what the folder above hands down? */
  repoCreatorPermission: "direct" | "inherited";
  /** What is the answer of a write without a result: an empty object, or nothing at all? */
  emptyAnswers: "an empty object" | "nothing";
  /** In which form does /preview/scim/v2/Me say why it refuses? */
  errorForm: "error_code" | "SCIM detail";
  /** Does jobs/list with expand_tasks return a job's parameters? */
  listTellsParameters: "yes" | "no";
  /** Does a row of jobs/list have run_as_user_name, as jobs/get has? */
  listTellsRunAs: "no" | "yes";
  /** Do jobs/get and jobs/list return settings.run_as, or only run_as_user_name beside the settings? */
  runAsEchoed: "yes" | "no";
  /** Which fields that the request left out are in the answers, with the server's defaults? */
  serverDefaults: "none" | "job and task" | "everywhere";
  /** Do answers contain apply_policy_default_values of a cluster? */
  policyDefaultsEchoed: "yes" | "no";
  /** What becomes of a field of job settings that the Jobs API does not know? */
  unknownFields: "kept" | "dropped" | "refused";
  /** What becomes of a value that an enum of job settings does not know? */
  unknownEnumValues: "kept" | "dropped" | "refused";
  /** What does jobs/get of 2.1 return of a job with more than 100 tasks? */
  largeJobs21: "the first 100" | "no tasks";
  /** Does a clone of a job, made in the web application, have the tags of the original? */
  cloneCopiesTags: "no" | "yes";
  /** Does the filter `name` of jobs/list respect case? */
  jobNameFilter: "ignores case" | "respects case";
  /** Are the webhooks of a job or task answered in the order in which they were written? */
  webhookOrder: "kept" | "any";
  /** Are a task's libraries answered in the order in which they were written? */
  libraryOrder: "kept" | "any";
  /** How are DATA_SECURITY_MODE_DEDICATED, _STANDARD and _AUTO answered? */
  dataSecurityAliases: "kept" | "resolved";
  /** How is aws_attributes.zone_id `auto` answered? */
  zoneAuto: "kept" | "resolved";
  /** How is a spark_version such as `auto:latest-lts` answered? */
  sparkVersionAuto: "kept" | "resolved";
  /** How is format SINGLE_TASK answered by 2.1 and 2.2? */
  jobFormat: "kept" | "MULTI_TASK";
  /** Is git_provider answered in the case in which it was written, or in Databricks' own? */
  gitProviderCase: "kept" | "Databricks' own";
  /** How is docker_image.basic_auth.password answered? */
  dockerPassword: "kept" | "masked" | "left out";
  /** How is environments[].spec.client answered, now that environment_version takes its place? */
  environmentClient: "kept" | "both" | "environment_version";
  /** Which of `state` (deprecated) and `status` does a run of 2.2 have? */
  runState: "state only" | "both" | "status only";
  /** Which life_cycle_state has a run whose task failed? */
  failedRunState: "TERMINATED" | "INTERNAL_ERROR";
  /** In which words is a run answered that is not there? */
  missingRunMessage: "Run 1 does not exist." | "Run: 1 in job: 2 doesn't exist";
  /** What does run-now do with a continuous job that has an active run? */
  runNowContinuous: "409" | "restarts";
  /** Does a repair move the start_time of its run? */
  repairStart: "moves it" | "leaves it";
  /** Does runs/get show a repair at once? */
  repairLag: "none" | "seconds";
  /** What does runs/repair do with a latest_repair_id that is not the latest? */
  staleRepairId: "refused" | "accepted";
  /** Is a run that is cancelled TERMINATING for a while before it ends? */
  cancelEnd: "at once" | "TERMINATING first";
  /** What becomes of a cron expression without `?` for either of day of month and day of week? */
  bothDays: "taken" | "refused";
  /** What does run-now do with a job_parameter that its job does not declare? */
  unknownJobParameter: "taken" | "refused";
  /** How long does an idempotency token of run-now keep its run? */
  idempotencyTokenLife: "for ever" | "an hour";
  /** How long after a write do lists still return the former state? */
  listLag: "none" | "seconds";
  /** Are the rows of a list sorted? */
  listOrder: "sorted" | "any";
  /** Can a page of a list be empty and still have a next_page_token? */
  emptyPages: "never" | "sometimes";
  /** Does an answer whose list is empty have the list? */
  emptyLists: "left out" | "an empty list";
  /** Does jobs/runs/list accept a limit of 25? */
  runsListLimit: "yes" | "no";
  /** How does clusters/get say that there is no such cluster? */
  missingCluster: "INVALID_PARAMETER_VALUE" | "INVALID_STATE";
  /** With which status does policies/clusters/get say that there is no such policy? */
  missingPolicy: "404" | "400";
  /** How does Databricks answer the JSON text of a policy's definition? */
  policyDefinition: "as sent" | "reformatted";
  /** What does an edit of a stopped SQL warehouse do to its state? */
  warehouseEdit: "leaves it" | "starts it";
  /** What becomes of fields that an edit of a SQL warehouse leaves out? */
  omittedByWarehouseEdit: "reset" | "kept";
  /** Does a SQL warehouse take an edit, a start or a stop while it starts or stops? */
  busyWarehouse: "yes" | "INVALID_STATE";
  /** What does a get say of a SQL warehouse that was deleted? */
  deletedWarehouse: "404" | "state DELETED";
  /** With which code does Databricks refuse a SQL warehouse whose name is taken? */
  warehouseNameTaken: "RESOURCE_ALREADY_EXISTS" | "INVALID_PARAMETER_VALUE";
  /** With which status does instance-pools/get say that there is no such pool? */
  missingPool: "404" | "400";
  /** With which code does Databricks refuse an instance pool whose name is taken? */
  poolNameTaken: "RESOURCE_ALREADY_EXISTS" | "INVALID_PARAMETER_VALUE";
  /** What becomes of fields that an edit of an instance pool leaves out? */
  omittedByPoolEdit: "reset" | "kept";
  /** With which status does Databricks refuse a pipeline whose name is taken? */
  pipelineNameTaken: "409" | "400";
  /** What does a get say of a pipeline that was deleted? */
  deletedPipeline: "404" | "state DELETED";
  /** How is the start of an update refused while another one of the pipeline is active? */
  activeUpdate: "409 RESOURCE_CONFLICT" | "400 INVALID_PARAMETER_VALUE";
  /** Does the list of a pipeline's updates show a new one at once? */
  updateLag: "none" | "seconds";
  /** Does an update tell who began it? */
  updateCreator: "hidden" | "told";
  /** With which status is an update answered that is not there? */
  missingUpdate: "404" | "400";
  /** Does a get of a serving endpoint whose update failed show the configuration that failed? */
  failedServingConfig: "still pending" | "not shown";
  /** Does a get of a serving endpoint show references to secrets, as in openai_api_key: {{secrets/a/b}}? */
  servingSecrets: "shown as references" | "left out";
  /** Does an answer about a vector search endpoint contain the target_qps that was asked for? */
  vectorTargetQps: "answered" | "not answered";
  /** What does a get say of a vector search index whose deletion is under way? */
  deletedVectorIndex: "404" | "pending deletion";
  /** Under which name does an answer have the columns of a vector search index? */
  vectorIndexColumns: "as asked for" | "under the other name";
  /** Is a vector search endpoint deleted while it has indexes? */
  usedVectorEndpoint: "refused" | "with its indexes";
  /** In which case does Unity Catalog answer names? */
  securableNames: "lower case" | "as written";
  /** In which case does Unity Catalog answer owners? */
  ownerCase: "as written" | "lower case";
  /** Does Unity Catalog keep the slash behind a storage_root? */
  storageRootSlash: "no" | "yes";
  /** With which code does Unity Catalog say that something does not exist? */
  missingSecurable: "a code for each type" | "RESOURCE_DOES_NOT_EXIST";
  /** How does Unity Catalog answer a create whose name is taken? */
  takenSecurable: "400 and a code for each type" | "409 RESOURCE_ALREADY_EXISTS";
  /** With which code does Unity Catalog refuse to delete what something is in? */
  fullSecurable: "NOT_EMPTY with the type" | "INVALID_STATE";
  /** Does schema `default`, which Databricks makes in a new catalog, keep that from being deleted? */
  defaultSchema: "keeps it" | "does not count";
  /** Can a catalog that is not isolated be bound to a workspace? */
  openBinding: "taken" | "refused";
  /** Is a securable found at once by its get, and by creates below it? */
  freshSecurable: "yes" | "after seconds";
  /** What becomes of properties that a PATCH of Unity Catalog leaves out? */
  securableProperties: "removed" | "kept";
  /** When does Unity Catalog add properties of its own (unity.catalog.managed…)? */
  addedProperties: "never" | "when it is made" | "some time later";
  /** Does a row of a Unity Catalog list contain all that a get returns? */
  securableRows: "yes" | "without properties and storage";
  /** What becomes of options that a PATCH of a connection leaves out? */
  connectionOptions: "removed" | "kept";
  /** Is a PATCH of a connection taken that sets its owner and names no options? */
  ownerWithoutOptions: "taken" | "refused";
  /** Does Databricks add options of its own to a connection, and change them? */
  addedOptions: "none" | "the expiry of its token";
  /** Does Databricks answer option `user` of a connection? */
  toldUser: "told" | "hidden";
  /** Can two notification destinations have one name? */
  destinationNames: "no" | "yes";
  /** Does a PATCH change the type of a notification destination? */
  destinationType: "changed" | "refused";
  /** Does an export of a notebook's source begin with a line that the import did not have? */
  notebookHeader: "as imported" | "a header is added";
  /** Does the first get of a new dashboard find it? */
  newDashboard: "seen at once" | "seen by the second get";
  /** Do the rows of a list of dashboards have an update_time? */
  dashboardRows: "with update_time" | "without update_time";
  /** Does publishing a dashboard count as a change of its draft? */
  publishing: "leaves the draft" | "is a change of the draft";
  /** Does a get find a query or alert that is in the trash? */
  trashedQuery: "found" | "not found";
  /** Does a deleted experiment keep its name? */
  deletedExperimentName: "free" | "taken";
};
