/**
 * Doubts about lists: their order, their pages, and how soon they show a write.
 *
 * @module
 */
import { doubt } from "./doubt.ts";

/** All doubts about lists. */
export const listDoubts = {
  listLag: doubt({
    question: "For how long after a write do lists return the old state?",
    answers: ["none", "seconds"],
    default: "none",
    source: "terraform-provider-databricks#2421, #2726 and #4788: a new resource 'does not exist' for seconds; " +
      "MockOptions.listLagMs sets how many",
    mark: "S",
    explored: true,
    drawn: true,
  }),
  listOrder: doubt({
    question: "Are the rows of a list sorted?",
    answers: ["sorted", "any"],
    default: "sorted",
    source: "jobs/list is newest first in every recording; no reference promises an order for any list",
    mark: "U",
    drawn: true,
  }),
  emptyPages: doubt({
    question: "Can a page of a list be empty and still have a next_page_token?",
    answers: ["never", "sometimes"],
    default: "never",
    source: "sometimes: the SDK's docstrings of Unity Catalog call it normal; the Jobs reference is silent",
    mark: "S",
    drawn: true,
  }),
  emptyLists: doubt({
    question: "Does a response contain its list when the list is empty?",
    answers: ["left out", "an empty list"],
    default: "left out",
    source: "left out in the recordings of official clients, which accept both",
    mark: "S",
    drawn: true,
  }),
  runsListLimit: doubt({
    question: "Does jobs/runs/list accept a limit of 25?",
    answers: ["yes", "no"],
    default: "yes",
    source: "the reference says 'less than 25' in one place and gives 25 as the maximum in another",
    mark: "U",
    drawn: true,
  }),
};
