/**
 * Doubts about Unity Catalog.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

const names = {
  securableNames: doubt({
    question: "In which case does Unity Catalog answer names?",
    answers: ["lower case", "as written"],
    default: "lower case",
    source: "lower case in the fake server of databricks/cli, whose comment says that the cloud does so",
    mark: "S",
    drawn: true,
  }),
  ownerCase: doubt({
    question: "In which case does Unity Catalog answer owners?",
    answers: ["as written", "lower case"],
    default: "as written",
    source: "terraform-provider-databricks#5183 saw principals of permissions in lower case; of owners nobody says",
    mark: "U",
    drawn: true,
  }),
  storageRootSlash: doubt({
    question: "Does Unity Catalog keep the slash behind a storage_root?",
    answers: ["no", "yes"],
    default: "no",
    source: "no: databricks/cli compares without it; the reference is silent",
    mark: "S",
    drawn: true,
  }),
};

const refusals = {
  missingSecurable: doubt({
    question: "With which code does Unity Catalog say that something does not exist?",
    answers: ["a code for each type", "RESOURCE_DOES_NOT_EXIST"],
    default: "a code for each type",
    source:
      "databricks-sdk-go 0.175.0 lists SCHEMA_DOES_NOT_EXIST and others (service/apps: ErrorCode); no API names its own",
    mark: "U",
    drawn: true,
  }),
  takenSecurable: doubt({
    question: "How does Unity Catalog answer a create whose name is taken?",
    answers: ["400 and a code for each type", "409 RESOURCE_ALREADY_EXISTS"],
    default: "400 and a code for each type",
    source: "databricks-sdk-go 0.175.0 lists SCHEMA_ALREADY_EXISTS and others; nobody here saw the status",
    mark: "U",
    drawn: true,
  }),
  fullSecurable: doubt({
    question: "With which code does Unity Catalog refuse to delete what something is in?",
    answers: ["NOT_EMPTY with the type", "INVALID_STATE"],
    default: "NOT_EMPTY with the type",
    source: "databricks-sdk-go 0.175.0 lists SCHEMA_NOT_EMPTY and CATALOG_NOT_EMPTY; messages say 'is not empty'",
    mark: "U",
    drawn: true,
  }),
  defaultSchema: doubt({
    question: "Does schema `default`, which Databricks makes in a new catalog, keep that from being deleted?",
    answers: ["keeps it", "does not count"],
    default: "keeps it",
    source: "terraform-provider-databricks deletes it right after the create; nobody says what else would happen",
    mark: "S",
    drawn: true,
  }),
  openBinding: doubt({
    question: "Can a catalog that is not isolated be bound to a workspace?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "terraform-provider-databricks isolates it first and binds it then; databricks/cli does not bind",
    mark: "U",
    drawn: true,
  }),
  freshSecurable: doubt({
    question: "Is a securable found at once by its get, and by creates below it?",
    answers: ["yes", "after seconds"],
    default: "yes",
    source:
      "terraform-provider-databricks#2421, #2726, #3069 and #4788: what was just made 'does not exist' for seconds",
    mark: "S",
  }),
};

const answers = {
  securableProperties: doubt({
    question: "What becomes of properties that a PATCH of Unity Catalog leaves out?",
    answers: ["removed", "kept"],
    default: "removed",
    source: "the reference calls properties a map; whether it is replaced or merged, nobody says",
    mark: "U",
    drawn: true,
  }),
  addedProperties: doubt({
    question: "When does Unity Catalog add properties of its own (unity.catalog.managed…)?",
    answers: ["never", "when it is made", "some time later"],
    default: "when it is made",
    source: "the fake server of databricks/cli adds them to schemas; nobody says when the cloud does",
    mark: "S",
    drawn: true,
  }),
  securableRows: doubt({
    question: "Does a row of a Unity Catalog list contain all that a get returns?",
    answers: ["yes", "without properties and storage"],
    default: "yes",
    source: "the SDK gives both one type; whether all fields are set, nobody says",
    mark: "U",
  }),
};

const connections = {
  connectionOptions: doubt({
    question: "What becomes of options that a PATCH of a connection leaves out?",
    answers: ["removed", "kept"],
    default: "removed",
    source: "the SDK makes every update name options; whether they replace or merge, nobody says",
    mark: "U",
    drawn: true,
  }),
  ownerWithoutOptions: doubt({
    question: "Is a PATCH of a connection taken that sets its owner and names no options?",
    answers: ["taken", "refused"],
    default: "taken",
    source: "the SDK makes every update name options; terraform-provider-databricks sets the owner by itself",
    mark: "U",
    drawn: true,
  }),
  addedOptions: doubt({
    question: "Does Databricks add options of its own to a connection, and change them?",
    answers: ["none", "the expiry of its token"],
    default: "none",
    source: "terraform-provider-databricks#4992: access_token_expiration moves with each token of an HTTP connection",
    mark: "S",
    drawn: true,
  }),
  toldUser: doubt({
    question: "Does Databricks answer option `user` of a connection?",
    answers: ["told", "hidden"],
    default: "told",
    source: "terraform-provider-databricks#2528 treats it as it treats a password; nobody says for which types",
    mark: "S",
  }),
};

/** All doubts about Unity Catalog. */
export const catalogDoubts = { ...names, ...refusals, ...answers, ...connections };
