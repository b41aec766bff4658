/**
 * What proves that an external resource is an object's own: the tag; or else the user who made it, at the time at which
 * the status says that a create was under way. A name proves nothing, and neither does a finalizer.
 *
 * @module
 */
import { DatabricksError } from "../../databricks/errors.ts";
import type { Attempt, External } from "../../resource.ts";
import { comparedDesired, comparedObserved } from "./baseline.ts";
import { disagreements } from "../plan/diff.ts";
import type { Managed, Pass } from "./pass.ts";
import { hasPredecessorFinalizer } from "../object/status.ts";

/** Those of the resources found that are proven to be the object's. */
export async function provenOf(pass: Pass, managed: Managed, free: readonly External[]): Promise<External[]> {
  const marked = free.filter((external) => external.marked === true);
  if (marked.length > 0) return marked;
  const isPredecessors = hasPredecessorFinalizer(pass.object);
  // A path that the predecessor's object names is there once.
  if (isPredecessors && pass.resource.identity === "natural") return [...free];
  if (!isPredecessors && pass.status.pending?.absent !== true) return [];
  const proven: External[] = [];
  for (const external of free) if (await isOurMake(pass, managed, external)) proven.push(external);
  return proven;
}

/**
 * Of what has the object's name, but cannot be proven to be its own, the one that may well be: to make another one would
 * make two.
 */
export async function standsInTheWay(
  pass: Pass,
  managed: Managed,
  free: readonly External[],
): Promise<External | undefined> {
  if (hasPredecessorFinalizer(pass.object)) return free[0];
  // A create that was refused made nothing, unless the refusal was a gateway's: then what it made is as the manifest asks.
  const mayBe = pass.status.create_refused === true ? isOurMake : isOurUsers;
  for (const external of free) if (await mayBe(pass, managed, external)) return external;
}

async function isOurMake(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  if (!await isOurUsers(pass, managed, external)) return false;
  // Where names are not unique, our own user may have made several of that name.
  return pass.resource.identity === "natural" || await isAsDesired(pass, managed, external.id);
}

/** True when our own user made it, during the attempt where one is known of. */
export async function isOurUsers(pass: Pass, managed: Managed, external: External): Promise<boolean> {
  const { connection: { workspace }, intent } = managed;
  try {
    return await pass.resource.external.isOurs?.(workspace, external, { intent, attempt: attemptOf(pass) }) ?? false;
  } catch (error) {
    // Who made it may see who made it.
    if (error instanceof DatabricksError && error.refused && !error.transient) return false;
    throw error;
  }
}

function attemptOf({ status: { pending } }: Pass): Attempt {
  return {
    ...(pending === undefined ? {} : { since: Date.parse(pending.since) }),
    ...(pending?.until === undefined ? {} : { until: Date.parse(pending.until) }),
  };
}

async function isAsDesired(pass: Pass, managed: Managed, id: string): Promise<boolean> {
  const whole = await pass.resource.external.observe(managed.connection.workspace, id, managed.intent);
  if (whole === undefined) return false;
  const { fields } = pass.resource;
  return disagreements(comparedDesired(pass, managed), comparedObserved(pass, managed, whole), fields).length === 0;
}
