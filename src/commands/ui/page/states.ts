/**
 * The states of objects, in the page's words.
 *
 * @module
 */
import type { State } from "../shapes.ts";

/** The states by name, the most urgent first. */
export const LABELS: Readonly<Record<State, string>> = {
  failed: "Not ready",
  approval: "Needs approval",
  unknown: "Not reconciled",
  working: "In progress",
  deleting: "Deleting",
  ready: "Ready",
};

/** All states, the most urgent first. */
export const STATES = Object.keys(LABELS) as State[];
