/**
 * Doubts about tokens, Git credentials, Git folders, secrets and permissions.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** Doubts about refusals: status and code. */
const refusals = {
  missingJob: doubt({
    question: "With which status do the Jobs endpoints answer for a job or run that is not there?",
    answers: ["400", "404"],
    default: "400",
    source:
      "400 INVALID_PARAMETER_VALUE in the messages that the official SDKs special-case; 404 in the error reference",
    mark: "U",
    explored: true,
    drawn: true,
  }),
  wrongToken: doubt({
    question: "With which status is a personal access token answered that is wrong or has expired?",
    answers: ["401", "403"],
    default: "401",
    source: "users report both: 401 without a code, and 403 with 'Invalid access token.'",
    mark: "S",
    drawn: true,
  }),
  refusedSignIn: doubt({
    question: "How does the token endpoint refuse a client or a federated token?",
    answers: ["OAuth's error", "Databricks' error", "401 without words"],
    default: "OAuth's error",
    source:
      "RFC 6749; the Python SDK also reads errorCode and errorSummary (oauth.py); dbt-databricks#1666: an opaque 401",
    mark: "U",
  }),
  duplicateCredential: doubt({
    question: "With which status is a second Git credential of the same provider and user answered?",
    answers: ["400", "409"],
    default: "400",
    source: "the Git credentials reference names the code, not the status",
    mark: "U",
    explored: true,
    drawn: true,
  }),
  duplicateCredentialCode: doubt({
    question: "With which code is a second Git credential of the same provider and user answered?",
    answers: ["RESOURCE_ALREADY_EXISTS", "CREDENTIAL_ALREADY_EXISTS"],
    default: "RESOURCE_ALREADY_EXISTS",
    source: "both are quoted by users",
    mark: "U",
    drawn: true,
  }),
  takenRepoPath: doubt({
    question: "How is the creation of a Git folder at an occupied path answered?",
    answers: ["400 RESOURCE_ALREADY_EXISTS", "400 INVALID_PARAMETER_VALUE", "409 RESOURCE_ALREADY_EXISTS"],
    default: "400 RESOURCE_ALREADY_EXISTS",
    source: "the Repos reference names no code; users quote the first two",
    mark: "U",
    drawn: true,
    explored: true,
  }),
  takenScope: doubt({
    question: "With which status is a second secret scope of the same name answered?",
    answers: ["400", "409"],
    default: "400",
    source: "the Secrets reference names the code, not the status",
    mark: "S",
    drawn: true,
    explored: true,
  }),
  permissionsOfMissing: doubt({
    question: "What do the permissions of a job answer after the job is gone?",
    answers: ["404", "its last list"],
    default: "404",
    source: "the fake of databricks/cli keeps answering for jobs and pipelines, and says 404 for newer kinds",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about permissions on objects of the workspace. */
const permissions = {
  permissionLag: doubt({
    question: "How long after a write do reads of permissions still return the former state?",
    answers: ["none", "seconds"],
    default: "none",
    source:
      "terraform-provider-databricks#5827 and #5837: what was just set is missing; MockOptions.listLagMs says for " +
      "how long",
    mark: "S",
    drawn: true,
  }),
  unknownPrincipal: doubt({
    question: "How is a permission for a user or group refused that does not exist?",
    answers: ["400 INVALID_PARAMETER_VALUE", "404 RESOURCE_DOES_NOT_EXIST"],
    default: "400 INVALID_PARAMETER_VALUE",
    source: "databricks/cli#4488 and terraform-provider-databricks#1415 quote the message, not the status",
    mark: "S",
    drawn: true,
  }),
  permissionNames: doubt({
    question: "In which case are users and service principals answered in permissions?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183: they compare without case",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about grants in Unity Catalog. */
const grants = {
  grantLag: doubt({
    question: "How long after a write do reads of grants still return the former state?",
    answers: ["none", "seconds"],
    default: "none",
    source:
      "terraform-provider-databricks reads for up to a minute until what it granted shows; MockOptions.listLagMs says " +
      "for how long",
    mark: "S",
    drawn: true,
  }),
  grantNames: doubt({
    question: "In which case are users answered in grants?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks compares principals of grants in lower case",
    mark: "S",
    drawn: true,
  }),
  allPrivileges: doubt({
    question: "Are other privileges answered beside ALL_PRIVILEGES?",
    answers: ["are told", "collapses"],
    default: "are told",
    source: "terraform-provider-databricks takes ALL_PRIVILEGES for all; the reference is silent",
    mark: "S",
    drawn: true,
  }),
};

/** Doubts about names: their case, and their form in answers. */
const names = {
  scopeNames: doubt({
    question: "Do names of secret scopes respect case, and in which case are they listed?",
    answers: ["respect case", "ignore case; listed as made", "ignore case; listed in lower case"],
    default: "ignore case; listed as made",
    source:
      "'Secret scope names are case insensitive' (docs.databricks.com, secret scopes); how they are listed is not said",
    mark: "S",
    drawn: true,
    explored: true,
  }),
  secretKeys: doubt({
    question: "Do keys of secrets respect case?",
    answers: ["respect case", "ignore case"],
    default: "respect case",
    source: "the documentation says it of scopes only",
    mark: "U",
    drawn: true,
  }),
  principals: doubt({
    question: "In which case are the principals of a scope's ACLs listed?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183: user names compare without case",
    mark: "S",
    drawn: true,
  }),
  repoUrl: doubt({
    question: "How is the URL of a Git folder answered?",
    answers: ["as written", "without .git and user"],
    default: "as written",
    source: "URLs with a user or a token in them must not be echoed; what else is stripped is not documented",
    mark: "U",
    drawn: true,
  }),
  repoProviderCase: doubt({
    question: "Is the provider of Git folders and credentials answered as written, or in Databricks' own case?",
    answers: ["as written", "Databricks' own"],
    default: "as written",
    source: "terraform-provider-databricks compares it without case",
    mark: "S",
    drawn: true,
  }),
  repoPath: doubt({
    question: "Is the path of a Git folder answered with /Workspace in front?",
    answers: ["no", "yes"],
    default: "no",
    source: "the web application shows it, the reference's examples do not",
    mark: "U",
    drawn: true,
  }),
};

/** Doubts about fields that answers leave out. */
const told = {
  scopeBackend: doubt({
    question: "Does the list of scopes contain backend_type of a scope that Databricks keeps?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the reference's example has it; the SDK's type has it as optional",
    mark: "U",
    drawn: true,
  }),
  keyVaultTenant: doubt({
    question: "Does the list of scopes contain tenant_id of an Azure Key Vault?",
    answers: ["yes", "no"],
    default: "yes",
    source: "no: the SDK's AzureKeyVaultSecretScopeMetadata has resource_id and dns_name only",
    mark: "S",
    drawn: true,
  }),
  emptyStringClears: doubt({
    question: "Does an empty string in a PATCH of a Git credential take git_email away?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the reference says nothing about removing a field",
    mark: "U",
    drawn: true,
  }),
  repoCreatorPermission: doubt({
    question: "Does whoever makes a Git folder get a permission of its own on it, or what the folder above hands down?",
    answers: ["direct", "inherited"],
    default: "direct",
    source: "the Permissions reference shows both; nobody says what a create leaves",
    mark: "U",
    drawn: true,
  }),
  emptyAnswers: doubt({
    question: "What is the answer of a write without a result: an empty object, or nothing at all?",
    answers: ["an empty object", "nothing"],
    default: "an empty object",
    source: "{} in the references and recordings; the Python SDK also takes an answer without a body",
    mark: "U",
    drawn: true,
  }),
  errorForm: doubt({
    question: "In which form does /preview/scim/v2/Me say why it refuses?",
    answers: ["error_code", "SCIM detail"],
    default: "error_code",
    source: "the official SDKs read both forms",
    mark: "S",
    drawn: true,
  }),
};

/** All doubts about access and names. */
export const accessDoubts = { ...refusals, ...permissions, ...grants, ...names, ...told };
