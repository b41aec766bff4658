/**
 * Finds the successor of a resource that is gone: by the operator's tag or, if the kind has none, by its creator and
 * its name.
 *
 * @module
 */
import type { External } from "../../../resource.ts";
import { isMarkable, isOurUsers, markedOf, mayBeOurs, withoutClones } from "./evidence.ts";
import { foundFor } from "./found.ts";
import { adoptable, type IdentityOptions, reportDuplicates } from "./identity.ts";
import { isTaggedByOther, refuseStrangers } from "./strangers.ts";
import { inItsWay } from "./in_the_way.ts";
import type { Managed, Pass } from "../pass.ts";
import { mayAdopt } from "../../object/status.ts";

/**
 * Returns the resource that replaced one that is gone: another one that the object's create made, or one that it may
 * adopt.
 *
 * @throws {BlockedError} if somebody else's resource has that place, or nothing proves whose it is.
 */
export async function successorOf(
  pass: Pass,
  managed: Managed,
  options: IdentityOptions,
): Promise<External | undefined> {
  const found = await foundFor(pass, managed, options.markedIds);
  const held = options.holders();
  const others = found.filter(({ id }) => id !== pass.status.id && !held.has(id));
  const marked = await withoutClones(pass, managed, markedOf(others));
  if (marked.length > 1) reportDuplicates(pass, marked);
  if (marked.length > 0) return marked[0];
  if (pass.resource.identity === "tag") return await untaggedInItsPlace(pass, managed, { found, others, options });
  for (const external of others) {
    const isStrangers = isTaggedByOther(pass, managed, external.observed);
    if (!isStrangers && await isOurUsers(pass, managed, external)) return external;
  }
  return inItsPlace(pass, managed, { found, others, options });
}

interface Found {
  readonly found: readonly External[];
  /** The resources that no other object holds, without the one that is gone. */
  readonly others: readonly External[];
  readonly options: IdentityOptions;
}

/**
 * Finds the successor for a kind without tags: a status that was rolled back may name a resource that is gone, while
 * its successor has the name.
 */
async function untaggedInItsPlace(pass: Pass, managed: Managed, { found, others, options }: Found) {
  if (pass.resource.once !== undefined || isMarkable(pass, managed)) return undefined;
  const owned = options.owners();
  const untagged = (external: External) => !isTaggedByOther(pass, managed, external.observed);
  for (const external of found.filter(untagged)) {
    if (external.id === pass.status.id || owned.has(external.id)) continue;
    if (!await mayBeOurs(pass, managed, external)) continue;
    const adopted = adoptable(pass, { found, free: others.filter(untagged), holders: options.holders() });
    if (adopted !== undefined) return adopted;
    throw inItsWay(pass, managed, external, options);
  }
}

/** Possible successors of a resource that is gone, for an object that is being deleted. */
export interface Heirs {
  /** They carry the operator's tag, and the operator's own user created them: no clone by a person. */
  readonly proven: readonly External[];
  /** They may be the object's. */
  readonly unproven: readonly External[];
}

/** Searches for possible successors, held by no other object, of the resource in the status. */
export async function heirsOf(pass: Pass, managed: Managed, { owners, markedIds }: IdentityOptions): Promise<Heirs> {
  const { identity } = pass.resource;
  const held = owners();
  const found = (await foundFor(pass, managed, markedIds)).filter((one) =>
    one.id !== pass.status.id && !held.has(one.id) && !isTaggedByOther(pass, managed, one.observed)
  );
  const proven = await withoutClones(pass, managed, markedOf(found));
  const unproven: External[] = [];
  for (const one of found.filter((other) => !proven.includes(other))) {
    // Of jobs of one name that somebody else created, most are irrelevant.
    const mayBe = one.marked === true || identity === "natural" || await isOurUsers(pass, managed, one);
    if (mayBe) unproven.push(one);
  }
  return { proven, unproven };
}

/**
 * Returns the resource that took the place of one that is gone, if a name or path is unique: a create would be refused
 * at each resync.
 *
 * @throws {BlockedError} if it may not be adopted.
 */
function inItsPlace(pass: Pass, managed: Managed, { found, options }: Found): External | undefined {
  const other = found.find(({ id }) => id !== pass.status.id);
  if (other === undefined) return undefined;
  refuseStrangers(pass, managed, other, options);
  if (mayAdopt(pass.object) && !options.holders().has(other.id)) return other;
  throw inItsWay(pass, managed, other, options);
}
