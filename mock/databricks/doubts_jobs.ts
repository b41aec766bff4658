/**
 * Doubts about answers with jobs: the settings that they contain, and their spelling.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** Doubts about the fields of jobs/get and jobs/list. */
const telling = {
  listTellsParameters: doubt({
    question: "Does jobs/list with expand_tasks return a job's parameters?",
    answers: ["yes", "no"],
    default: "yes",
    source: "no: databricks/cli#1803; yes: the reference of 2.2, which lists parameters among the truncated arrays",
    mark: "S",
    drawn: true,
  }),
  listTellsRunAs: doubt({
    question: "Does a row of jobs/list contain run_as_user_name, as jobs/get does?",
    answers: ["no", "yes"],
    default: "no",
    source: "the SDK's BaseJob lacks the field, its Job has it; not tried",
    mark: "U",
    drawn: true,
  }),
  runAsEchoed: doubt({
    question: "Do jobs/get and jobs/list return settings.run_as, or only run_as_user_name beside the settings?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the SDK calls JobSettings.run_as write-only; recordings show it in some workspaces",
    mark: "U",
    drawn: true,
  }),
  serverDefaults: doubt({
    question: "Which omitted fields do responses contain, with the server's defaults?",
    answers: ["none", "job and task", "everywhere"],
    default: "everywhere",
    source: "recordings in the issues of terraform-provider-databricks have them at every level, also in clusters; " +
      "which ones depends on the workspace and the cloud",
    mark: "S",
    drawn: true,
  }),
  policyDefaultsEchoed: doubt({
    question: "Do responses contain apply_policy_default_values of a cluster?",
    answers: ["yes", "no"],
    default: "no",
    source: "no: terraform-provider-databricks suppresses its drift because it is never returned",
    mark: "S",
    drawn: true,
  }),
  unknownFields: doubt({
    question: "What does the Jobs API do with an unknown field of job settings?",
    answers: ["kept", "dropped", "refused"],
    default: "dropped",
    source:
      "dropped: users report misspelt fields without effect; refused: other endpoints of the same workspace do so",
    mark: "S",
    drawn: true,
  }),
  unknownEnumValues: doubt({
    question: "What does the Jobs API do with an unknown enum value in job settings?",
    answers: ["kept", "dropped", "refused"],
    default: "dropped",
    source: "dropped: performance_target STANDART gets 200 and is then missing; refused: the error reference",
    mark: "S",
    drawn: true,
  }),
  largeJobs21: doubt({
    question: "What does jobs/get of 2.1 return for a job with more than 100 tasks?",
    answers: ["the first 100", "no tasks"],
    default: "the first 100",
    source: "'Updating from Jobs API 2.1 to 2.2' names the limit of 100; silent about what 2.1 returns beyond it",
    mark: "U",
    drawn: true,
  }),
  cloneCopiesTags: doubt({
    question: "Does a clone of a job, created in the web application, have the tags of the original?",
    answers: ["no", "yes"],
    default: "no",
    source: "the documentation of cloning lists settings and does not mention tags",
    mark: "U",
    drawn: true,
  }),
  jobNameFilter: doubt({
    question: "Is the filter `name` of jobs/list case-sensitive?",
    answers: ["ignores case", "respects case"],
    default: "ignores case",
    source: "the reference says 'exact (case insensitive)'; letters beyond ASCII were not tried",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about the spelling of returned values. */
const spelling = {
  webhookOrder: doubt({
    question: "Are the webhooks of a job or task returned in the order of the request?",
    answers: ["kept", "any"],
    default: "any",
    source: "any: terraform-provider-databricks treats these lists as sets because each read returns another order",
    mark: "S",
    drawn: true,
  }),
  libraryOrder: doubt({
    question: "Are a task's libraries returned in the order of the request?",
    answers: ["kept", "any"],
    default: "kept",
    source: "any: terraform-provider-databricks treats them as a set",
    mark: "S",
    drawn: true,
  }),
  dataSecurityAliases: doubt({
    question: "How are DATA_SECURITY_MODE_DEDICATED, _STANDARD and _AUTO returned?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "the SDK's types call them aliases of SINGLE_USER and USER_ISOLATION; not tried",
    mark: "U",
    drawn: true,
  }),
  zoneAuto: doubt({
    question: "How is aws_attributes.zone_id `auto` returned?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "resolved: terraform-provider-databricks suppresses the difference between `auto` and a zone",
    mark: "S",
    drawn: true,
  }),
  sparkVersionAuto: doubt({
    question: "How is a spark_version such as `auto:latest-lts` returned?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "resolved: cluster policies with `auto:` versions show the chosen version",
    mark: "S",
    drawn: true,
  }),
  jobFormat: doubt({
    question: "How do 2.1 and 2.2 return format SINGLE_TASK?",
    answers: ["kept", "MULTI_TASK"],
    default: "kept",
    source: "the SDK: the field is ignored in requests; every job of 2.1 and later has MULTI_TASK",
    mark: "S",
    drawn: true,
  }),
  gitProviderCase: doubt({
    question: "Is git_provider returned as written, or in Databricks' own case?",
    answers: ["kept", "Databricks' own"],
    default: "kept",
    source: "terraform-provider-databricks compares it case-insensitively",
    mark: "S",
    drawn: true,
  }),
  dockerPassword: doubt({
    question: "How is docker_image.basic_auth.password returned?",
    answers: ["kept", "masked", "left out"],
    default: "kept",
    source: "masked or left out: passwords must not be echoed; no source says which",
    mark: "U",
    drawn: true,
  }),
  environmentClient: doubt({
    question: "How is environments[].spec.client returned, now that environment_version replaces it?",
    answers: ["kept", "both", "environment_version"],
    default: "kept",
    source: "the SDK calls client deprecated in favour of environment_version; silent about responses",
    mark: "U",
    drawn: true,
  }),
};

/** All doubts about jobs. */
export const jobDoubts = { ...telling, ...spelling };
