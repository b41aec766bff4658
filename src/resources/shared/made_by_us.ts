/**
 * Distinguishes what the operator's create made from what others made.
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

/**
 * True for a resource that the operator's own user made while a create was in progress. The operator's user is
 * requested only if the time fits.
 */
export async function isMadeByUs(workspace: Workspace, { by, at }: Made, attempt: Attempt): Promise<boolean> {
  return isDuring(at, attempt) && isSameUser(by, await currentUser(workspace));
}

/**
 * `isOurs` for a kind whose creator Databricks returns. If it returns no time, a resource of the operator's own user,
 * found while a create is in doubt, counts as that create's.
 *
 * @param madeOf Returns the creator of an observed resource, and the time of creation (ms since the epoch).
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
