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
  /** The path of a custom kind's value. */
  readonly jsonPath?: string;
  /** Makes a built-in kind's value; `now` is in ms. */
  readonly cell?: (object: KubeObject, now: number) => unknown;
}

/** The hooks of a built-in kind. They may change the object, which is a copy of their own. */
export interface KindRules {
  /** A name that is a DNS label, and not a subdomain. */
  readonly hasLabelName?: boolean;
  /** A PUT may create. */
  readonly createsOnUpdate?: boolean;
  /** A PUT needs no resourceVersion. */
  readonly updatesBlindly?: boolean;
  /** `metadata.generation` counts the changes of its spec. */
  readonly hasGeneration?: boolean;
  readonly prepare?: (object: KubeObject, old?: KubeObject) => void;
  /** Makes it of an object that another group's kind stored. */
  readonly fromOther?: (object: KubeObject) => KubeObject;
  readonly check?: (object: KubeObject, old?: KubeObject) => FieldError[];
}

/** A kind of objects in one of its versions. */
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
  /** Fields besides name and namespace that a field selector may name, and where they are. */
  readonly selectable: Readonly<Record<string, readonly string[]>>;
  readonly rules: KindRules;
  /** The storage name that the kind shares with another group's. */
  readonly storedAs?: string;
  /** Says why nothing may be created now. */
  readonly isTerminating?: boolean;
}

/** The name under which a kind's objects are stored, whatever their version: `jobs.example.com`. */
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
  // Namespaces cannot be deleted together.
  return type.kind === "Namespace" && !type.isCustom ? verbs.filter((verb) => verb !== "deletecollection") : verbs;
}

/** Returns the verbs for discovery, which is silent on changes of objects whose definition is being deleted. */
export function discoverableVerbsOf(type: ResourceType): string[] {
  const verbs = verbsOf(type);
  return type.isTerminating ? verbs.filter((verb) => !["create", "patch", "update"].includes(verb)) : verbs;
}
