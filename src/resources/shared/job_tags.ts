/**
 * The ownership tag among the tags of a job.
 *
 * @module
 */
import type { z } from "zod";
import type { JobSettings } from "../../databricks/types.ts";

type Settings = z.infer<typeof JobSettings>;
type ObservedJob = { readonly settings?: Settings | undefined };

/** True for a job that carries the mark of the object with this UID, whatever the tag is called. */
export function isTagged(job: ObservedJob, uid: string): boolean {
  return Object.values(job.settings?.tags ?? {}).includes(uid);
}

/** The UID in a job's ownership tag. */
export function tagOf(job: ObservedJob, tag: string): string | undefined {
  const tags = job.settings?.tags ?? {};
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

/** Settings without the tags that are ours. */
export function withoutTags(settings: Settings, isOurs: (key: string, value: string) => boolean): Settings {
  const tags = Object.entries(settings.tags ?? {});
  const kept = tags.filter(([key, value]) => !isOurs(key, value));
  if (kept.length === tags.length) return settings;
  const { tags: _ours, ...rest } = settings;
  return kept.length === 0 ? rest : { ...rest, tags: Object.fromEntries(kept) };
}
