/**
 * Proof of absence. A resource counts as gone only when a get misses it, a second get a while later misses it, and then
 * a second source does not contain it either. While the second source cannot be read, nothing counts as gone: no object
 * is deleted, no finalizer is removed, nothing is created again.
 *
 * @module
 */
import { NotFoundError } from "../../../databricks/errors.ts";
import type { Intent, ListOptions, Resource, Workspace } from "../../../resource.ts";
import { firstSeen } from "../../../base/first_seen.ts";
import type { KindInPlace } from "../../kind_in_place.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { Pass } from "../pass.ts";
import type { Look } from "./observe.ts";
import type { Work } from "../work.ts";

/** The longest wait between two checks while the sources disagree (ms). */
const LONGEST = 60_000;

/** The resource in question. */
export interface Question {
  readonly workspace: Workspace;
  readonly id: string;
  /** The name by which a list can be filtered; without it the whole list is read. */
  readonly intent?: Intent | undefined;
  /** The last sweep: by name, a list does not contain what was renamed in Databricks. */
  readonly here?: Pick<KindInPlace, "observations" | "sweeper">;
}

/**
 * Checks the second source: true if the list (or the kind's other source) still contains the resource. For a kind
 * without one, only the get counts, twice.
 */
export async function isListed(
  { external, parents }: Resource,
  { workspace, id, intent, here }: Question,
): Promise<boolean> {
  if (here?.observations.row(id) !== undefined) {
    here.sweeper.kick();
    return true;
  }
  if (intent !== undefined && external.isListed !== undefined) return await external.isListed(workspace, id, intent);
  const named = parents === undefined || intent === undefined ? [] : parents(intent.desired);
  const lists = parents === undefined ? [{}] : named.filter((parent) => parent !== "");
  for (const options of lists.map((parent) => typeof parent === "string" ? { parent } : parent)) {
    if (await holds(external, id, { workspace, options })) return true;
  }
  return false;
}

/** True if a list contains the resource; the list of an absent parent contains nothing. */
async function holds(
  { list }: Resource["external"],
  id: string,
  { workspace, options }: { readonly workspace: Workspace; readonly options: ListOptions },
): Promise<boolean> {
  try {
    for await (const page of list?.(workspace, options) ?? []) {
      if (page.some((listed) => listed.id === id)) return true;
    }
  } catch (error) {
    if (options.parent === undefined || !(error instanceof NotFoundError)) throw error;
  }
  return false;
}

/** Checks both sources for a deleted resource: true if neither contains it. */
export async function isGone(resource: Resource, question: Question): Promise<boolean> {
  const { workspace, id } = question;
  const observed = await resource.external.observe(workspace, id);
  if (observed !== undefined) return false;
  return !await isListed(resource, question);
}

/**
 * Checks the second source for a resource that a single answer calls absent.
 *
 * @throws {BlockedError} if the second source contains it.
 */
export async function refuseIfListed(pass: Pass, question: Question): Promise<void> {
  const { here, intent, ...asked } = question;
  // By name, a list does not contain what was renamed; and sweeps may have ended, so that their last list is old.
  const isShown = here?.observations.row(question.id) !== undefined && pass.resource.parents === undefined;
  if (!await isListed(pass.resource, isShown ? asked : { ...asked, intent })) return;
  throw new BlockedError("Unavailable", `${pass.externalIs} listed, but Databricks says that there is none`, "retry");
}

/**
 * Evaluates a read of a bound resource.
 *
 * @returns how long to wait before the next read (ms) while the resource is missed and its absence is not proven;
 * `undefined` if it exists, or is certainly gone.
 */
export async function waitForProof(work: Work, seen: Look): Promise<number | undefined> {
  const { context, pass, managed } = work;
  const { clock, missedAt, madeAt, timings } = context;
  if (seen !== "absent" && seen !== "given-away") return void missedAt.delete(pass.uid);
  const now = clock.monotonic();
  const since = firstSeen(missedAt, pass.uid, now);
  const { status: { id = "" }, resource } = pass;
  const tooEarly = now - since < timings.missMs ||
    now - (madeAt.get(pass.uid) ?? -Infinity) < timings.settleMs;
  if (!tooEarly) {
    if (seen === "given-away") return undefined;
    const { connection: { workspace }, intent } = managed;
    if (!await isListed(resource, { workspace, id, intent, here: work.here })) return;
  }
  const why = tooEarly ? "is not there" : "is listed, but cannot be read";
  // The report on an end stays: whether Databricks still knows it matters only to what the manifest asks for now.
  if (pass.status.final !== true) pass.setReconciling("Missing", `${resource.noun} ${id} ${why}; looking again`);
  return Math.min(Math.max(timings.missMs, now - since), LONGEST);
}
