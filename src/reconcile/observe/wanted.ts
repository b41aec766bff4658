/**
 * The resources that objects without one request, or may just have created: they belong to those objects only.
 *
 * @module
 */
import type { KubeObject } from "../../kubernetes/client.ts";
import { type External, nameOf, type Resource } from "../../resource.ts";
import { conditionOf } from "../object/conditions.ts";
import { mayAdopt, statusOf } from "../object/status.ts";

/** The wanted resources of objects of one kind. */
export class Wanted {
  readonly #resource: Resource;
  readonly #wanted = new Set<string>();
  #isAny = false;

  constructor(resource: Resource) {
    this.#resource = resource;
  }

  /** Takes an object that holds nothing. */
  add(object: KubeObject): void {
    const { pending } = statusOf(object);
    const spec = this.#resource.spec.safeParse(object.spec ?? {});
    const natural = spec.success && this.#addSpec(object, spec.data);
    if (pending === undefined) return;
    // The name in the create request, which may differ from the manifest by now.
    if (pending.name !== undefined) this.#add("name", pending.name);
    else if (!natural) this.#isAny = true;
  }

  /** True for a resource that one of the objects may mean. */
  has({ id, observed }: External): boolean {
    const { naturalKey, displayName } = this.#resource;
    return this.#isAny || this.#wanted.has(wish("id", id)) ||
      this.#wanted.has(wish("key", naturalKey?.(observed))) || this.#wanted.has(wish("name", displayName?.(observed)));
  }

  /** @returns whether the object requests something that only one resource can be. */
  #addSpec(object: KubeObject, spec: Record<string, unknown>): boolean {
    const { name = "", namespace = "", finalizers } = object.metadata;
    const id = this.#resource.specId?.(spec);
    if (id !== undefined) this.#add("id", id);
    const desired = this.#resource.desired(spec, { name, namespace });
    if (this.#resource.naturalKey !== undefined) {
      this.#add("key", this.#resource.naturalKey(desired));
      return true;
    }
    // The object is about to search for its resource by name: its id was lost with the status, or it is to adopt.
    const named = nameOf(this.#resource, desired);
    const looks = finalizers !== undefined || mayAdopt(object) || isUndecided(object);
    if (looks && named !== undefined) this.#add("name", named);
    return false;
  }

  #add(what: string, value: string): void {
    this.#wanted.add(wish(what, value));
  }
}

/** True for an object that no pass has reported on yet, and for one whose resource a person has to name. */
function isUndecided(object: KubeObject): boolean {
  const { observedGeneration, conditions } = statusOf(object);
  return observedGeneration === undefined || conditionOf(conditions, "Synced")?.reason === "AlreadyExists";
}

/** Databricks may return a name in another case, or without surrounding spaces: it still counts as the same. */
function wish(what: string, value: string | undefined): string {
  return `${what}:${value?.trim().toLowerCase()}`;
}
