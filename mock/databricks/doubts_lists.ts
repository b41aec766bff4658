/**
 * Doubts about lists: their order, their pages, and how soon they show a write.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about lists. */
export const listDoubts = {
  listLag: doubt({
    question: "How long after a write do lists still return the former state?",
    answers: ["none", "seconds"],
    default: "none",
    source: "terraform-provider-databricks#2421, #2726 and #4788: what was just made 'does not exist' for seconds; " +
      "MockOptions.listLagMs says how many",
    mark: "S",
    explored: true,
    drawn: true,
  }),
  listOrder: doubt({
    question: "Are the rows of a list sorted?",
    answers: ["sorted", "any"],
    default: "sorted",
    source: "jobs/list is newest first in every recording; no reference promises it, and other lists name no order",
    mark: "U",
    drawn: true,
  }),
  emptyPages: doubt({
    question: "Can a page of a list be empty and still have a next_page_token?",
    answers: ["never", "sometimes"],
    default: "never",
    source: "sometimes: the SDK's docstrings of Unity Catalog say that it is normal; the Jobs reference is silent",
    mark: "S",
    drawn: true,
  }),
  emptyLists: doubt({
    question: "Does an answer whose list is empty have the list?",
    answers: ["left out", "an empty list"],
    default: "left out",
    source: "left out in the recordings of official clients, whose readers accept both",
    mark: "S",
    drawn: true,
  }),
  runsListLimit: doubt({
    question: "Does jobs/runs/list accept a limit of 25?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the reference says 'less than 25' in its text and names 25 as the maximum elsewhere",
    mark: "U",
    drawn: true,
  }),
};
