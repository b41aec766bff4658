/**
 * Proof of absence. A resource counts as gone only when a get misses it, a second get a while later misses it, and then
 * a second source does not contain it either. While the second source cannot be read, nothing counts as gone: no object
 * is deleted, no finalizer goes, nothing is created again.
 *
 * @module
 */
import { NotFoundError } from "../../../databricks/errors.ts";
import type { Intent, ListOptions, Resource, Workspace } from "../../../resource.ts";
import type { Look } from "./observe.ts";
import type { Work } from "../work.ts";

/** The longest wait between two looks at what the sources disagree about (ms). */
const LONGEST = 60_000;

/** The resource in question. */
export interface Question {
  readonly workspace: Workspace;
  readonly id: string;
  /** Tells the name by which a list can be filtered; without it the whole list is read. */
  readonly intent?: Intent | undefined;
}

/**
 * Asks the second source: true when the list (or what else the kind has) still holds the resource. A kind that has
 * none is asked by its get alone, twice.
 */
export async function isListed({ external, parents }: Resource, { workspace, id, intent }: Question): Promise<boolean> {
  if (intent !== undefined && external.isListed !== undefined) return await external.isListed(workspace, id, intent);
  const named = parents === undefined || intent === undefined ? [] : parents(intent.desired);
  const lists = parents === undefined ? [{}] : named.filter((parent) => parent !== "");
  for (const options of lists.map((parent) => typeof parent === "string" ? { parent } : parent)) {
    if (await holds(external, id, { workspace, options })) return true;
  }
  return false;
}

/** True when a list holds the resource; one of a parent that is not there holds nothing. */
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

/** Asks both sources about what we deleted: true when neither holds it. */
export async function isGone(resource: Resource, question: Question): Promise<boolean> {
  const { workspace, id } = question;
  const observed = await resource.external.observe(workspace, id);
  // What has ended stays in Databricks' history, where it is nobody's concern.
  if (resource.once !== undefined) return observed === undefined || resource.once.isFinal(observed);
  if (observed !== undefined) return false;
  return !await isListed(resource, question);
}

/**
 * Judges what a look at a bound resource gave.
 *
 * @returns how long to wait before the next look (ms) while the resource is missed and its absence is not proven;
 * `undefined` when it is there, or certainly gone.
 */
export async function waitForProof(work: Work, seen: Look): Promise<number | undefined> {
  const { context, pass, managed } = work;
  const { clock, missedAt, madeAt, timings } = context;
  if (seen !== "absent" && seen !== "given-away") return void missedAt.delete(pass.uid);
  const now = clock.monotonic();
  const since = missedAt.get(pass.uid) ?? now;
  missedAt.set(pass.uid, since);
  const { status: { id = "" }, resource } = pass;
  const tooEarly = now - since < timings.missMs ||
    now - (madeAt.get(pass.uid) ?? -Infinity) < timings.settleMs;
  if (!tooEarly) {
    if (seen === "given-away") return undefined;
    if (!await isListed(resource, { workspace: managed.connection.workspace, id, intent: managed.intent })) return;
  }
  const why = tooEarly ? "is not there" : "is listed, but cannot be read";
  pass.setReconciling("Missing", `${resource.noun} ${id} ${why}; looking again`);
  return Math.min(Math.max(timings.missMs, now - since), LONGEST);
}
