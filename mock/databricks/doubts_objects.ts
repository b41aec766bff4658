/**
 * Doubts about objects of the workspace: notification destinations, experiments.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about objects of the workspace. */
export const objectDoubts = {
  destinationNames: doubt({
    question: "Can two notification destinations have the same name?",
    answers: ["no", "yes"],
    default: "no",
    source: "the reference is silent; their ids differ",
    mark: "U",
  }),
  destinationType: doubt({
    question: "Can a PATCH change the type of a notification destination?",
    answers: ["changed", "refused"],
    default: "changed",
    source: "the reference lists config as a field of the update; silent about its type",
    mark: "U",
  }),
  notebookHeader: doubt({
    question: "Does an export of a notebook's source begin with a header that the import did not have?",
    answers: ["as imported", "a header is added"],
    default: "as imported",
    source: "exports begin with '# Databricks notebook source'; silent about imports without this line",
    mark: "U",
  }),
  newDashboard: doubt({
    question: "Does the first get of a new dashboard find it?",
    answers: ["at once", "by the second get"],
    default: "at once",
    source: "the code of databricks/cli waits after a 404; no source says how often that happens",
    mark: "S",
  }),
  dashboardRows: doubt({
    question: "Does a row of a list of dashboards contain update_time?",
    answers: ["with update_time", "without update_time"],
    default: "with update_time",
    source: "the SDK's docstring says that lists omit it; the test server of databricks/cli sets it",
    mark: "U",
    drawn: true,
  }),
  publishing: doubt({
    question: "Does publishing a dashboard count as a change of its draft?",
    answers: ["leaves the draft", "is a change of the draft"],
    default: "leaves the draft",
    source: "databricks/cli compares the times of publication and draft, so it assumes that the draft is unchanged",
    mark: "S",
  }),
  trashedQuery: doubt({
    question: "Does a get find a query or alert in the trash?",
    answers: ["found", "not found"],
    default: "found",
    source: "responses have a lifecycle_state; the reference is silent about gets",
    mark: "U",
    drawn: true,
  }),
  deletedExperimentName: doubt({
    question: "Does a deleted experiment keep its name?",
    answers: ["free", "taken"],
    default: "taken",
    source:
      "the SDK's docstring of get-by-name mentions active and deleted experiments of the same name; MLflow keeps it taken",
    mark: "U",
    drawn: true,
  }),
};
