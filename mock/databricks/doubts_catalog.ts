/**
 * Doubts about Unity Catalog.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

const names = {
  securableNames: doubt({
    question: "In which letter case does Unity Catalog return names?",
    answers: ["lower case", "as written"],
    default: "lower case",
    source: "lower case in the fake server of databricks/cli; its comment says that the cloud does the same",
    mark: "S",
    drawn: true,
  }),
  ownerCase: doubt({
    question: "In which letter case does Unity Catalog return owners?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183 saw principals of permissions in lower case; no source for owners",
    mark: "U",
    drawn: true,
  }),
  storageRootSlash: doubt({
    question: "Does Unity Catalog keep the trailing slash of a storage_root?",
    answers: ["no", "yes"],
    default: "no",
    source: "no: databricks/cli compares without it; the reference is silent",
    mark: "S",
    drawn: true,
  }),
};

const refusals = {
  missingSecurable: doubt({
    question: "Which code does Unity Catalog return for a securable that does not exist?",
    answers: ["a code for each type", "RESOURCE_DOES_NOT_EXIST"],
    default: "a code for each type",
    source:
      "databricks-sdk-go 0.175.0 lists SCHEMA_DOES_NOT_EXIST and others (service/apps: ErrorCode), without their APIs",
    mark: "U",
    drawn: true,
  }),
  takenSecurable: doubt({
    question: "How does Unity Catalog reject a create with a taken name?",
    answers: ["400 and a code for each type", "409 RESOURCE_ALREADY_EXISTS"],
    default: "400 and a code for each type",
    source: "databricks-sdk-go 0.175.0 lists SCHEMA_ALREADY_EXISTS and others, without the status",
    mark: "U",
    drawn: true,
  }),
  fullSecurable: doubt({
    question: "With which code does Unity Catalog refuse to delete a securable that is not empty?",
    answers: ["NOT_EMPTY with the type", "INVALID_STATE"],
    default: "NOT_EMPTY with the type",
    source: "databricks-sdk-go 0.175.0 lists SCHEMA_NOT_EMPTY and CATALOG_NOT_EMPTY; messages say 'is not empty'",
    mark: "U",
    drawn: true,
  }),
  defaultSchema: doubt({
    question: "Does the schema `default`, which Databricks creates in a new catalog, prevent the catalog's deletion?",
    answers: ["prevents it", "does not count"],
    default: "prevents it",
    source: "terraform-provider-databricks deletes it right after the create, without a reason",
    mark: "S",
    drawn: true,
  }),
  openBinding: doubt({
    question: "Can a catalog that is not isolated be bound to a workspace?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "terraform-provider-databricks isolates it first and then binds it; databricks/cli does not bind",
    mark: "U",
    drawn: true,
  }),
  freshSecurable: doubt({
    question: "Do a get of a new securable and creates below it find it immediately?",
    answers: ["yes", "after seconds"],
    default: "yes",
    source: "terraform-provider-databricks#2421, #2726, #3069 and #4788: a new resource 'does not exist' for seconds",
    mark: "S",
  }),
};

const answers = {
  securableProperties: doubt({
    question: "What does a PATCH of Unity Catalog do to properties that it omits?",
    answers: ["removed", "kept"],
    default: "removed",
    source: "the reference calls properties a map; silent about replacing or merging it",
    mark: "U",
    drawn: true,
  }),
  addedProperties: doubt({
    question: "When does Unity Catalog add its own properties (unity.catalog.managed…)?",
    answers: ["never", "at creation", "later"],
    default: "at creation",
    source: "the fake server of databricks/cli adds them to schemas; no source for the cloud",
    mark: "S",
    drawn: true,
  }),
  securableRows: doubt({
    question: "Does a row of a Unity Catalog list contain all fields that a get returns?",
    answers: ["yes", "without properties and storage"],
    default: "yes",
    source: "the SDK has one type for both; silent about which fields are set",
    mark: "U",
  }),
};

const connections = {
  connectionOptions: doubt({
    question: "What does a PATCH of a connection do to options that it omits?",
    answers: ["removed", "kept"],
    default: "removed",
    source: "the SDK requires options in every update; silent about replacing or merging them",
    mark: "U",
    drawn: true,
  }),
  ownerWithoutOptions: doubt({
    question: "Does Databricks accept a PATCH of a connection that sets its owner and contains no options?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "the SDK requires options in every update; terraform-provider-databricks sets only the owner",
    mark: "U",
    drawn: true,
  }),
  addedOptions: doubt({
    question: "Does Databricks add its own options to a connection, and change them?",
    answers: ["none", "the expiry of its token"],
    default: "none",
    source: "terraform-provider-databricks#4992: access_token_expiration changes with each token of an HTTP connection",
    mark: "S",
    drawn: true,
  }),
  toldUser: doubt({
    question: "Does Databricks return the option `user` of a connection?",
    answers: ["returned", "hidden"],
    default: "returned",
    source: "terraform-provider-databricks#2528 treats it like a password; silent about types",
    mark: "S",
  }),
};

/** All doubts about Unity Catalog. */
export const catalogDoubts = { ...names, ...refusals, ...answers, ...connections };
