/**
 * The log of changes: each write to Databricks is one line with what was done, to which resource, as whom, and under whose
 * approval.
 *
 * @module
 */
import type { Pass } from "./pass.ts";

/** A change in Databricks, as its line of the log shows it. */
export interface Change {
  readonly action: "create" | "start" | "take over" | "update" | "delete" | "release" | "repair" | "cancel";
  /** The fields or parts that were written. */
  readonly paths?: readonly string[];
}

/** The approval under which a pass writes. */
export interface Grant {
  readonly digest: string;
  /** The approver's text. */
  readonly text: string;
}

/** The fields of a change's line, besides those of the object. */
export function fieldsOf(
  { grant, principal, resource, status: { id, workspace } }: Pass,
  { action, paths }: Change,
): Record<string, string> {
  return {
    action,
    ...principal !== undefined && { principal },
    ...grant !== undefined && { digest: grant.digest, approval: grant.text },
    ...paths !== undefined && { paths: paths.join(",") },
    ...id !== undefined && { resource: `${resource.noun} ${id}` },
    ...workspace !== undefined && { workspace },
  };
}
