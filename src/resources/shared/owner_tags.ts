/**
 * The ownership tag in a map of tags, for jobs, clusters, pools and pipelines.
 *
 * @module
 */
import type { Owner } from "../../resource.ts";

type Tags = Record<string, string>;

/** True for tags with the mark of an object that has, or had, one of these UIDs, whatever the tag is called. */
export function hasMark(tags: Tags | undefined, ...uids: readonly string[]): boolean {
  return Object.values(tags ?? {}).some((value) => uids.includes(value));
}

/** The UID in the ownership tag. */
export function markOf(tags: Tags | undefined, tag: string): string | undefined {
  return tags !== undefined && Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

/** True if there is room for the ownership tag beside the manifest's tags. */
export function hasRoomForMark(tags: Tags | undefined, owner: Owner, most: number): boolean {
  return owner.tag !== "" && Object.keys(tags ?? {}).length < most;
}

/** The mark among requested and existing tags, as the result of `Resource.mark`. */
export function markAt(
  field: string,
  { asked, held, owner, most }: {
    readonly asked: Tags | undefined;
    readonly held: Tags | undefined;
    readonly owner: Owner;
    /** The maximum number of tags. */
    readonly most: number;
  },
): { readonly path: string; readonly isThere: boolean } | undefined {
  if (!hasRoomForMark(asked, owner, most)) return undefined;
  return { path: `${field}[${owner.tag}]`, isThere: hasMark(held, owner.uid) };
}

/** Tags with the ownership tag, if there is room for it. */
export function withMark(tags: Tags | undefined, owner: Owner, most: number): Tags | undefined {
  return hasRoomForMark(tags, owner, most) ? { ...tags, [owner.tag]: owner.uid } : tags;
}

/** Tags without the ownership tag; `undefined` if there is no other. */
export function withoutMark(tags: Tags | undefined, owner: Pick<Owner, "tag"> & Partial<Owner>): Tags | undefined {
  const isOurs = ([key, value]: [string, string]) => value === owner.uid || (owner.tag !== "" && key === owner.tag);
  const kept = Object.entries(tags ?? {}).filter((entry) => !isOurs(entry));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
