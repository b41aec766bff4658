/**
 * The references between objects: when an object's id or readiness changes, the objects that refer to it are queued.
 * Also finds cycles.
 *
 * @module
 */
import type { KubeObject } from "../../kubernetes/client.ts";
import { conditionOf } from "./conditions.ts";
import { statusOf } from "./status.ts";

/** An object as the target of a reference: `DatabricksJob team/load`. */
export type Target = string;

/** Options of {@link References}. */
export interface ReferencesOptions {
  /** An object of a kind, by its key; `undefined` if there is none, `unmanaged` if this operator has no such kind. */
  readonly find: (kind: string, key: string) => KubeObject | undefined | "unmanaged";
  /**
   * Returns the reason why it is unknown whether an object exists: `CRD … is not installed: apply …`; `undefined` if it
   * is known.
   */
  readonly unknown: (kind: string, key: string) => string | undefined;
  readonly enqueue: (kind: string, key: string) => void;
  /** True if an object of a kind holds a resource of a workspace, by its id. */
  readonly holds: (kind: string, host: string, id: string) => boolean;
}

/** A kind and a key as one name. */
export function targetOf(kind: string, key: string): Target {
  return `${kind} ${key}`;
}

/** The references between the objects of all kinds. */
export class References {
  readonly #options: ReferencesOptions;
  readonly #targets = new Map<Target, ReadonlySet<Target>>();
  readonly #dependents = new Map<Target, Set<Target>>();

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /** An object by its kind and key. */
  find(kind: string, key: string): KubeObject | undefined | "unmanaged" {
    return this.#options.find(kind, key);
  }

  /** Returns the reason why it is unknown whether an object exists, and the remedy; `undefined` if it is known. */
  unknown(kind: string, key: string): string | undefined {
    return this.#options.unknown(kind, key);
  }

  /** True when an object of a kind holds the resource of a workspace with an id. */
  holds(kind: string, host: string, id: string): boolean {
    return this.#options.holds(kind, host, id);
  }

  /** Notes which objects one refers to; none if it is gone. */
  note(from: Target, targets: ReadonlySet<Target>): void {
    for (const target of this.#targets.get(from) ?? []) {
      const dependents = this.#dependents.get(target);
      dependents?.delete(from);
      if (dependents?.size === 0) this.#dependents.delete(target);
    }
    if (targets.size === 0) this.#targets.delete(from);
    else this.#targets.set(from, targets);
    for (const target of targets) {
      const dependents = this.#dependents.get(target);
      if (dependents === undefined) this.#dependents.set(target, new Set([from]));
      else dependents.add(from);
    }
  }

  /** Queues the objects that refer to an object, if what they need of it has changed. */
  changed(target: Target, old: KubeObject | undefined, now: KubeObject | undefined): void {
    const dependents = this.#dependents.get(target);
    if (dependents === undefined || neededOf(old) === neededOf(now)) return;
    for (const dependent of dependents) {
      const [kind = "", key = ""] = dependent.split(" ");
      this.#options.enqueue(kind, key);
    }
  }

  /**
   * The cycle in which an object refers to itself through others that have no id yet, starting and ending with the
   * object; `undefined` if there is none.
   */
  circle(from: Target): Target[] | undefined {
    const seen = new Set<Target>();
    const visit = (target: Target, path: Target[]): Target[] | undefined => {
      if (target === from && path.length > 0) return [...path, target];
      if (seen.has(target) || (target !== from && this.#hasId(target))) return undefined;
      seen.add(target);
      for (const next of this.#targets.get(target) ?? []) {
        const circle = visit(next, [...path, target]);
        if (circle !== undefined) return circle;
      }
      return undefined;
    };
    return visit(from, []);
  }

  #hasId(target: Target): boolean {
    const [kind = "", key = ""] = target.split(" ");
    const object = this.#options.find(kind, key);
    return object !== undefined && object !== "unmanaged" && statusOf(object).id !== undefined;
  }
}

/** The facts that a referring object depends on: existence, id, and readiness with its reason. */
function neededOf(object: KubeObject | undefined): string {
  if (object === undefined) return "";
  const { id, workspace, pending, conditions } = statusOf(object);
  const { status, reason, observedGeneration } = conditionOf(conditions, "Ready") ?? {};
  const ready = status === "True" ? true : reason;
  return JSON.stringify([
    object.metadata.uid,
    object.metadata.deletionTimestamp,
    id,
    workspace,
    pending === undefined,
    ready,
    observedGeneration === object.metadata.generation,
  ]);
}
