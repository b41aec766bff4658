/**
 * Removes the parts that an object wrote to a resource that it did not create: keys of a scope, permissions.
 *
 * @module
 */
import { isAtOnce, type PartRules, type PartsAtOnce, type PartsOneByOne, type Workspace } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { PartReads } from "../../observe/part_reads.ts";
import type { MissedParts } from "./missed_parts.ts";
import { isSame } from "./needed_parts.ts";
import type { Pass } from "../pass.ts";

type Fields = Record<string, unknown>;

/** Options of {@link deleteParts}, besides the pass. */
export interface PartRemoval {
  readonly workspace: Workspace;
  readonly id: string;
  readonly reads: PartReads;
  /** Parts that older objects also hold. */
  readonly older: ReadonlySet<string>;
  readonly missed: MissedParts;
  /** The counter of this read. */
  readonly read: number;
  /** Now (ms, monotonic). */
  readonly now: number;
  /** The time between two reads that must both lack a part before it counts as gone (ms). */
  readonly missMs: number;
}

/** The deleted parts. */
export interface Removed {
  /** The names of the parts that were the object's. */
  readonly ours: readonly string[];
  /** The parts among them that must have disappeared before the object is released. */
  readonly shown: readonly string[];
  /** True if some were not there at the first look: then a second one decides. */
  readonly isDoubtful: boolean;
}

/** Deletes the parts that the object wrote. */
export async function deleteParts(pass: Pass, removal: PartRemoval): Promise<Removed> {
  const { parts } = pass.resource;
  const { workspace, id, older } = removal;
  const ours = Object.entries(pass.status.parts ?? {})
    .filter(([name, part]) => !part.kept && !older.has(name))
    .map(([name]) => name);
  if (parts === undefined || ours.length === 0) return { ours, shown: [], isDoubtful: false };
  if (!isAtOnce(parts)) {
    for (const name of ours) await parts.delete(workspace, id, name);
    return { ours, shown: ours, isDoubtful: false };
  }
  const isDoubtful = await deleteAtOnce(pass, { ...removal, parts, ours });
  // The answer of the single call for all of them has shown it.
  return { ours, shown: [], isDoubtful };
}

/** The parts of a resource, if they are part of its answer. */
export function partsIn(parts: PartRules<Fields> & (PartsOneByOne<Fields> | PartsAtOnce), observed: Fields) {
  return isAtOnce(parts) ? {} : parts.observed(observed);
}

interface AtOnce extends PartRemoval {
  readonly parts: PartRules<Fields> & PartsAtOnce;
  readonly ours: readonly string[];
}

/** @returns true if a second look is needed. */
async function deleteAtOnce(pass: Pass, { workspace, id, reads, parts, ours, ...looks }: AtOnce): Promise<boolean> {
  const told = await read(parts, workspace, id);
  const lacking = ours.filter((name) => !Object.keys(told ?? {}).some((one) => isSame(parts, one, name)));
  const isDoubtful = looks.missed.note(pass.uid, lacking, { ...looks, settleMs: looks.missMs }).size > 0;
  // The resource that had the permissions is gone, and they with it.
  if (told === undefined) return isDoubtful;
  const isOurs = (name: string) => ours.some((one) => isSame(parts, one, name));
  // A read may not show the operator's own last write yet, nor does that write contain later changes by others: neither
  // is lost.
  const written = reads.written(pass.key, `${pass.uid} ${id}`);
  const deletedBefore = written?.deleted ?? [];
  const missed = await othersIn(workspace, { parts, id, known: [...Object.keys(told), ...ours, ...deletedBefore] });
  const shown = Object.entries({ ...missed, ...written?.parts, ...told });
  const held = Object.fromEntries(shown.filter(([name]) => !deletedBefore.some((one) => isSame(parts, one, name))));
  const others = Object.entries(held).filter(([name]) => !isOurs(name));
  const change = { wanted: Object.fromEntries(others), held, asked: {} };
  const completed = await parts.complete?.(workspace, change, id) ?? change;
  if ("issue" in completed) throw new BlockedError("InvalidSpec", completed.issue.message);
  const deleted = Object.keys(held).filter((name) => !Object.hasOwn(completed.wanted, name));
  if (deleted.length === 0) return isDoubtful;
  await parts.putAll(workspace, id, { ...change, wanted: completed.wanted, put: [], deleted });
  return isDoubtful;
}

/**
 * The parts of others in a second read that the first one lacked. A call that replaces all parts, made from one old
 * answer, would take back what somebody has added since.
 */
export async function othersIn(
  workspace: Workspace,
  { parts, id, known }: {
    readonly parts: PartRules<Fields> & PartsAtOnce;
    readonly id: string;
    readonly known: readonly string[];
  },
): Promise<Fields> {
  const told = await read(parts, workspace, id) ?? {};
  return Object.fromEntries(Object.entries(told).filter(([name]) => !known.some((one) => isSame(parts, one, name))));
}

async function read(parts: PartsAtOnce, workspace: Workspace, id: string): Promise<Fields | undefined> {
  const told = await parts.read(workspace, id);
  return told && Object.fromEntries(Object.entries(told).map(([name, { value }]) => [name, value]));
}
