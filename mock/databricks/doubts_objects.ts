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
