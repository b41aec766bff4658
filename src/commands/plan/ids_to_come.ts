/**
 * Stand-ins for ids that are known only after a create, or only in a cluster that is not read. An object that refers to
 * such a resource is planned with the stand-in, and the output shows what it stands for.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { objectKey } from "../../base/object_key.ts";
import { annotations } from "../../reconcile/object/status.ts";
import { referencesOf } from "../../reconcile/plan/references.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import type { PaperCluster } from "./paper_cluster.ts";
import type { Said } from "./rehearse.ts";
import type { Subject } from "./subjects.ts";

/** The first stand-in: a whole number, since some ids are numbers, and one that no workspace assigns. */
const FIRST = 9_099_000_000_000_000_001n;

/** Options of {@link IdsToCome}. */
export interface IdsToComeOptions {
  readonly paper: PaperCluster;
  readonly subjects: readonly Subject[];
  readonly resources: readonly Resource[];
  readonly host: string;
  /** True if an object that is in no file may be in the cluster. */
  readonly isOffline: boolean;
}

/** The stand-ins of one plan. */
export class IdsToCome {
  readonly #options: IdsToComeOptions;
  readonly #names = new Map<string, string>();
  readonly #given = new Set<string>();

  constructor(options: IdsToComeOptions) {
    this.#options = options;
  }

  /** Assigns stand-ins to what objects wait for. @returns true if there were any to assign. */
  supply(said: ReadonlyMap<Subject, Said>): boolean {
    let isAny = false;
    for (const [subject, { is }] of said) {
      if (is !== "awaits") continue;
      for (const { kind, name, namespace } of referencesOf(subject.resource.spec, subject.object.spec ?? {})) {
        if (namespace !== undefined && namespace !== subject.namespace) continue;
        if (this.#supply(kind, objectKey(subject.namespace, name), said)) isAny = true;
      }
    }
    return isAny;
  }

  #supply(kind: string, key: string, said: ReadonlyMap<Subject, Said>): boolean {
    const { subjects, resources, isOffline } = this.#options;
    const resource = resources.find((one) => one.kind === kind);
    const target = subjects.find((one) => one.resource.kind === kind && one.key === key);
    if (resource === undefined || this.#given.has(`${kind} ${key}`)) return false;
    if (target === undefined) return isOffline && this.#give(resource, key, `the id of ${kind} ${key}`);
    const answer = said.get(target);
    const isMade = answer?.is === "plan" && answer.plan.proposal.action === "create";
    return isMade && this.#give(resource, key, `known after apply: ${kind} ${key}`);
  }

  #give({ plural, kind }: Resource, key: string, text: string): boolean {
    const { paper, host } = this.#options;
    const [namespace = "", name = ""] = key.split("/");
    const id = String(FIRST + BigInt(this.#names.size));
    this.#names.set(id, text);
    this.#given.add(`${kind} ${key}`);
    const before = paper.get(plural, namespace, name);
    const generation = before?.metadata.generation ?? 1;
    const ready = { type: "Ready", status: "True", reason: "Available", message: "", observedGeneration: generation };
    const { resourceVersion: _version, ...metadata } = before?.metadata ??
      { name, namespace, uid: crypto.randomUUID(), generation };
    paper.put(plural, {
      ...{ apiVersion: `${GROUP}/${VERSION}`, kind, spec: before?.spec ?? {} },
      metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.paused]: "true" } },
      status: {
        ...before?.status,
        ...{ id, workspace: host, conditions: [{ ...ready, lastTransitionTime: new Date(0).toISOString() }] },
      },
    });
    return true;
  }

  /** True for an object that is only a stand-in for one to be created. */
  isGiven({ resource: { kind }, key }: Subject): boolean {
    return this.#given.has(`${kind} ${key}`);
  }

  /** The names of what a value's stand-ins stand for. */
  namesIn(value: unknown): string[] {
    const text = typeof value === "string" || typeof value === "bigint" ? this.#names.get(String(value)) : undefined;
    if (text !== undefined) return [text];
    if (Array.isArray(value)) return value.flatMap((one) => this.namesIn(one));
    return isObject(value) ? Object.values(value).flatMap((one) => this.namesIn(one)) : [];
  }

  /** The names of the stand-ins that an object refers to. */
  namesFor({ resource, object, namespace }: Subject): string[] {
    const named = referencesOf(resource.spec, object.spec ?? {}).map(({ kind, name }) =>
      `${kind} ${objectKey(namespace, name)}`
    );
    return named.filter((one) => this.#given.has(one));
  }

  /** A value with each stand-in replaced by what it stands for. */
  told(value: unknown): unknown {
    if (typeof value === "string" || typeof value === "bigint") {
      const text = this.#names.get(String(value));
      return text === undefined ? value : `(${text})`;
    }
    if (Array.isArray(value)) return value.map((one) => this.told(one));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, this.told(one)]));
  }
}
