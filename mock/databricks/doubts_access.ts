/**
 * Doubts about tokens, Git credentials, Git folders, secrets and permissions.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** Doubts about refusals: status and code. */
const refusals = {
  missingJob: doubt({
    question: "Which status do the Jobs endpoints return for a job or run that does not exist?",
    answers: ["400", "404"],
    default: "400",
    source:
      "400 INVALID_PARAMETER_VALUE in the messages that the official SDKs special-case; 404 in the error reference",
    mark: "U",
    explored: true,
    drawn: true,
  }),
  wrongToken: doubt({
    question: "Which status does a wrong or expired personal access token get?",
    answers: ["401", "403"],
    default: "401",
    source: "users report both: 401 without a code, and 403 with 'Invalid access token.'",
    mark: "S",
    drawn: true,
  }),
  refusedSignIn: doubt({
    question: "How does the token endpoint reject a client or a federated token?",
    answers: ["OAuth's error", "Databricks' error", "401 without a message"],
    default: "OAuth's error",
    source:
      "RFC 6749; the Python SDK also reads errorCode and errorSummary (oauth.py); dbt-databricks#1666: an opaque 401",
    mark: "U",
  }),
  duplicateCredential: doubt({
    question: "Which status does a second Git credential of the same provider and user get?",
    answers: ["400", "409"],
    default: "400",
    source: "the Git credentials reference names the code, not the status",
    mark: "U",
    explored: true,
    drawn: true,
  }),
  duplicateCredentialCode: doubt({
    question: "Which code does a second Git credential of the same provider and user get?",
    answers: ["RESOURCE_ALREADY_EXISTS", "CREDENTIAL_ALREADY_EXISTS"],
    default: "RESOURCE_ALREADY_EXISTS",
    source: "both are quoted by users",
    mark: "U",
    drawn: true,
  }),
  takenRepoPath: doubt({
    question: "How is the create of a Git folder at an occupied path rejected?",
    answers: ["400 RESOURCE_ALREADY_EXISTS", "400 INVALID_PARAMETER_VALUE", "409 RESOURCE_ALREADY_EXISTS"],
    default: "400 RESOURCE_ALREADY_EXISTS",
    source: "the Repos reference names no code; users quote the first two",
    mark: "U",
    drawn: true,
    explored: true,
  }),
  takenScope: doubt({
    question: "Which status does a second secret scope of the same name get?",
    answers: ["400", "409"],
    default: "400",
    source: "the Secrets reference names the code, not the status",
    mark: "S",
    drawn: true,
    explored: true,
  }),
  permissionsOfMissing: doubt({
    question: "What does a get of a job's permissions return after the job is deleted?",
    answers: ["404", "its last list"],
    default: "404",
    source: "the fake of databricks/cli still returns them for jobs and pipelines, and 404 for newer kinds",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about permissions on objects of the workspace. */
const permissions = {
  permissionLag: doubt({
    question: "For how long after a write do reads of permissions return the old state?",
    answers: ["none", "seconds"],
    default: "none",
    source:
      "terraform-provider-databricks#5827 and #5837: new permissions are missing for a while; MockOptions.listLagMs " +
      "sets how long",
    mark: "S",
    drawn: true,
  }),
  unknownPrincipal: doubt({
    question: "How is a permission for a user or group that does not exist rejected?",
    answers: ["400 INVALID_PARAMETER_VALUE", "404 RESOURCE_DOES_NOT_EXIST"],
    default: "400 INVALID_PARAMETER_VALUE",
    source: "databricks/cli#4488 and terraform-provider-databricks#1415 quote the message, not the status",
    mark: "S",
    drawn: true,
  }),
  permissionNames: doubt({
    question: "In which letter case do permissions return users and service principals?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183: it compares them case-insensitively",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about grants in Unity Catalog. */
const grants = {
  grantLag: doubt({
    question: "For how long after a write do reads of grants return the old state?",
    answers: ["none", "seconds"],
    default: "none",
    source:
      "terraform-provider-databricks reads for up to a minute until its grants appear; MockOptions.listLagMs sets " +
      "how long",
    mark: "S",
    drawn: true,
  }),
  grantNames: doubt({
    question: "In which letter case do grants return users?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks compares principals of grants in lower case",
    mark: "S",
    drawn: true,
  }),
  allPrivileges: doubt({
    question: "Do grants return other privileges beside ALL_PRIVILEGES?",
    answers: ["returned", "collapses"],
    default: "returned",
    source: "terraform-provider-databricks takes ALL_PRIVILEGES for all; the reference is silent",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about names: their case, and their form in answers. */
const names = {
  scopeNames: doubt({
    question: "Are names of secret scopes case-sensitive, and in which case are they listed?",
    answers: ["respect case", "ignore case; listed as made", "ignore case; listed in lower case"],
    default: "ignore case; listed as made",
    source: "'Secret scope names are case insensitive' (docs.databricks.com, secret scopes); silent about lists",
    mark: "S",
    drawn: true,
    explored: true,
  }),
  secretKeys: doubt({
    question: "Are keys of secrets case-sensitive?",
    answers: ["respect case", "ignore case"],
    default: "respect case",
    source: "the documentation says so only about scopes",
    mark: "U",
    drawn: true,
  }),
  principals: doubt({
    question: "In which letter case are the principals of a scope's ACLs listed?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183: user names are compared case-insensitively",
    mark: "S",
    drawn: true,
  }),
  repoUrl: doubt({
    question: "How is the URL of a Git folder returned?",
    answers: ["as written", "without .git and user"],
    default: "as written",
    source: "URLs with a user or a token must not be echoed; whether more is stripped is not documented",
    mark: "U",
    drawn: true,
  }),
  repoProviderCase: doubt({
    question: "Is the provider of Git folders and credentials returned as written, or in Databricks' own case?",
    answers: ["as written", "Databricks' own"],
    default: "as written",
    source: "terraform-provider-databricks compares it case-insensitively",
    mark: "S",
    drawn: true,
  }),
  repoPath: doubt({
    question: "Is the path of a Git folder returned with the prefix /Workspace?",
    answers: ["no", "yes"],
    default: "no",
    source: "the web application shows it; the examples of the reference do not",
    mark: "U",
    drawn: true,
  }),
};

/** Doubts about fields that answers leave out. */
const told = {
  scopeBackend: doubt({
    question: "Does the list of scopes contain the backend_type of a Databricks-backed scope?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the example of the reference has it; in the SDK's type it is optional",
    mark: "U",
    drawn: true,
  }),
  keyVaultTenant: doubt({
    question: "Does the list of scopes contain the tenant_id of an Azure Key Vault?",
    answers: ["yes", "no"],
    default: "yes",
    source: "no: the SDK's AzureKeyVaultSecretScopeMetadata has resource_id and dns_name only",
    mark: "S",
    drawn: true,
  }),
  emptyStringClears: doubt({
    question: "Does an empty string in a PATCH of a Git credential clear git_email?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the reference says nothing about removing a field",
    mark: "U",
    drawn: true,
  }),
  repoCreatorPermission: doubt({
    question: "Does the creator of a Git folder get a direct permission on it, or an inherited one?",
    answers: ["direct", "inherited"],
    default: "direct",
    source: "the Permissions reference shows both; silent about creates",
    mark: "U",
    drawn: true,
  }),
  emptyAnswers: doubt({
    question: "What does a write without a result return: an empty object or an empty body?",
    answers: ["an empty object", "nothing"],
    default: "an empty object",
    source: "{} in the references and recordings; the Python SDK also accepts an empty body",
    mark: "U",
    drawn: true,
  }),
  errorForm: doubt({
    question: "In which form does /preview/scim/v2/Me return an error?",
    answers: ["error_code", "SCIM detail"],
    default: "error_code",
    source: "the official SDKs read both forms",
    mark: "S",
    drawn: true,
  }),
};

/** All doubts about access and names. */
export const accessDoubts = { ...refusals, ...permissions, ...grants, ...names, ...told };
