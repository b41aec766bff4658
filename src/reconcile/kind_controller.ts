/**
 * Runs everything for one kind: its informers, its sweeps and its reconciler.
 *
 * @module
 */
import type { SweepBudget } from "./observe/sweep_budget.ts";
import { nameOf as nameIn, namespaceOf, type ObjectKey } from "../base/object_key.ts";
import type { Clock } from "../base/clock.ts";
import type { KubeClient, KubeObject } from "../kubernetes/client.ts";
import type { EventRecorder } from "../kubernetes/events.ts";
import type { Change } from "../kubernetes/watch/informer.ts";
import { Informers } from "../kubernetes/watch/informers.ts";
import { logger } from "../telemetry/log.ts";
import type { ManagedCount, Metrics, PlanCounts, ReconcileResult } from "../telemetry/metrics.ts";
import { GROUP, nameOf, type Resource, VERSION } from "../resource.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "./connect/workspace_connection.ts";
import type { Connections } from "./connect/connections.ts";
import { ingests } from "./connect/ingest_choice.ts";
import { Ingester } from "./observe/ingester.ts";
import type { Backoff } from "../base/backoff.ts";
import type { Priority, WorkQueue } from "./queue.ts";
import type { EventReason } from "./object/reasons.ts";
import type { MadePlan } from "./pass/approve/admit.ts";
import type { Timings } from "./pass/context.ts";
import { type References, targetOf } from "./object/references.ts";
import { KindInPlace } from "./kind_in_place.ts";
import { KindState } from "./kind_state.ts";
import { isToldByLists } from "./pass/identity/strangers.ts";
import { Reconciler } from "./pass/reconciler.ts";
import type { Secrets } from "./connect/secrets.ts";
import { namespaceIn, type Place, placeOf } from "./object/place.ts";
import { ownershipOf, phasesOf, statusOf } from "./object/status.ts";

const log = logger("controller");

/** Options of a {@link KindController}. */
export interface KindControllerOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespaces: readonly string[] | "all";
  readonly events: EventRecorder<EventReason>;
  readonly metrics: Metrics;
  readonly connections: Connections;
  readonly secrets: Secrets;
  readonly configMaps: Secrets;
  readonly references: References;
  readonly queue: WorkQueue;
  readonly backoff: Backoff;
  readonly timings: Timings;
  readonly sweepBudget: SweepBudget;
  /** Waits until the kind is served, after a watch reported that it is not: see {@link Informers}. */
  readonly whenServed: () => Promise<boolean>;
  /** Called when an object was created or deleted, or uses another connection than before. */
  readonly onMoved: (from: Place | undefined, to: Place | undefined) => void;
  /** Called with each plan that waits for an approval. */
  readonly onPlan: ((plan: MadePlan) => void) | undefined;
}

/** The state of a namespace that belongs to another process. */
const ANOTHERS: Blocked = { reason: "SettingsMissing", message: "Its workspace is in another share" };

/** The state of a namespace whose objects cannot be listed: no resource is known to lack an object. */
const UNKNOWN: Blocked = { reason: "SettingsMissing", message: "Its objects are not known" };

/** Runs one kind. */
export class KindController {
  readonly #options: KindControllerOptions;
  readonly #informers: Informers;
  readonly #state: KindState;
  readonly #reconciler: Reconciler;
  readonly #ingester: Ingester;
  #starting: Promise<void> | undefined;
  #isWorking = false;

  constructor(options: KindControllerOptions) {
    this.#options = options;
    const { resource, client, clock, signal, namespaces, queue } = options;
    this.#informers = new Informers({
      client,
      clock,
      signal,
      namespaces,
      kind: { group: GROUP, version: VERSION, plural: resource.plural },
      isPacked: true,
      onChange: (key, change) => this.#changed(key, change),
      onError: (error) => log.warning(`Cannot watch ${resource.plural}: ${error.message}`),
      onSynced: (namespace) => this.#synced(namespace),
      whenServed: options.whenServed,
    });
    this.#state = new KindState({
      resource,
      informers: this.#informers,
      queue,
      connections: options.connections,
      make: (members) =>
        new KindInPlace({
          ...options,
          state: this.#state,
          ingester: this.#ingester,
          members,
          connection: () => this.#connectionOf(members()),
        }),
    });
    this.#reconciler = new Reconciler({ ...options, state: this.#state });
    this.#ingester = new Ingester({ ...options, state: this.#state });
  }

  get kind(): string {
    return this.#options.resource.kind;
  }

  /** Begins to watch the objects; resolves when they are known, or may not be listed. */
  async start(): Promise<void> {
    await (this.#starting ??= this.#informers.start());
  }

  /** Resolves when the objects of at least one namespace are known, or when the controller stops before that. */
  async known(): Promise<void> {
    await this.#informers.anySynced();
  }

  /** True from the first call of {@link start} on. */
  get isStarted(): boolean {
    return this.#starting !== undefined;
  }

  /** True if no objects are known, because they may not be listed. */
  get isRefused(): boolean {
    return this.isStarted && this.#informers.isRefused;
  }

  /** True when a namespace's objects are known. */
  isKnown(namespace: string): boolean {
    return this.#informers.hasSynced(namespace);
  }

  /** Begins to sweep; the objects of all served kinds must be known. */
  work(): void {
    this.#isWorking = true;
    this.#synced();
  }

  async stop(): Promise<void> {
    await this.#informers.stop();
    await this.#state.stop();
  }

  /** Reconciles one object; with low priority, its calls wait behind those of high priority. */
  async reconcile(key: ObjectKey, priority: Priority): Promise<void> {
    const object = this.get(key);
    if (object !== undefined && !this.#isForUs(object)) return;
    const end = this.#options.metrics.reconciling(this.#options.resource.plural);
    let result: ReconcileResult = "error";
    try {
      result = await this.#reconciler.reconcile(key, priority);
    } finally {
      end(result);
    }
  }

  /**
   * False while the kind is not served: its objects are gone, or are reconciled when it is served again. False for
   * another process's shard: that process reconciles them and reports on them.
   */
  #isForUs(object: KubeObject): boolean {
    const { namespace = "" } = object.metadata;
    return this.#informers.isCurrent(namespace) && this.#options.connections.isOurs(placeOf(object));
  }

  /** The number of ready and not-ready objects of this shard, by owner. Other shards count their own. */
  counts(): ManagedCount[] {
    const { resource: { kind }, connections } = this.#options;
    return this.#state.claims.counts((place) => connections.isOurs(place)).map((count) => ({ kind, ...count }));
  }

  /** The number of objects of this shard that have not ended, by phase, for a kind that happens once. */
  phases(): { namespace: string; phase: string; count: number }[] {
    if (this.#options.resource.once === undefined) return [];
    const places = this.#state.kept().filter((place) => this.#options.connections.isOurs(place));
    return places.flatMap((place) =>
      phasesOf(this.#state.peers(place)).map((count) => ({ namespace: namespaceIn(place), ...count }))
    );
  }

  /** The plans that wait for approvals, and the objects whose drift is only reported. */
  plans(): PlanCounts {
    const { resource: { kind } } = this.#options;
    const { plans } = this.#reconciler;
    return { kind, pending: plans.counts(), drifted: plans.driftedCount };
  }

  /** The number of resources whose tag names an object that has another resource. */
  duplicates(): { kind: string; count: number } {
    return { kind: this.#options.resource.kind, count: this.#state.twins.count };
  }

  /** Reconciles all objects of a place again: its settings or credentials changed. */
  connectionChanged(place: Place): void {
    if (!this.#isWorking) return;
    const { connections, resource } = this.#options;
    const state = connections.of(place);
    if (isConnected(state) && ingests(state.settings, resource)) {
      log.info(`Looking for uningested ${resource.plural} in namespace ${place}`);
    }
    const known = this.#state.knownIn(place);
    const now = this.#state.in(place);
    // The first sweep of the view that it joins serves it, too.
    if (known === now || now.sweeper.isReady) {
      now.sweeper.kick();
      now.pollRuns();
    }
    this.enqueueAll(place);
  }

  /** Queues all objects of a place with low priority. */
  enqueueAll(place: Place): void {
    for (const key of this.keys(place)) this.enqueue(key, "low");
  }

  /** The objects of a place. */
  keys(place: Place): ObjectKey[] {
    return this.#state.claims.keys(place);
  }

  /** True if an object holds the resource with this id in a workspace. */
  holds(host: string, id: string): boolean {
    return this.#state.claims.holders(host).has(id);
  }

  /** True if a place has no object of the kind. */
  isEmpty(place: Place): boolean {
    return this.keys(place).length === 0;
  }

  /** The places that have state in memory. */
  kept(): Place[] {
    return this.#state.kept();
  }

  /** Stops what runs for a place, and forgets it. */
  forget(place: Place): void {
    this.#state.forget(place);
    this.#ingester.forget(namespaceIn(place));
  }

  /** Queues an object. */
  enqueue(key: ObjectKey, priority: Priority = "high"): void {
    this.#state.enqueue(key, priority);
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#informers.get(key);
  }

  /** The operator's own status writes come back as changes; only changes by others need a pass. */
  #changed(key: ObjectKey, { old, new: now }: Change): void {
    const priority = this.#state.claims.update(key, now);
    const { references, resource } = this.#options;
    references.changed(targetOf(resource.kind, key), old, now);
    if (old !== undefined && old.metadata.uid !== now?.metadata.uid) this.#noteTornOff(old);
    if (priority !== undefined) this.enqueue(key, priority);
    // Objects wait for what another object holds until that object is gone, and for what it only requests until it is
    // edited.
    const frees = now === undefined || (this.#options.resource.singles !== undefined && priority === "high");
    if (frees) { for (const waiting of this.#state.claims.waiting()) this.enqueue(waiting); }
    const [before, after] = [old, now].map((object) => object && placeOf(object));
    if (before !== after) this.#options.onMoved(before, after);
    const { kind } = resource;
    if (now === undefined) {
      this.#options.metrics.running.forget({ kind, namespace: namespaceOf(key), name: nameIn(key) });
    }
  }

  /** The objects of a namespace, or of all namespaces, are known now. */
  #synced(namespace?: string): void {
    const { connections } = this.#options;
    const all = [...this.#state.kept(), ...connections.connected().map(({ place }) => place)];
    const those = namespace === undefined ? all : [namespace, ...all.filter((one) => namespaceIn(one) === namespace)];
    for (const place of new Set(those)) {
      this.#ingester.forget(namespaceIn(place));
      this.connectionChanged(place);
    }
  }

  /**
   * Remembers the object's resource, which may still exist if the object was deleted without its finalizer, or with its
   * CRD.
   */
  #noteTornOff(object: KubeObject): void {
    const { resource } = this.#options;
    const { uid = "" } = object.metadata;
    const { id } = statusOf(object);
    if (id === undefined || !isToldByLists(resource) || ownershipOf(object) !== "operator") return;
    const desired = this.#state.desiredOf(object);
    const named = desired === undefined ? undefined : nameOf(resource, desired);
    if (named !== undefined) this.#state.knownIn(placeOf(object))?.sweeper.noteTornOff({ id, uid, name: named });
  }

  /** The connection of places that share a view: that of the place with ingest, if any. */
  #connectionOf(places: readonly Place[]): WorkspaceConnection | Blocked {
    const { connections, resource } = this.#options;
    const known = places.filter((place) => this.#informers.isCurrent(namespaceIn(place)));
    if (known.length === 0) return UNKNOWN;
    const ours = known.filter((place) => connections.isOurs(place));
    const states = ours.map((place) => connections.of(place));
    const connected = states.filter(isConnected);
    const [first] = connected;
    if (first === undefined) return states[0] ?? ANOTHERS;
    const { settings, ...rest } =
      connected.find(({ settings, namespace }) => ingests(settings, resource) && !this.#ingester.isFull(namespace)) ??
        first;
    if (connected.length === 1) return first;
    const least = (field: "requeueIntervalMs" | "statusPollIntervalMs") =>
      Math.min(...connected.map(({ settings }) => settings[field]));
    const [requeueIntervalMs, statusPollIntervalMs] = [least("requeueIntervalMs"), least("statusPollIntervalMs")];
    const isIntervalSet = connected.some(({ settings }) => settings.isIntervalSet);
    return { ...rest, settings: { ...settings, requeueIntervalMs, statusPollIntervalMs, isIntervalSet } };
  }
}
