/**
 * Watches all requests of the operator as they happen, and checks what must hold at every instant.
 *
 * @module
 */
import { isObject, parseJson } from "../../src/base/json.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import { annotation, FINALIZER, ownershipOf, statusOf } from "../../src/reconcile/object/status.ts";
import type { Parcel, Witness } from "./network.ts";
import type { Simulation } from "./simulation.ts";
import { keepsData } from "./slots.ts";

/** The ownership tag's key. */
export const TAG = "databricks-kube-operator";

/** Observes all requests that arrive, and notes violations. */
export class Watchman implements Witness {
  readonly #simulation: Simulation;
  /** The violations, in words. */
  readonly violations: string[] = [];
  /** The settings of jobs that people made, by id: they must not change. */
  readonly strangers = new Map<string, string>();
  /** The resources in Databricks that the operator must not delete: `Repo 601234567890123456`. */
  readonly foreign = new Set<string>();
  /** The kinds and UIDs of objects that were deleted without the operator's finalizer. */
  readonly torn = new Set<string>();
  /** The number of requested runs of an object's job, by the object's name. */
  readonly requested = new Map<string, number>();
  readonly #runs = new Map<string, Set<string>>();
  /** The number of writes that arrived at either side, including Events. */
  writes = 0;
  readonly #underWay = new Map<string, Parcel>();
  readonly #seen = new Map<string, KubeObject>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** O10: no two writes to one external resource overlap. */
  sent(parcel: Parcel): void {
    if (parcel.isWrite && !parcel.life.isLeading) this.#blame(`a replica that lost its lease wrote: ${parcel.line}`);
    const target = targetOf(parcel);
    if (target === undefined) return;
    const other = this.#underWay.get(target);
    if (other !== undefined && other.life === parcel.life) {
      this.#blame(`two writes to ${target} overlap: ${other.line} and ${parcel.line}`);
    }
    this.#underWay.set(target, parcel);
  }

  /** Notes that a request was abandoned or answered. */
  ended(parcel: Parcel): void {
    const target = targetOf(parcel);
    if (target !== undefined && this.#underWay.get(target) === parcel) this.#underWay.delete(target);
  }

  /** Judges a request that took effect. */
  async took(parcel: Parcel, response: Response): Promise<void> {
    if (!parcel.isWrite) return;
    this.writes++;
    if (parcel.side === "Databricks") {
      if (parcel.line.endsWith("/run-now") && response.ok) this.#checkRun(parcel, await response.clone().text());
      if (parcel.line.endsWith("/runs/submit") && response.ok) this.#checkSubmit(parcel, await response.clone().text());
      return this.#checkWorkspace(parcel);
    }
    if (!response.ok || !parcel.line.includes("com.dstancu.databricks")) return;
    const object = parseJson(await response.clone().text()) as unknown as KubeObject;
    if (isObject(object) && object.metadata?.uid !== undefined && object.kind !== "Status") this.#checkObject(object);
  }

  /** O3: one object never has two jobs. O5: the jobs that people made do not change. */
  #checkWorkspace({ line, body }: Parcel): void {
    if (line.endsWith("/jobs/create")) {
      const owners = new Set<string>();
      for (const { settings, job_id } of this.#simulation.workspace.jobs.all()) {
        const owner = this.strangers.has(job_id) ? undefined : settings.tags?.[TAG];
        if (owner !== undefined && owners.has(owner)) this.#blame(`two jobs of one object: ${owner}`);
        owners.add(owner);
      }
    }
    for (const [id, left] of this.strangers) {
      const now = this.#simulation.workspace.jobs.get(id);
      if (JSON.stringify(now?.settings) === left) continue;
      this.#blame(`somebody else's job ${id} was written: ${line} ${body}`);
      this.strangers.delete(id);
    }
  }

  /** No object has two runs: its token is always the same. */
  #checkSubmit({ body }: Parcel, answer: string): void {
    const token = body.match(/"idempotency_token":"(\w+)"/)?.[1] ?? "none";
    const runs = this.#runs.get(token) ?? new Set();
    this.#runs.set(token, runs.add(answer.match(/"run_id":(\d+)/)?.[1] ?? ""));
    if (runs.size > 1) this.#blame(`one object has the runs ${[...runs].join(", ")}`);
  }

  /** There are no more runs than people requested. */
  #checkRun({ body }: Parcel, answer: string): void {
    const id = body.match(/"job_id":(\d+)/)?.[1] ?? "";
    const uid = this.#simulation.workspace.jobs.get(id)?.settings.tags?.[TAG];
    const name = this.#seen.get(uid)?.metadata.name;
    if (name === undefined) return;
    const runs = this.#runs.get(name) ?? new Set();
    this.#runs.set(name, runs.add(answer.match(/"run_id":(\d+)/)?.[1] ?? ""));
    const asked = this.requested.get(name) ?? 0;
    if (runs.size > asked) this.#blame(`${name} ran ${runs.size} times and was asked to ${asked} times`);
  }

  /** O9: conditions are unique, and their times move only with their status. O17: finalizers go last. */
  #checkObject(object: KubeObject): void {
    const uid = object.metadata.uid ?? "";
    const before = this.#seen.get(uid);
    this.#seen.set(uid, object);
    const conditions = statusOf(object).conditions ?? [];
    const types = conditions.map(({ type }) => type);
    if (new Set(types).size !== types.length) this.#blame(`conditions are not unique: ${types}`);
    for (const condition of conditions) this.#checkCondition(object, condition, before);
    if (before?.metadata.finalizers?.includes(FINALIZER) && !object.metadata.finalizers?.includes(FINALIZER)) {
      this.#checkRelease(object);
    }
  }

  #checkCondition({ kind, metadata }: KubeObject, condition: Condition, before: KubeObject | undefined): void {
    const { type, status, lastTransitionTime, reason } = condition;
    const label = `${kind} ${metadata.name}`;
    if (["Reconciling", "Stalled"].includes(type) && status !== "True") this.#blame(`${label}: ${type} is ${status}`);
    if (reason === "InternalError") this.#blame(`${label}: ${condition.message}`);
    const former = before && statusOf(before).conditions?.find((one) => one.type === type);
    if (former?.status === status && former.lastTransitionTime !== lastTransitionTime) {
      this.#blame(`${label}: the time of ${type} moved without its status`);
    }
  }

  #checkRelease(object: KubeObject): void {
    const { id } = statusOf(object);
    if (id === undefined) return;
    const policy = annotation(object, "deletionPolicy");
    const stays = policy === "retain" || (policy === undefined && keepsData(object.kind));
    if (ownershipOf(object) === "api" || stays) return this.#letStay(object);
    if (object.kind !== "DatabricksJob" || this.strangers.has(id)) return;
    const job = this.#simulation.workspace.jobs.get(id);
    if (job?.settings.tags?.[TAG] !== object.metadata.uid) return;
    this.#blame(`the finalizer of ${object.metadata.name} went before its job ${id}`);
  }

  /**
   * Notes an object that is about to go without the operator's finalizer: its present or pending resource is left to a
   * person.
   */
  tear(object: KubeObject): void {
    this.torn.add(object.kind ?? "");
    this.torn.add(object.metadata.uid ?? "");
    this.#letStay(object);
  }

  #letStay(object: KubeObject): void {
    const { id, parts } = statusOf(object);
    if (id !== undefined) this.foreign.add(`${object.kind} ${id}`);
    for (const key of Object.keys(parts ?? {})) this.foreign.add(`key ${key}`);
  }

  /** Notes a violation. */
  blame(text: string): void {
    this.#blame(text);
  }

  #blame(text: string): void {
    const seconds = (this.#simulation.clock.monotonic() / 1000).toFixed(1);
    this.violations.push(`at ${seconds} s: ${text}`);
  }
}

/** The external resource of a write, if its request names it. */
function targetOf({ side, isWrite, line, body }: Parcel): string | undefined {
  if (side !== "Databricks" || !isWrite) return undefined;
  const job = body.match(/"job_id":(\d+)/)?.[1];
  if (job !== undefined) return `job ${job}`;
  const path = line.match(/\/(?:repos|git-credentials|sql\/warehouses|catalogs|schemas|volumes)\/[\w.]+$/)?.[0];
  if (path !== undefined) return path;
  const scope = line.includes("/scopes/") || line.includes("/acls/") ? body.match(/"scope":"([^"]+)"/)?.[1] : undefined;
  return scope && `scope ${scope}`;
}
