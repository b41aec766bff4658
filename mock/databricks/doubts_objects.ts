/**
 * Doubts about objects of the workspace: notification destinations, experiments.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about objects of the workspace. */
export const objectDoubts = {
  destinationNames: doubt({
    question: "Can two notification destinations have one name?",
    answers: ["no", "yes"],
    default: "no",
    source: "the reference is silent; ids tell them apart",
    mark: "U",
  }),
  destinationType: doubt({
    question: "Does a PATCH change the type of a notification destination?",
    answers: ["changed", "refused"],
    default: "changed",
    source: "the reference calls config a field of the update, and is silent about its type",
    mark: "U",
  }),
  notebookHeader: doubt({
    question: "Does an export of a notebook's source begin with a line that the import did not have?",
    answers: ["as imported", "a header is added"],
    default: "as imported",
    source:
      "exports begin with '# Databricks notebook source'; whether imports without it get it, the reference does not say",
    mark: "U",
  }),
  newDashboard: doubt({
    question: "Does the first get of a new dashboard find it?",
    answers: ["seen at once", "seen by the second get"],
    default: "seen at once",
    source: "databricks/cli's code waits after a 404; how often that happens nobody says",
    mark: "S",
  }),
  dashboardRows: doubt({
    question: "Do the rows of a list of dashboards have an update_time?",
    answers: ["with update_time", "without update_time"],
    default: "with update_time",
    source: "the SDK's docstring says that lists leave it out, databricks/cli's test server fills it in",
    mark: "U",
    drawn: true,
  }),
  publishing: doubt({
    question: "Does publishing a dashboard count as a change of its draft?",
    answers: ["leaves the draft", "is a change of the draft"],
    default: "leaves the draft",
    source: "databricks/cli compares the publication's time with the draft's, so it takes the draft to stay",
    mark: "S",
  }),
  trashedQuery: doubt({
    question: "Does a get find a query or alert that is in the trash?",
    answers: ["found", "not found"],
    default: "found",
    source: "answers have a lifecycle_state; the reference is silent about gets",
    mark: "U",
    drawn: true,
  }),
  deletedExperimentName: doubt({
    question: "Does a deleted experiment keep its name?",
    answers: ["free", "taken"],
    default: "taken",
    source:
      "the SDK's docstring of get-by-name speaks of active and deleted experiments of one name; MLflow keeps it taken",
    mark: "U",
    drawn: true,
  }),
};
