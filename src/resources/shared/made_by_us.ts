/**
 * Tells what a create of ours made from what others made.
 *
 * @module
 */
import { currentUser, isSameUser } from "../../databricks/current_user.ts";
import { type Attempt, type External, isDuring, type Workspace } from "../../resource.ts";

/** The creator of an external resource and the time of creation (ms since the epoch), from Databricks. */
export interface Made {
  readonly by: unknown;
  readonly at: number;
}

/** True for what our own user made while a create was under way. Who we are is asked only where the time fits. */
export async function isMadeByUs(workspace: Workspace, { by, at }: Made, attempt: Attempt): Promise<boolean> {
  return isDuring(at, attempt) && isSameUser(by, await currentUser(workspace));
}

/**
 * `isOurs` of a kind whose creator Databricks returns. Where it returns no time, what our own user made while a create is in
 * doubt is that create's.
 *
 * @param madeOf Who made an observed resource, and when (ms since the epoch).
 */
export function isOursBy<Observed>(
  madeOf: (observed: Observed) => Pick<Made, "by"> & { readonly at?: number | undefined },
) {
  return async (
    workspace: Workspace,
    { observed }: External<Observed>,
    { attempt }: { readonly attempt: Attempt },
  ): Promise<boolean> => {
    const { by, at } = madeOf(observed);
    if (at !== undefined) return await isMadeByUs(workspace, { by, at }, attempt);
    return attempt.since !== undefined && isSameUser(by, await currentUser(workspace));
  };
}
