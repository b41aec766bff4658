/**
 * One pass over one object: its latest state, the draft of its next status, and the writes to Kubernetes.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { mergePatch } from "../../base/merge_patch.ts";
import { type KubeClient, KubeError, type KubeObject, type ResourcePath } from "../../kubernetes/client.ts";
import { managedFieldsWithoutSpec, slim, timeText } from "../../kubernetes/object.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import { type Logger, logger } from "../../telemetry/log.ts";
import { GROUP, type Intent, type Owner, type Resource, VERSION } from "../../resource.ts";
import { applyConditions, conditionOf, type Setting } from "../object/conditions.ts";
import { type Change, fieldsOf, type Grant } from "./change_log.ts";
import type { WorkspaceConnection } from "../connect/workspace_connection.ts";
import type { KindState } from "../kind_state.ts";
import type { ConditionReason, EventReason, FailureReason } from "../object/reasons.ts";
import type { BlockedError } from "../object/outcome.ts";
import { FINALIZER, fold, PREDECESSOR_FINALIZERS, type Status, statusOf, unfold } from "../object/status.ts";
import { type Place, placeOf } from "../object/place.ts";
import { nothingUnknown, type Unknown } from "./manifest/unknown_fields.ts";
import type { Values } from "./manifest/write_only.ts";

/** Options of a {@link Pass}. */
export interface PassOptions {
  readonly key: string;
  readonly object: KubeObject;
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder<EventReason>;
  readonly state: Pick<KindState, "expectStatus" | "observeWrite">;
}

/** The manifest with its references resolved; `inputs` identifies values that it only names, like others' ids. */
export interface Managed {
  readonly spec: Record<string, unknown>;
  readonly connection: WorkspaceConnection;
  readonly values: Values | undefined;
  readonly intent: Intent;
  readonly inputs?: string | undefined;
}

/** One pass over one object. */
export class Pass {
  readonly #options: PassOptions;
  #isAbandoned = false;
  /** True while the draft contains what only this process knows, such as the id of a resource that was just created. */
  #isOwed = false;
  /** The generation that the pass works on, if the object may have a newer one by now. */
  #generation: number | undefined;
  /** The object as it was last read or written. */
  object: KubeObject;
  /** True once a write failed because the object that was read is not the newest. */
  isStale = false;
  /** The next status; {@link save} writes what differs. */
  readonly status: Status;
  /** The unknown fields of the manifest; `Synced` reports them while there is no problem. */
  unknown: Unknown = nothingUnknown;
  /** True in the pass that bound a resource which this object did not create. */
  isTakenOver = false;
  /** True if this process saw the operator's mark on the held resource, whatever the object's status says. */
  wasMarked = false;
  /** A problem that is reported at the end of the pass, after everything else is done. */
  problem: BlockedError | undefined;
  /** The approval under which this pass writes, for the log. */
  grant: Grant | undefined;
  /** The principal that writes to Databricks, for the log. */
  principal: string | undefined;
  /** A remark about other resources with the object's tag; `Synced` reports it while there is no problem. */
  twins = "";
  /** Logs lines about the object, with its kind, namespace and name as fields. */
  readonly log: Logger;

  constructor(options: PassOptions) {
    this.#options = options;
    this.object = options.object;
    const { kind } = options.resource;
    this.log = logger("reconciler", { kind, namespace: this.namespace, name: this.name });
    this.status = unfold(statusOf(options.object));
  }

  get key(): string {
    return this.#options.key;
  }
  get resource(): Resource {
    return this.#options.resource;
  }
  get namespace(): string {
    return this.object.metadata.namespace ?? "";
  }
  /** The connection that it uses. */
  get place(): Place {
    return placeOf(this.object);
  }
  get name(): string {
    return this.object.metadata.name ?? "";
  }
  get uid(): string {
    return this.object.metadata.uid ?? "";
  }
  /** The generation of the manifest that the pass applies. */
  get generation(): number {
    return this.#generation ?? this.object.metadata.generation ?? 0;
  }
  /** `job "etl"`. */
  get label(): string {
    return `${this.resource.noun} "${this.name}"`;
  }
  /** `job 123`; for a kind that has only parts, `keys of team-secrets`. */
  get externalLabel(): string {
    const what = this.#onlyParts === undefined ? this.resource.noun : `${this.#onlyParts}s of`;
    return `${what} ${this.status.id ?? ""}`.trimEnd();
  }
  /** `job 123 is`; for a kind that has only parts, `keys of team-secrets are`. */
  get externalIs(): string {
    return `${this.externalLabel} ${this.#onlyParts === undefined ? "is" : "are"}`;
  }
  /** `job 123 matches`; for a kind that has only parts, `keys of team-secrets match`. */
  get externalMatches(): string {
    return `${this.externalLabel} ${this.#onlyParts === undefined ? "matches" : "match"}`;
  }
  /** The noun of the parts, for a kind that has only parts. */
  get #onlyParts(): string | undefined {
    const { external, parts } = this.resource;
    return external.create === undefined ? parts?.noun : undefined;
  }
  get path(): ResourcePath {
    return { group: GROUP, version: VERSION, plural: this.resource.plural, namespace: this.namespace };
  }

  /** The object as an owner of external resources. */
  owner(tag: string): Owner {
    return { uid: this.uid, name: this.name, tag };
  }

  /** Notes the object's external resource. Notes about a previous one are removed. */
  setExternal({ workspace: { host } }: WorkspaceConnection, id: string): void {
    const { resource, status } = this;
    if (status.id !== undefined && status.id !== id) {
      for (const field of ["url", "baseline", "parts", "source"] as const) delete status[field];
    }
    status.id = id;
    status.workspace = host;
    const url = resource.url?.(host, id);
    if (url !== undefined) status.url = url;
  }

  /** Sets conditions in the draft. */
  set(...settings: Setting[]): void {
    const now = timeText(this.#options.clock.now());
    this.status.conditions = applyConditions(this.status.conditions ?? [], settings, {
      generation: this.generation,
      now,
      stored: statusOf(this.object).conditions ?? [],
    });
    this.status.observedGeneration = this.generation;
  }

  get #remarks(): string {
    return [this.unknown.sentence, this.twins].filter((remark) => remark !== "").join("; ");
  }

  /** Sets the conditions of an object whose resource matches the manifest. */
  setReady(message: string): void {
    this.set(
      { type: "Ready", status: "True", reason: "Available", message },
      { type: "Synced", status: "True", reason: "ReconcileSuccess", message: this.#remarks },
      { type: "Reconciling" },
      { type: "Stalled" },
    );
  }

  /**
   * Sets the conditions of an object whose manifest cannot be applied. If the operator is only `blind` (it cannot reach
   * Databricks), it assumes that the state applied last still holds.
   */
  setFailed(reason: FailureReason, message: string, options: { stalled: boolean; blind?: boolean }): void {
    const { stalled, blind = !stalled } = options;
    const ready = conditionOf(this.status.conditions, "Ready");
    const holds = blind && ready?.status === "True" && ready.observedGeneration === this.generation;
    this.set(
      ...(holds ? [] : [{ type: "Ready", status: "False", reason, message } as const]),
      { type: "Synced", status: "False", reason, message },
      { type: "Reconciling" },
      stalled ? { type: "Stalled", status: "True", reason, message } : { type: "Stalled" },
    );
  }

  /** True if the operator has given up on this generation of the manifest until something changes. */
  get isStalled(): boolean {
    const stalled = conditionOf(this.status.conditions, "Stalled");
    return stalled?.status === "True" && stalled.observedGeneration === this.generation;
  }

  /** Sets the conditions of an object with work in progress. */
  setReconciling(reason: ConditionReason, message: string): void {
    this.set(
      { type: "Ready", status: "False", reason, message },
      { type: "Reconciling", status: "True", reason, message },
      { type: "Stalled" },
    );
  }

  /** Sets the conditions of an object whose manifest is applied, but whose resource is not usable (yet). */
  setNotReady(reason: ConditionReason, message: string, { failed }: { readonly failed: boolean }): void {
    const cause = { status: "True", reason, message } as const;
    this.set(
      { type: "Ready", status: "False", reason, message },
      failed ? { type: "Reconciling" } : { type: "Reconciling", ...cause },
      failed ? { type: "Stalled", ...cause } : { type: "Stalled" },
    );
  }

  /** Records an event on the object. */
  event(type: "Normal" | "Warning", reason: EventReason, message: string): void {
    this.#options.events.record(this.object, type, reason, message);
  }

  /** Records an Event, and logs the same with its reason as a field, and with what was changed in Databricks. */
  report(type: "Normal" | "Warning", reason: EventReason, message: string, change?: Change): void {
    this.event(type, reason, message);
    const level = type === "Warning" ? "warning" : "info";
    this.log[level](this.#line(message), { reason, ...change && fieldsOf(this, change) });
  }

  /** Logs a change in Databricks that has no Event. */
  logChange(message: string, change: Change): void {
    this.log.info(this.#line(message), fieldsOf(this, change));
  }

  #line(message: string): string {
    return `${this.resource.kind} ${this.key}: ${message}`;
  }

  /**
   * Writes the differences in the draft, or none (`evenIfSame`). A stale view fails with 409, unless `evenIfStale`: what
   * only this process knows is written whatever else has changed.
   */
  async save(options: { evenIfStale?: boolean; evenIfSame?: boolean } = {}): Promise<void> {
    if (this.#isAbandoned) return;
    const { evenIfStale = this.#isOwed, evenIfSame = false } = options;
    const next = fold(this.status);
    const patch = mergePatch({ ...statusOf(this.object) }, { ...next });
    if (patch !== undefined || evenIfSame) {
      const { uid, resourceVersion } = this.object.metadata;
      this.#options.state.expectStatus(this.key, next);
      const metadata = evenIfStale ? { uid } : { uid, resourceVersion };
      // An edit that was made meanwhile is for the next pass to apply.
      if (evenIfStale) this.#generation = this.generation;
      this.#take(await this.#patch({ metadata, ...patch && { status: patch } }, { subresource: "status" }));
    }
    this.#isOwed = false;
  }

  /**
   * Notes that the draft contains what only this process knows: it is written before the next call to Databricks, and
   * at the latest at the end of the pass, whatever else has changed. So it needs no extra write if no call follows.
   */
  owe(): void {
    this.#isOwed = true;
    this.#generation = this.generation;
  }

  /** Writes what is owed. */
  async settle(): Promise<void> {
    if (this.#isOwed) await this.save();
  }

  /** {@link settle}; on failure the next pass continues from the process's memory. */
  async trySettle(): Promise<void> {
    if (this.#isOwed) await this.trySave();
  }

  /** {@link save}; the next pass reports a failure: the object changed meanwhile, or the API server is unavailable. */
  async trySave(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      this.log.debug(`Cannot write the status of ${this.key}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Writes no more status: the object is gone, or is about to be. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Replaces the predecessor's finalizer by the operator's, or adds it, and adds the kind's labels. */
  async addFinalizer(): Promise<void> {
    const now = this.object.metadata.finalizers ?? [];
    const next = [...now.filter((name) => !PREDECESSOR_FINALIZERS.includes(name) && name !== FINALIZER), FINALIZER];
    if (now.length !== next.length || now.some((name) => !next.includes(name))) {
      const labels = this.resource.once?.labels?.((this.object.spec ?? {}) as Record<string, unknown>);
      await this.#setFinalizers(next, labels);
    }
  }

  /** Removes the operator's and the predecessor's finalizers, so that a deletion can complete. */
  async dropFinalizers(): Promise<void> {
    const now = this.object.metadata.finalizers ?? [];
    const next = now.filter((name) => name !== FINALIZER && !PREDECESSOR_FINALIZERS.includes(name));
    if (next.length !== now.length) await this.#setFinalizers(next);
  }

  /** Changes `spec`: only for an object whose source of truth is Databricks. */
  async patchSpec(patch: Record<string, unknown>): Promise<void> {
    const { uid, resourceVersion } = this.object.metadata;
    this.#take(await this.#patch({ metadata: { uid, resourceVersion }, spec: patch }));
    this.#generation = undefined;
  }

  /**
   * Gives up the ownership of the fields that the operator wrote into `spec`, and leaves their values: while the
   * operator also owns them, a field that is removed from a server-side applied manifest would stay forever.
   */
  async releaseSpec(): Promise<void> {
    if (this.object.metadata.ownsSpec !== true) return;
    // The operator's Role lists objects and does not get them.
    const { items: [now] } = await this.#options.client.list(this.path, {
      fieldSelector: `metadata.name=${this.name}`,
    });
    const managedFields = now === undefined ? undefined : managedFieldsWithoutSpec(now);
    const { uid, resourceVersion } = this.object.metadata;
    this.#take(await this.#patch({ metadata: { uid, resourceVersion, managedFields } }));
  }

  /** Deletes the object itself, unless it has been replaced. */
  async deleteObject(): Promise<void> {
    await this.#options.client.delete(this.path, this.name, { preconditions: { uid: this.uid } });
  }

  async #setFinalizers(finalizers: string[], labels?: Readonly<Record<string, string>>): Promise<void> {
    const { uid, resourceVersion } = this.object.metadata;
    this.#take(await this.#patch({ metadata: { uid, resourceVersion, finalizers, ...labels && { labels } } }));
  }

  #patch(patch: unknown, options: { subresource?: "status" } = {}): Promise<KubeObject> {
    const { client, object } = this.#options;
    return client.patch(this.path, this.name, patch, { type: "merge", ...options }).catch((error) => {
      this.isStale ||= this.object === object && error instanceof KubeError && error.status === 409;
      throw error;
    });
  }

  #take(written: KubeObject): void {
    this.object = slim(written);
    this.#options.state.observeWrite(written);
  }
}
