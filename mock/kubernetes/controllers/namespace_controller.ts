/** Creates the default objects of new namespaces, and empties namespaces being deleted. @module */
import { keyOf, type KubeObject } from "../../../src/kubernetes/object.ts";
import { remove } from "../deletion.ts";
import { configMaps } from "../kinds/config_map.ts";
import { namespaces } from "../kinds/namespace.ts";
import { serviceAccounts } from "../kinds/service_account.ts";
import { timestamp } from "../metadata.ts";
import type { Objects } from "../objects.ts";
import type { Registry } from "../registry.ts";
import { storageName } from "../resource_type.ts";
import type { Change } from "../store.ts";
import type { Controller } from "./controllers.ts";

const NAME = storageName(namespaces);
const WRITE = { manager: "kube-controller-manager" };
const ROOT_CA = "kube-root-ca.crt";

/** The controller of namespaces. */
export class NamespaceController implements Controller {
  readonly #objects: Objects;
  readonly #registry: Registry;
  /** The number of objects in each namespace. */
  readonly #counts = new Map<string, number>();
  readonly #ending = new Set<string>();

  constructor(objects: Objects, registry: Registry) {
    this.#objects = objects;
    this.#registry = registry;
  }

  observe(name: string, { type, object }: Change): (() => void) | undefined {
    if (name === NAME) return this.#observeNamespace(type, object);
    const { namespace } = object.metadata;
    if (namespace === undefined || type === "MODIFIED") return undefined;
    this.#counts.set(namespace, (this.#counts.get(namespace) ?? 0) + (type === "ADDED" ? 1 : -1));
    return type === "DELETED" && this.#ending.has(namespace) ? () => this.#finish(namespace) : undefined;
  }

  #observeNamespace(type: Change["type"], { metadata }: KubeObject): (() => void) | undefined {
    const { name = "" } = metadata;
    if (type === "DELETED") {
      this.#ending.delete(name);
      this.#counts.delete(name);
    } else if (type === "ADDED") return () => this.#furnish(name);
    else if (metadata.deletionTimestamp && !this.#ending.has(name)) return () => this.#empty(name);
    return undefined;
  }

  /** Creates the objects that Kubernetes adds to each namespace. */
  #furnish(namespace: string): void {
    this.#objects.create(serviceAccounts, { metadata: { name: "default", namespace } }, WRITE);
    const data = { "ca.crt": "" };
    this.#objects.create(configMaps, { metadata: { name: ROOT_CA, namespace }, data }, WRITE);
  }

  #empty(namespace: string): void {
    this.#ending.add(namespace);
    const { store } = this.#objects;
    for (const name of store.names()) {
      const type = this.#registry.stored(name);
      if (!type?.namespaced) continue;
      const inside = store.collection(name).all().filter(({ metadata }) => metadata.namespace === namespace);
      for (const object of inside) remove(this.#objects, type, keyOf(object));
    }
    this.#finish(namespace);
  }

  #finish(namespace: string): void {
    const object = this.#objects.find(namespaces, `/${namespace}`);
    if (!object) return;
    const rest = this.#counts.get(namespace) ?? 0;
    if (rest > 0) return this.#tellWhatRemains(namespace, rest);
    const finalizers = (object.spec?.finalizers as string[] ?? []).filter((name) => name !== "kubernetes");
    const spec = finalizers.length > 0 ? { finalizers } : {};
    this.#objects.update(
      namespaces,
      `/${namespace}`,
      { ...WRITE, subresource: "finalize" },
      (old) => ({ ...old, spec }),
    );
  }

  #tellWhatRemains(namespace: string, count: number): void {
    const condition = {
      type: "NamespaceContentRemaining",
      status: "True",
      lastTransitionTime: timestamp(this.#objects.now()),
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${count} resource instances`,
    };
    const write = { ...WRITE, subresource: "status" };
    this.#objects.update(namespaces, `/${namespace}`, write, (old) => ({
      ...old,
      status: { ...old.status, conditions: [condition] },
    }));
  }
}
