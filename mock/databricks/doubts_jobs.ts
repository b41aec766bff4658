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
    source: "no: databricks/cli#1803; yes: the reference of 2.2, which counts parameters among the arrays that are cut",
    mark: "S",
    drawn: true,
  }),
  listTellsRunAs: doubt({
    question: "Does a row of jobs/list have run_as_user_name, as jobs/get has?",
    answers: ["no", "yes"],
    default: "no",
    source: "the SDK's BaseJob lacks the field, its Job has it; nobody tried",
    mark: "U",
    drawn: true,
  }),
  runAsEchoed: doubt({
    question: "Do jobs/get and jobs/list return settings.run_as, or only run_as_user_name beside the settings?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the SDK calls JobSettings.run_as write-only; recorded answers of clients show it in some workspaces",
    mark: "U",
    drawn: true,
  }),
  serverDefaults: doubt({
    question: "Which fields that the request left out are in the answers, with the server's defaults?",
    answers: ["none", "job and task", "everywhere"],
    default: "everywhere",
    source:
      "recorded answers in the issues of terraform-provider-databricks have them at every level, also in clusters; " +
      "which ones depends on workspace and cloud",
    mark: "S",
    drawn: true,
  }),
  policyDefaultsEchoed: doubt({
    question: "Do answers contain apply_policy_default_values of a cluster?",
    answers: ["yes", "no"],
    default: "no",
    source: "no: terraform-provider-databricks suppresses its drift, since it is never returned",
    mark: "S",
    drawn: true,
  }),
  unknownFields: doubt({
    question: "What becomes of a field of job settings that the Jobs API does not know?",
    answers: ["kept", "dropped", "refused"],
    default: "dropped",
    source: "dropped: users whose misspelt fields had no effect; refused: other endpoints of the same workspace do so",
    mark: "S",
    drawn: true,
  }),
  unknownEnumValues: doubt({
    question: "What becomes of a value that an enum of job settings does not know?",
    answers: ["kept", "dropped", "refused"],
    default: "dropped",
    source: "dropped: performance_target STANDART is answered with 200 and then missing; refused: the error reference",
    mark: "S",
    drawn: true,
  }),
  largeJobs21: doubt({
    question: "What does jobs/get of 2.1 return of a job with more than 100 tasks?",
    answers: ["the first 100", "no tasks"],
    default: "the first 100",
    source: "'Updating from Jobs API 2.1 to 2.2' names the limit of 100 and does not say what 2.1 answers beyond it",
    mark: "U",
    drawn: true,
  }),
  cloneCopiesTags: doubt({
    question: "Does a clone of a job, made in the web application, have the tags of the original?",
    answers: ["no", "yes"],
    default: "no",
    source: "the documentation of cloning lists settings without naming tags",
    mark: "U",
    drawn: true,
  }),
  jobNameFilter: doubt({
    question: "Does the filter `name` of jobs/list respect case?",
    answers: ["ignores case", "respects case"],
    default: "ignores case",
    source: "the reference says 'exact (case insensitive)'; nobody tried letters beyond ASCII",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about the spelling of returned values. */
const spelling = {
  webhookOrder: doubt({
    question: "Are the webhooks of a job or task answered in the order in which they were written?",
    answers: ["kept", "any"],
    default: "any",
    source: "any: terraform-provider-databricks treats these lists as sets, since their order differs at each read",
    mark: "S",
    drawn: true,
  }),
  libraryOrder: doubt({
    question: "Are a task's libraries answered in the order in which they were written?",
    answers: ["kept", "any"],
    default: "kept",
    source: "any: terraform-provider-databricks treats them as a set",
    mark: "S",
    drawn: true,
  }),
  dataSecurityAliases: doubt({
    question: "How are DATA_SECURITY_MODE_DEDICATED, _STANDARD and _AUTO answered?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "the SDK's types call them aliases of SINGLE_USER and USER_ISOLATION; nobody tried what comes back",
    mark: "U",
    drawn: true,
  }),
  zoneAuto: doubt({
    question: "How is aws_attributes.zone_id `auto` answered?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "resolved: terraform-provider-databricks suppresses the difference from `auto` to a zone",
    mark: "S",
    drawn: true,
  }),
  sparkVersionAuto: doubt({
    question: "How is a spark_version such as `auto:latest-lts` answered?",
    answers: ["kept", "resolved"],
    default: "kept",
    source: "resolved: cluster policies with `auto:` versions show the version that was chosen",
    mark: "S",
    drawn: true,
  }),
  jobFormat: doubt({
    question: "How is format SINGLE_TASK answered by 2.1 and 2.2?",
    answers: ["kept", "MULTI_TASK"],
    default: "kept",
    source: "the SDK: the field is ignored in requests; MULTI_TASK is what every job of 2.1 and later has",
    mark: "S",
    drawn: true,
  }),
  gitProviderCase: doubt({
    question: "Is git_provider answered in the case in which it was written, or in Databricks' own?",
    answers: ["kept", "Databricks' own"],
    default: "kept",
    source: "terraform-provider-databricks compares it without case",
    mark: "S",
    drawn: true,
  }),
  dockerPassword: doubt({
    question: "How is docker_image.basic_auth.password answered?",
    answers: ["kept", "masked", "left out"],
    default: "kept",
    source: "masked or left out: nobody could tell which; passwords must not be echoed",
    mark: "U",
    drawn: true,
  }),
  environmentClient: doubt({
    question: "How is environments[].spec.client answered, now that environment_version takes its place?",
    answers: ["kept", "both", "environment_version"],
    default: "kept",
    source: "the SDK calls client deprecated in favour of environment_version; what comes back is not documented",
    mark: "U",
    drawn: true,
  }),
};

/** All doubts about jobs. */
export const jobDoubts = { ...telling, ...spelling };
