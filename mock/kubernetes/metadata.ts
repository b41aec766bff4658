/**
 * Metadata: the fields that the API sets and checks in every object.
 *
 * @module
 */
import type { JsonObject } from "../../src/base/json.ts";
import type { KubeObject, ObjectMeta } from "../../src/kubernetes/object.ts";
import { field, type FieldError } from "./field_errors.ts";
import { checkQualifiedNames, nameProblem } from "./names.ts";
import type { ResourceType } from "./resource_type.ts";
import { equal } from "./values.ts";

const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Five random characters, which `generateName` appends. */
function suffix(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** Removes empty fields from metadata, as if they were absent. */
export function tidyMetadata(metadata: JsonObject): ObjectMeta {
  const isSaid = (value: unknown) =>
    value !== null && value !== "" && value !== 0 && !(typeof value === "object" && Object.keys(value).length === 0);
  // An empty managedFields list, or one with an empty entry, has a meaning.
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => isSaid(value))) as ObjectMeta;
}

/** The metadata of a new object. */
export function metadataForCreate(object: KubeObject, type: ResourceType, now: number): ObjectMeta {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, selfLink: _s, resourceVersion: _r, ...rest } =
    object.metadata;
  const name = rest.name ??
    (rest.generateName === undefined ? undefined : `${rest.generateName.slice(0, 58)}${suffix()}`);
  const hasGeneration = type.isCustom || type.rules.hasGeneration;
  const { generation: _, ...kept } = rest;
  return {
    ...kept,
    ...name !== undefined && { name },
    uid: crypto.randomUUID(),
    creationTimestamp: timestamp(now),
    ...hasGeneration && { generation: 1 },
  };
}

/** The fields that an update cannot change. */
const KEPT = [
  "namespace",
  "name",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
];

/** The metadata of an updated object, with its generation not yet incremented. */
export function metadataForUpdate(object: KubeObject, old: KubeObject): ObjectMeta {
  const kept = Object.fromEntries(KEPT.filter((key) => key in old.metadata).map((key) => [key, old.metadata[key]]));
  const rest = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !KEPT.includes(key)));
  const { selfLink: _, ...metadata } = { ...rest, ...kept } as ObjectMeta;
  return { uid: old.metadata.uid!, ...metadata };
}

/** Checks the metadata of a new object. */
export function checkNewMetadata({ metadata }: KubeObject, type: ResourceType): FieldError[] {
  if (metadata.name === undefined) return [field.required("metadata.name", "name or generateName is required")];
  const problem = nameProblem(metadata.name, type.rules.hasLabelName ?? false);
  const own = problem === undefined ? [] : [field.invalid("metadata.name", metadata.name, problem)];
  return [...own, ...checkOwners(metadata), ...checkQualifiedNames(metadata)];
}

/** Checks the metadata of an updated object. */
export function checkChangedMetadata({ metadata }: KubeObject, old: KubeObject): FieldError[] {
  const added = (metadata.finalizers ?? []).filter((name) => !(old.metadata.finalizers ?? []).includes(name));
  const list = added.map((name) => JSON.stringify(name)).join(", ");
  const late = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [
    ...metadata.uid === old.metadata.uid ? [] : [field.invalid("metadata.uid", metadata.uid, "field is immutable")],
    ...old.metadata.deletionTimestamp && added.length > 0 ? [field.forbidden("metadata.finalizers", late)] : [],
    ...checkOwners(metadata),
    ...checkQualifiedNames(metadata),
  ];
}

const OWNER_FIELDS = ["apiVersion", "kind", "name", "uid"];

function checkOwners({ ownerReferences = [] }: ObjectMeta): FieldError[] {
  const path = "metadata.ownerReferences";
  const empty = ownerReferences.flatMap((reference, index) =>
    OWNER_FIELDS.filter((key) => !(reference as unknown as Record<string, unknown>)[key])
      .map((key) => field.invalid(`${path}[${index}].${key}`, "", "must not be empty"))
  );
  const controllers = ownerReferences.filter(({ controller }) => controller);
  if (controllers.length < 2) return empty;
  const [first, second] = controllers;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first!.kind}/` +
    `${first!.name} and ${second!.kind}/${second!.name}`;
  return [...empty, field.invalid(path, ownerReferences, detail)];
}

/** True if an update increments the generation: it changed more than metadata and a status subresource. */
export function isNewGeneration(object: KubeObject, old: KubeObject, type: ResourceType): boolean {
  const counted = ({ metadata: _m, status, ...rest }: KubeObject) =>
    type.subresources.includes("status") ? rest : { ...rest, status };
  return !equal(counted(object), counted(old));
}

/** A time in the format of metadata: without fractions of seconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "");
}
