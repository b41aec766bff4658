/**
 * Refusals that the compute APIs have in common.
 *
 * @module
 */
import type { Quirk } from "../../resource.ts";

/** The refusal of a call whose subject does not exist. */
export const absent: Quirk = {
  why: "Older compute APIs return 400 for a missing resource (databricks-sdk-py 0.162.0: errors/overrides.py)",
  status: 400,
  message: /does not exist|can't find|not found/i,
  means: "absent",
};

/** The refusal of a name that is in use. */
export const taken: Quirk = {
  why: "A name that is taken may be a 400 that says so",
  status: 400,
  message: /already exists/i,
  means: "taken",
};

/** The refusal of a call that the current state does not allow. */
export const busy: Quirk = {
  why: "Compute that starts, stops or is deleted may reject a call (compute APIs: INVALID_STATE)",
  code: /^INVALID_STATE(_TRANSITION)?$/,
  means: "busy",
};
