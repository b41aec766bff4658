/**
 * Removes the parts that an object wrote to a resource that it did not create: keys of a scope, permissions.
 *
 * @module
 */
import { isAtOnce, type PartRules, type PartsAtOnce, type PartsOneByOne, type Workspace } from "../../../resource.ts";
import { BlockedError } from "../../object/outcome.ts";
import type { PartReads } from "../../observe/part_reads.ts";
import { isSame } from "./needed_parts.ts";
import type { Pass } from "../pass.ts";

type Fields = Record<string, unknown>;

/** Options of {@link deleteParts}, besides the pass. */
export interface PartRemoval {
  readonly workspace: Workspace;
  readonly id: string;
  readonly reads: PartReads;
  /** Parts that older objects hold too. */
  readonly older: ReadonlySet<string>;
}

/** The deleted parts. */
export interface Removed {
  /** The names of the parts that were ours. */
  readonly ours: readonly string[];
  /** The parts among them that must have disappeared before the object goes. */
  readonly shown: readonly string[];
}

/** Deletes the parts that the object put. */
export async function deleteParts(pass: Pass, removal: PartRemoval): Promise<Removed> {
  const { parts } = pass.resource;
  const { workspace, id, older } = removal;
  const ours = Object.entries(pass.status.parts ?? {})
    .filter(([name, part]) => !part.kept && !older.has(name))
    .map(([name]) => name);
  if (parts === undefined || ours.length === 0) return { ours, shown: [] };
  if (!isAtOnce(parts)) {
    for (const name of ours) await parts.delete(workspace, id, name);
    return { ours, shown: ours };
  }
  await deleteAtOnce(pass, { ...removal, parts, ours });
  // The answer of the one call for all of them has shown it.
  return { ours, shown: [] };
}

/** The parts that a resource holds, where they come with it. */
export function partsIn(parts: PartRules<Fields> & (PartsOneByOne<Fields> | PartsAtOnce), observed: Fields) {
  return isAtOnce(parts) ? {} : parts.observed(observed);
}

interface AtOnce extends PartRemoval {
  readonly parts: PartRules<Fields> & PartsAtOnce;
  readonly ours: readonly string[];
}

async function deleteAtOnce(pass: Pass, { workspace, id, reads, parts, ours }: AtOnce): Promise<void> {
  const told = await read(parts, workspace, id);
  // What the permissions were on is gone, and they with it.
  if (told === undefined) return;
  const isOurs = (name: string) => ours.some((one) => isSame(parts, one, name));
  // A read may not show our own last write yet, nor that write what others wrote since: nothing of either is lost.
  const held = { ...reads.written(pass.key, `${pass.uid} ${id}`), ...told };
  const others = Object.entries(held).filter(([name]) => !isOurs(name));
  const change = { wanted: Object.fromEntries(others), held, asked: {} };
  const completed = await parts.complete?.(workspace, change, id) ?? change;
  if ("issue" in completed) throw new BlockedError("InvalidSpec", completed.issue.message);
  const deleted = Object.keys(held).filter((name) => !Object.hasOwn(completed.wanted, name));
  if (deleted.length === 0) return;
  await parts.putAll(workspace, id, { ...change, wanted: completed.wanted, put: [], deleted });
}

async function read(parts: PartsAtOnce, workspace: Workspace, id: string): Promise<Fields | undefined> {
  const told = await parts.read(workspace, id);
  return told && Object.fromEntries(Object.entries(told).map(([name, { value }]) => [name, value]));
}
