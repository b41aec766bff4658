/**
 * Finds objects of the files that claim the same unique resource in Databricks: the second one applied would be
 * refused.
 *
 * @module
 */
import { ownershipOf } from "../../reconcile/object/status.ts";
import { withIds } from "../../reconcile/plan/references.ts";
import type { Subject } from "./subjects.ts";

/** The objects whose resource another object also claims, each with the reason. */
export function rivalsOf(subjects: readonly Subject[]): Map<Subject, string> {
  const first = new Map<string, Subject>();
  const rivals = new Map<Subject, string>();
  for (const subject of subjects) {
    const key = keyOf(subject);
    if (!key) continue;
    const title = `${subject.resource.kind} ${key}`;
    const before = first.get(title);
    first.set(title, before ?? subject);
    if (before === undefined) continue;
    const { resource: { noun }, file, line, namespace, name } = before;
    rivals.set(
      subject,
      `asks for the ${noun} "${key}", as ${namespace}/${name} (${file}:${line}) does, and there is one of a name in ` +
        "Databricks: change one of the two",
    );
  }
  return rivals;
}

/** The unique path or name in Databricks; `undefined` if there is none. */
function keyOf({ resource, object, name, namespace }: Subject): string | undefined {
  const { identity, naturalKey, external, spec } = resource;
  // Any number of objects may write into what they do not create: keys of a scope, privileges.
  const isFilled = external.create === undefined;
  if (identity !== "natural" || isFilled || ownershipOf(object) === "api") return undefined;
  const parsed = spec.safeParse(object.spec ?? {});
  if (!parsed.success) return undefined;
  try {
    const read = withIds(spec, parsed.data as Record<string, unknown>, ({ kind, name }) => `${kind}/${name}`);
    return naturalKey?.(resource.desired(read, { name, namespace }));
  } catch {
    // A name in place of a number has no value yet.
    return undefined;
  }
}
