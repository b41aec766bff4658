/**
 * Creates, updates, applies and deletes objects: the layer between requests and the store.
 *
 * @module
 */
import { keyOf, type KubeObject } from "../../src/kubernetes/object.ts";
import { apply, update, type Writer } from "./apply/ownership.ts";
import { check } from "./checks.ts";
import { complete } from "./decode.ts";
import { alreadyExists, invalid, modified, notFound } from "./errors.ts";
import { field } from "./field_errors.ts";
import { isNewGeneration, metadataForCreate, metadataForUpdate, timestamp } from "./metadata.ts";
import { checkNamespace } from "./namespace_admission.ts";
import { groupVersion, type ResourceType, storageName } from "./resource_type.ts";
import { hasVersion, type Store } from "./store.ts";
import { clone, equal } from "./values.ts";

/** Options of a write. */
export interface Write {
  /** The manager of the written fields. */
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** Checks everything, but stores nothing. */
  readonly dryRun?: boolean | undefined;
}

/** The objects of all kinds, with the operations that the API allows. */
export class Objects {
  readonly store: Store;
  readonly now: () => number;

  constructor(store: Store, now: () => number) {
    this.store = store;
    this.now = now;
  }

  /** The stored object. @throws {ApiError} 404 if there is none. */
  get(type: ResourceType, key: string): KubeObject {
    const object = this.find(type, key);
    if (object === undefined) throw notFound(type, key.slice(key.indexOf("/") + 1));
    return object;
  }

  /** The stored object, if there is one. */
  find(type: ResourceType, key: string): KubeObject | undefined {
    return this.store.collection(storageName(type)).get(key);
  }

  /** Stores a new, decoded object. */
  create(type: ResourceType, decoded: KubeObject, write: Write): KubeObject {
    const object = this.#fresh(type, decoded);
    const writer = this.#writer(type, write, "Update");
    return this.#insert(type, update(undefined, object, { writer, schema: type.schema }), write);
  }

  /** Replaces an object with the result of `change`. A resourceVersion in the result is an optimistic lock. */
  update(type: ResourceType, key: string, write: Write, change: (old: KubeObject) => KubeObject): KubeObject {
    const stored = this.get(type, key);
    const old = viewOf(stored, type);
    const asked = change(old);
    const { name = "" } = old.metadata;
    const version = asked.metadata.resourceVersion;
    if (version !== undefined && !hasVersion(old, version)) throw modified(type, name);
    const next = this.#changed(type, { old, asked, subresource: write.subresource });
    const writer = this.#writer(type, write, "Update");
    return this.#replace(type, { old, next: update(old, next, { writer, schema: type.schema }), write });
  }

  /** Applies a configuration, whose fields then belong to its manager; creates the object if there is none. */
  apply(type: ResourceType, key: string, applied: KubeObject, write: Write & { force: boolean }): KubeObject {
    const stored = this.find(type, key);
    const writer = this.#writer(type, write, "Apply");
    const by = { writer, schema: type.schema, force: write.force };
    if (stored === undefined) {
      if (write.subresource) throw notFound(type, applied.metadata.name ?? "");
      const { managedFields, ...metadata } = apply(undefined, applied, by).metadata;
      const object = this.#fresh(type, { ...applied, metadata });
      return this.#insert(
        type,
        { ...object, metadata: { ...object.metadata, managedFields: managedFields ?? [] } },
        write,
      );
    }
    const old = viewOf(stored, type);
    const version = applied.metadata.resourceVersion;
    if (version !== undefined && !hasVersion(old, version)) throw modified(type, old.metadata.name ?? "");
    const merged = apply(old, applied, by);
    const { managedFields } = merged.metadata;
    const asked = type.isCustom ? complete(merged, type, { keepsNulls: true }) : merged;
    const next = this.#changed(type, { old, asked, subresource: write.subresource });
    return this.#replace(type, {
      old,
      next: { ...next, metadata: { ...next.metadata, managedFields: managedFields ?? [] } },
      write,
    });
  }

  /** Stores the API's own change, without checks. */
  put(type: ResourceType, object: KubeObject): KubeObject {
    return this.store.put(storageName(type), object);
  }

  /** Removes an object permanently. */
  drop(type: ResourceType, object: KubeObject): KubeObject {
    return this.store.remove(storageName(type), object);
  }

  #fresh(type: ResourceType, decoded: KubeObject): KubeObject {
    const object = clone(decoded);
    if (type.isCustom && type.subresources.includes("status")) delete object.status;
    const metadata = metadataForCreate(object, type, this.now());
    const { kind } = type;
    const fresh = { ...object, apiVersion: groupVersion(type), kind, metadata };
    const whole = type.isCustom ? complete(fresh, type) : fresh;
    type.rules.prepare?.(whole);
    return whole;
  }

  #insert(type: ResourceType, object: KubeObject, { dryRun }: Write): KubeObject {
    checkNamespace(this.store, type, object);
    check(object, type);
    if (this.find(type, keyOf(object)) !== undefined) throw alreadyExists(type, object.metadata.name ?? "");
    return dryRun ? object : this.put(type, object);
  }

  /** Applies an update to the part of an object that it may change. */
  #changed(
    type: ResourceType,
    { old, asked, subresource }: { old: KubeObject; asked: KubeObject; subresource: string | undefined },
  ): KubeObject {
    const next = clone(partOf(asked, { old, type, subresource }));
    const metadata = { ...metadataForUpdate(next, old), resourceVersion: old.metadata.resourceVersion ?? "" };
    const changed: KubeObject = { ...next, apiVersion: groupVersion(type), kind: type.kind, metadata };
    if (!subresource) type.rules.prepare?.(changed, old);
    if (metadata.generation !== undefined && isNewGeneration(changed, old, type)) {
      changed.metadata.generation = metadata.generation + 1;
    }
    return changed;
  }

  #replace(type: ResourceType, { old, next, write }: { old: KubeObject; next: KubeObject; write: Write }): KubeObject {
    check(next, type, old, write.subresource);
    if (isFinished(next)) {
      // The deletion is a separate write: the answer to this one has the version from before it.
      if (!write.dryRun) this.drop(type, next);
      return next;
    }
    if (equal(next, old) || write.dryRun) return equal(next, old) ? old : next;
    return this.put(type, next);
  }

  #writer(type: ResourceType, { manager, subresource }: Write, operation: "Apply" | "Update"): Writer {
    const hasStatus = type.subresources.includes("status");
    const ignored = subresource === "status" ? [["spec"], ["metadata"]] : hasStatus ? [["status"]] : [];
    return { manager, operation, apiVersion: groupVersion(type), subresource, time: timestamp(this.now()), ignored };
  }
}

/** @throws {ApiError} 422 if a kind cannot be updated without a resourceVersion and there is none. */
export function requireVersion(type: ResourceType, object: KubeObject): void {
  if (object.metadata.resourceVersion !== undefined || type.rules.updatesBlindly) return;
  const error = field.invalid("metadata.resourceVersion", 0, "must be specified for an update");
  throw invalid({ group: type.group, kind: type.plural }, object.metadata.name ?? "", [error]);
}

/** True if an object is being deleted and has no finalizers left. */
export function isFinished({ metadata, spec }: KubeObject): boolean {
  const held = [...metadata.finalizers ?? [], ...Array.isArray(spec?.finalizers) ? spec.finalizers : []];
  return metadata.deletionTimestamp !== undefined && held.length === 0;
}

/** The requested object, with the parts that the request may not write from the old one. */
function partOf(
  asked: KubeObject,
  { old, type, subresource }: { old: KubeObject; type: ResourceType; subresource: string | undefined },
): KubeObject {
  if (subresource === "finalize") return { ...old, spec: asked.spec ?? {} };
  const { status, ...rest } = subresource === "status" ? old : asked;
  if (!type.subresources.includes("status")) return { ...rest, ...status !== undefined && { status } };
  const kept = (subresource === "status" ? asked : old).status;
  return { ...rest, ...kept !== undefined && { status: kept } };
}

/** An object that was stored by the same kind of another group. */
function asOther(object: KubeObject, type: ResourceType): KubeObject {
  return type.rules.fromOther?.(object) ?? object;
}

const views = new WeakMap<ResourceType, WeakMap<KubeObject, KubeObject>>();

/** A stored object in one of its kind's versions: with that version's name and defaults. */
export function viewOf(object: KubeObject, type: ResourceType): KubeObject {
  if (!type.isCustom) return object.apiVersion === groupVersion(type) ? object : asOther(object, type);
  const known = views.get(type) ?? new WeakMap<KubeObject, KubeObject>();
  views.set(type, known);
  const view = known.get(object);
  if (view) return view;
  const { metadata, ...body } = object;
  const whole = { ...complete(body, type), apiVersion: groupVersion(type), metadata } as KubeObject;
  const made = equal(whole, object) ? object : whole;
  known.set(object, made);
  return made;
}
