/**
 * The ownership tag in a map of tags, as clusters, pools and pipelines have it.
 *
 * @module
 */
import type { Owner } from "../../resource.ts";

type Tags = Readonly<Record<string, string>>;

/** True for tags with the mark of the object with this UID, whatever the tag is called. */
export function hasMark(tags: Tags | undefined, uid: string): boolean {
  return Object.values(tags ?? {}).includes(uid);
}

/** The UID in the ownership tag. */
export function markOf(tags: Tags | undefined, tag: string): string | undefined {
  return tags !== undefined && Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

/** True when the ownership tag can stand beside the manifest's tags. */
export function hasRoomForMark(tags: Tags | undefined, owner: Owner, most: number): boolean {
  return owner.tag !== "" && Object.keys(tags ?? {}).length < most;
}

/** Tags with the ownership tag, where there is room for it. */
export function withMark(tags: Tags | undefined, owner: Owner, most: number): Tags | undefined {
  return hasRoomForMark(tags, owner, most) ? { ...tags, [owner.tag]: owner.uid } : tags;
}

/** Tags without the ownership tag; `undefined` when no other is left. */
export function withoutMark(tags: Tags | undefined, owner: Pick<Owner, "tag"> & Partial<Owner>): Tags | undefined {
  const isOurs = ([key, value]: [string, string]) => value === owner.uid || (owner.tag !== "" && key === owner.tag);
  const kept = Object.entries(tags ?? {}).filter((entry) => !isOurs(entry));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
