/**
 * The declaration of a resource type, built-in or defined by a CRD.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/object.ts";
import type { FieldError } from "./field_errors.ts";
import type { Schema } from "./schema/schema.ts";

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  /** The path of the value, for a custom kind. */
  readonly jsonPath?: string;
  /** Computes the value, for a built-in kind; `now` is in ms. */
  readonly cell?: (object: KubeObject, now: number) => unknown;
}

/** The hooks of a built-in kind. They may change the object, which is their own copy. */
export interface KindRules {
  /** True if names are DNS labels rather than subdomains. */
  readonly hasLabelName?: boolean;
  /** True if a PUT may create an object. */
  readonly createsOnUpdate?: boolean;
  /** True if a PUT needs no resourceVersion. */
  readonly updatesBlindly?: boolean;
  /** True if `metadata.generation` counts the changes of the spec. */
  readonly hasGeneration?: boolean;
  readonly prepare?: (object: KubeObject, old?: KubeObject) => void;
  /** Converts an object that another group's kind stored. */
  readonly fromOther?: (object: KubeObject) => KubeObject;
  readonly check?: (object: KubeObject, old?: KubeObject) => FieldError[];
}

/** A kind in one of its versions. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** The schema of the whole object. */
  readonly schema: Schema;
  readonly isCustom: boolean;
  /** `status`, `finalize`, … */
  readonly subresources: readonly string[];
  readonly columns: readonly Column[];
  /** The fields besides name and namespace that a field selector may use, with their paths. */
  readonly selectable: Readonly<Record<string, readonly string[]>>;
  readonly rules: KindRules;
  /** The storage name, if the kind shares it with one of another group. */
  readonly storedAs?: string;
  /** True if the definition is being deleted, so that nothing may be created. */
  readonly isTerminating?: boolean;
}

/** The name under which a kind's objects are stored, regardless of their version: `jobs.example.com`. */
export function storageName(
  { group, plural, storedAs }: { group: string; plural: string; storedAs?: string },
): string {
  return storedAs ?? (group === "" ? plural : `${plural}.${group}`);
}

/** `v1`, or `example.com/v1`. */
export function groupVersion({ group, version }: { group: string; version: string }): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Returns the verbs of a kind. */
export function verbsOf(type: ResourceType): string[] {
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  // Namespaces cannot be deleted as a collection.
  return type.kind === "Namespace" && !type.isCustom ? verbs.filter((verb) => verb !== "deletecollection") : verbs;
}

/** Returns the verbs for discovery, which omits creates and updates while the definition is being deleted. */
export function discoverableVerbsOf(type: ResourceType): string[] {
  const verbs = verbsOf(type);
  return type.isTerminating ? verbs.filter((verb) => !["create", "patch", "update"].includes(verb)) : verbs;
}
