/**
 * The common rules of keys and ACLs: both belong to a secret scope.
 *
 * @module
 */
import type { Holder } from "../../resource.ts";

/** The scope that parts belong to. */
export const scopeHolder: Holder = {
  reason: "ScopeMissing",
  noun: "Secret scope",
  advice: "create it, for example with a DatabricksSecretScope",
};
