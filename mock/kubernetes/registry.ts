/**
 * The kinds that the API serves: built-in kinds and those of CRDs.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { typesOf } from "./custom_types.ts";
import { builtins } from "./kinds/all.ts";
import { specOf } from "./kinds/custom_resource_definition.ts";
import { groupVersion, type ResourceType, storageName } from "./resource_type.ts";

/** All kinds, by group, version and plural. */
export class Registry {
  readonly #types = new Map<string, ResourceType>();
  readonly #versions = new Map<string, ResourceType[]>();
  /** Counts changes, so that anything derived from the kinds can be rebuilt. */
  #edition = 0;

  constructor() {
    for (const type of builtins) this.#add(type);
  }

  get edition(): number {
    return this.#edition;
  }

  /** All kinds, in all their versions. */
  all(): ResourceType[] {
    return [...this.#types.values()];
  }

  /** A kind in one of its versions. */
  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#types.get(`${groupVersion({ group, version })}/${plural}`);
  }

  /** A kind in its first version, by its storage name. */
  stored(name: string): ResourceType | undefined {
    return this.#versions.get(name)?.[0];
  }

  /** A kind by the `apiVersion` and `kind` of its objects. */
  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && groupVersion(type) === apiVersion);
  }

  /** Serves the kind of a CRD, in place of its former definition. */
  define(crd: KubeObject): void {
    this.forget(crd);
    for (const type of typesOf(crd)) this.#add(type);
  }

  /** Stops serving the kind of a CRD. */
  forget(crd: KubeObject): void {
    const { group, names } = specOf(crd);
    const name = storageName({ group, plural: names.plural });
    for (const type of this.#versions.get(name) ?? []) this.#types.delete(`${groupVersion(type)}/${type.plural}`);
    this.#versions.delete(name);
    this.#edition++;
  }

  #add(type: ResourceType): void {
    const name = storageName(type);
    this.#types.set(`${groupVersion(type)}/${type.plural}`, type);
    this.#versions.set(name, [...this.#versions.get(name) ?? [], type]);
    this.#edition++;
  }
}
