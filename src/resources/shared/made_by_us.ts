/**
 * Tells what a create of ours made from what others made.
 *
 * @module
 */
import { currentUser, isSameUser } from "../../databricks/current_user.ts";
import { type Attempt, isDuring, type Workspace } from "../../resource.ts";

/** The creator of an external resource and the time of creation (ms since the epoch), from Databricks. */
export interface Made {
  readonly by: unknown;
  readonly at: number;
}

/** True for what our own user made while a create was under way. Who we are is asked only where the time fits. */
export async function isMadeByUs(workspace: Workspace, { by, at }: Made, attempt: Attempt): Promise<boolean> {
  return isDuring(at, attempt) && isSameUser(by, await currentUser(workspace));
}
