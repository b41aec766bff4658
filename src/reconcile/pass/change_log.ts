/**
 * The log of changes: one line for each write to Databricks, with the action, the resource, the principal, and the
 * approval.
 *
 * @module
 */
import type { Pass } from "./pass.ts";

/** A change in Databricks, for its log line. */
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

/** The fields of a change's log line, besides those of the object. */
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
