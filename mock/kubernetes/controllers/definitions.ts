/** Serves the kinds of CustomResourceDefinitions, and removes their objects when a definition is deleted. @module */
import { keyOf, type KubeObject } from "../../../src/kubernetes/object.ts";
import { remove } from "../deletion.ts";
import { CLEANUP, customResourceDefinitions as definitions, specOf } from "../kinds/custom_resource_definition.ts";
import { timestamp } from "../metadata.ts";
import type { Objects } from "../objects.ts";
import type { Registry } from "../registry.ts";
import { storageName } from "../resource_type.ts";
import type { Change } from "../store.ts";
import { asObject } from "../values.ts";
import type { Controller } from "./controllers.ts";

const NAME = storageName(definitions);
const WRITE = { manager: "kube-apiserver", subresource: "status" };

/** The controller of CustomResourceDefinitions. */
export class Definitions implements Controller {
  readonly #objects: Objects;
  readonly #registry: Registry;
  /** The definitions being deleted, by the storage name of their kind. */
  readonly #ending = new Map<string, string>();

  constructor(objects: Objects, registry: Registry) {
    this.#objects = objects;
    this.#registry = registry;
  }

  observe(name: string, { type, object, key }: Change): (() => void) | undefined {
    const ending = this.#ending.get(name);
    if (ending !== undefined && type === "DELETED") return () => this.#finish(ending, name);
    if (name !== NAME) return undefined;
    if (type === "DELETED") return void this.#registry.forget(object);
    this.#registry.define(object);
    if (object.metadata.deletionTimestamp) return () => this.#end(key, object);
    return type === "ADDED" && !isEstablished(object) ? () => this.#establish(key) : undefined;
  }

  #establish(key: string): void {
    this.#setStatus(key, (crd) => {
      const { names } = specOf(crd);
      return {
        ...crd.status,
        acceptedNames: { ...names },
        conditions: [
          this.#condition("NamesAccepted", "True", { reason: "NoConflicts", message: "no conflicts found" }),
          this.#condition("Established", "True", {
            reason: "InitialNamesAccepted",
            message: "the initial names have been accepted",
          }),
        ],
      };
    });
  }

  /** Deletes the objects of a definition, which stays until they are gone. */
  #end(key: string, crd: KubeObject): void {
    const { group, names } = specOf(crd);
    const name = storageName({ group, plural: names.plural });
    if (this.#ending.has(name)) return;
    this.#ending.set(name, key);
    const message = "CustomResource deletion is in progress";
    this.#setStatus(key, ({ status }) => ({
      ...status,
      conditions: [
        ...asList(status?.conditions),
        this.#condition("Terminating", "True", { reason: "InstanceDeletionInProgress", message }),
      ],
    }));
    const type = this.#registry.stored(name);
    if (type) {
      for (const object of this.#objects.store.collection(name).all()) remove(this.#objects, type, keyOf(object));
    }
    this.#finish(key, name);
  }

  #finish(key: string, name: string): void {
    if (this.#objects.store.collection(name).all().length > 0) return;
    const crd = this.#objects.find(definitions, key);
    if (!crd) return void this.#ending.delete(name);
    this.#ending.delete(name);
    const finalizers = (crd.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP);
    const next = { ...crd, metadata: { ...crd.metadata, finalizers } };
    if (finalizers.length === 0) this.#objects.drop(definitions, next);
    else this.#objects.put(definitions, next);
  }

  #setStatus(key: string, change: (crd: KubeObject) => Record<string, unknown>): void {
    if (this.#objects.find(definitions, key) === undefined) return;
    this.#objects.update(definitions, key, WRITE, (crd) => ({ ...crd, status: change(crd) }));
  }

  #condition(type: string, status: string, { reason, message }: { reason: string; message: string }) {
    return { type, status, lastTransitionTime: timestamp(this.#objects.now()), reason, message };
  }
}

function isEstablished({ status }: KubeObject): boolean {
  return asList(status?.conditions).some(({ type, status }) => type === "Established" && status === "True");
}

function asList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
