/**
 * Everything that runs for one kind: its informers, its sweeps and its reconciler.
 *
 * @module
 */
import { kindKey, namespaceOf, type ObjectKey } from "../base/object_key.ts";
import type { Clock } from "../base/clock.ts";
import type { KubeClient, KubeObject } from "../kubernetes/client.ts";
import type { EventRecorder } from "../kubernetes/events.ts";
import type { Change } from "../kubernetes/informer.ts";
import { keyOf } from "../kubernetes/object.ts";
import { Informers } from "../kubernetes/informers.ts";
import { logger } from "../telemetry/log.ts";
import type { ManagedCount, Metrics, ReconcileResult } from "../telemetry/metrics.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { Claims } from "./object/claims.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "./connect/workspace_connection.ts";
import type { Connections } from "./connect/connections.ts";
import { Refusals } from "./observe/ingest.ts";
import { Ingester } from "./observe/ingester.ts";
import { Observations } from "./observe/observations.ts";
import { PartReads } from "./observe/part_reads.ts";
import type { Backoff, Priority, WorkQueue } from "./queue.ts";
import type { EventReason } from "./object/reasons.ts";
import type { KindInNamespace, ReconcilerOptions, Timings } from "./pass/context.ts";
import { type References, targetOf } from "./object/references.ts";
import { type Shareable, SharedByView } from "./shared_by_view.ts";
import { tellApart } from "./pass/letter_case.ts";
import type { Pass } from "./pass/pass.ts";
import { Reconciler } from "./pass/reconciler.ts";
import { RunPoller } from "./runs/poller.ts";
import type { Secrets } from "./connect/secrets.ts";
import { Twins } from "./observe/twins.ts";
import { ownershipOf, statusOf } from "./object/status.ts";
import { Sweeper } from "./observe/sweep.ts";

const log = logger("controller");

/** What a {@link KindController} needs. */
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
  readonly references: References;
  readonly queue: WorkQueue;
  readonly backoff: Backoff;
  readonly timings: Timings;
  /** Called when the last object of a namespace is gone. */
  readonly onEmpty: (namespace: string) => void;
}

interface Stored extends KindInNamespace, Shareable<Stored> {
  readonly poller: RunPoller | undefined;
  readonly refusals: Refusals;
}

/** What a namespace that another process works on is to the sweeps of this one. */
const ANOTHERS: Blocked = { reason: "SettingsMissing", message: "Its workspace is in another share" };

/** Where objects may not be listed, nothing can be said of what has none. */
const UNKNOWN: Blocked = { reason: "SettingsMissing", message: "Its objects are not known" };

/** Runs one kind. */
export class KindController {
  readonly #options: KindControllerOptions;
  readonly #informers: Informers;
  readonly #claims = new Claims();
  readonly #places: SharedByView<Stored>;
  readonly #twins: Twins;
  readonly #reconciler: Reconciler;
  readonly #ingester: Ingester;

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
    });
    this.#places = new SharedByView({
      viewOf: (namespace) => options.connections.viewOf(namespace),
      make: (members) => this.#newPlace(members),
    });
    this.#twins = new Twins({ resource, holding: (uid) => this.#claims.holding(uid) });
    this.#reconciler = new Reconciler({
      ...options,
      store: this.#store(),
      place: (namespace) => this.#places.of(namespace),
      // A kind that fills what exists may have many holders of one resource: none counts.
      holders: (host, exceptUid, by) =>
        resource.external.create === undefined ? new Map() : this.#claims.holders(host, exceptUid, by),
      peers: (namespace) => this.#claims.keys(namespace).flatMap((key) => this.get(key) ?? []),
      isKnown: (uid) => this.#claims.has(uid),
      tellApart: (workspace, asked) => tellApart({ resource, claims: this.#claims }, { workspace, ...asked }),
      olderParts: (pass, id) => this.#partsBeside(pass, id, "olderParts"),
      otherParts: (pass, id) => this.#partsBeside(pass, id, "otherParts"),
      twins: (uid) => this.#twins.of(uid),
      enqueue: (key, delayMs) =>
        queue.add(kindKey(this.#options.resource.plural, key), { delayMs, priority: delayMs > 1000 ? "low" : "high" }),
    });
    this.#ingester = new Ingester({
      ...options,
      claims: this.#claims,
      twins: this.#twins,
      informers: this.#informers,
      place: (namespace) => this.#places.of(namespace),
      isStuck: (namespace) => this.#places.known(namespace)?.sweeper.isStuck ?? false,
      binding: (host) => this.#reconciler.binding(host),
    });
  }

  /** Other objects' parts, where several may fill one resource. One that is being deleted is about to delete its own. */
  #partsBeside({ object, status }: Pass, id: string, which: "olderParts" | "otherParts"): ReadonlySet<string> {
    if (this.#options.resource.parts?.exclusive !== false) return new Set();
    return this.#claims[which](object, id, status.workspace);
  }

  get kind(): string {
    return this.#options.resource.kind;
  }

  /** Begins to watch the objects. */
  async start(): Promise<void> {
    await this.#informers.start();
    this.#informers.whenSynced((namespace) => this.connectionChanged(namespace));
  }

  async stop(): Promise<void> {
    await this.#informers.stop();
    await this.#places.stop();
  }

  /** Works on one object; its calls wait behind those that somebody waits for when the priority is low. */
  async reconcile(key: ObjectKey, priority: Priority): Promise<void> {
    // Another process works on it, and tells about it.
    if (this.get(key) !== undefined && !this.#options.connections.isOurs(namespaceOf(key))) return;
    const end = this.#options.metrics.reconciling(this.#options.resource.plural);
    let result: ReconcileResult = "error";
    try {
      result = await this.#reconciler.reconcile(key, priority);
    } finally {
      end(result);
    }
  }

  /** How many objects of our share are ready, and how many are not, by owner. Those of another share are counted there. */
  counts(): ManagedCount[] {
    const { resource: { kind }, connections } = this.#options;
    return this.#claims.counts((namespace) => connections.isOurs(namespace)).map((count) => ({ kind, ...count }));
  }

  /** How many resources carry the tag of an object that holds another one. */
  duplicates(): { kind: string; count: number } {
    return { kind: this.#options.resource.kind, count: this.#twins.count };
  }

  /** Looks at all objects of a namespace again: its settings or credentials changed. */
  connectionChanged(namespace: string): void {
    const known = this.#places.known(namespace);
    const place = this.#places.of(namespace);
    // The first sweep of those that it joins serves it, too.
    if (known === place || place.sweeper.isReady) {
      place.sweeper.kick();
      place.poller?.kick();
    }
    for (const key of this.#claims.keys(namespace)) this.enqueue(key, "low");
  }

  /** True when a namespace has no object of the kind. */
  isEmpty(namespace: string): boolean {
    return this.#claims.keys(namespace).length === 0;
  }

  /** The namespaces of which something is kept. */
  kept(): string[] {
    return this.#places.namespaces();
  }

  /** Ends what runs for a namespace, and forgets it. */
  forget(namespace: string): void {
    this.#places.forget(namespace);
    this.#ingester.forget(namespace);
  }

  /** Queues an object. */
  enqueue(key: ObjectKey, priority: Priority = "high"): void {
    this.#options.queue.add(kindKey(this.#options.resource.plural, key), { priority });
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#informers.get(key);
  }

  /** Our own status writes come back as changes; only what others change is worth a pass. */
  #changed(key: ObjectKey, { old, new: now }: Change): void {
    const priority = this.#claims.update(key, now);
    const { references, resource } = this.#options;
    references.changed(targetOf(resource.kind, key), old, now);
    if (old !== undefined && old.metadata.uid !== now?.metadata.uid) this.#noteTornOff(old);
    if (priority !== undefined) this.enqueue(key, priority);
    // Objects wait for what another one holds until it is gone, and for what it only asks for until it is edited.
    const frees = now === undefined || (this.#options.resource.singles !== undefined && priority === "high");
    if (frees) { for (const waiting of this.#claims.waiting()) this.enqueue(waiting); }
    const namespace = namespaceOf(key);
    if (now === undefined && this.isEmpty(namespace)) this.#options.onEmpty(namespace);
  }

  /** What the object held may still be there: if it was torn off, or went with its CRD. */
  #noteTornOff(object: KubeObject): void {
    const { resource } = this.#options;
    const { name = "", namespace = "", uid = "" } = object.metadata;
    const { id } = statusOf(object);
    if (id === undefined || resource.ownerUid === undefined || ownershipOf(object) !== "operator") return;
    const spec = resource.spec.safeParse(object.spec ?? {});
    const named: unknown = spec.success ? resource.desired(spec.data, { name, namespace }).name : undefined;
    if (typeof named === "string") this.#places.known(namespace)?.sweeper.noteTornOff({ id, uid, name: named });
  }

  /** The parents that a namespace's manifests name. */
  #parents(namespace: string): string[] {
    const { resource } = this.#options;
    return this.#claims.keys(namespace).flatMap((key) => {
      const object = this.get(key);
      const spec = resource.spec.safeParse(object?.spec ?? {});
      const { name = "" } = object?.metadata ?? {};
      return spec.success ? [...resource.parents?.(resource.desired(spec.data, { name, namespace })) ?? []] : [];
    });
  }

  /** What a reconciler reads objects from, and tells of its writes. */
  #store(): ReconcilerOptions["store"] {
    return {
      get: (key) => this.get(key),
      expectStatus: (key, status) => this.#claims.expect(key, status),
      observeWrite: (object) => {
        this.#claims.expect(keyOf(object), statusOf(object));
        this.#informers.observeWrite(object);
      },
    };
  }

  /** @param members The namespaces that share the place, by name. */
  #newPlace(members: () => readonly string[]): Stored {
    const { resource, clock, timings } = this.#options;
    const twins = this.#twins;
    const observations = new Observations(resource);
    const partReads = new PartReads(clock, timings.settleMs);
    const keys = () => members().flatMap((namespace) => this.#claims.keys(namespace));
    const connection = () => this.#connectionOf(members());
    const sweeper = new Sweeper({
      resource,
      observations,
      clock,
      connection,
      bound: () => this.#bound(members()),
      keys,
      dueParts: () => partReads.next(keys()),
      parents: () => members().flatMap((namespace) => this.#parents(namespace)),
      heldBy: (uid) => this.#claims.heldBy(uid),
      keepsCase: (host) => this.#claims.keepsCase(host),
      enqueue: (key) => this.enqueue(key, "low"),
      inspect: (listed, since, connection) => {
        const changed = twins.look({ listed: listed.values(), since, connection, observations });
        for (const key of changed) this.enqueue(key, "low");
      },
      ingest: (listed, since, connection) => this.#ingester.ingest(listed, since, connection),
      baselineMs: timings.baselineMs,
    });
    const poller = resource.hasRuns ? this.#newPoller(members, connection) : undefined;
    return {
      ...{ observations, partReads, sweeper, poller, refusals: new Refusals(clock) },
      ...{ runs: poller?.feed, pollRuns: () => poller?.kick() },
      start() {
        sweeper.start();
        poller?.start();
      },
      async stop() {
        await Promise.all([sweeper.stop(), poller?.stop()]);
        twins.forget(observations);
      },
      adopt: (other) => observations.adopt(other.observations),
    };
  }

  #newPoller(members: () => readonly string[], connection: () => WorkspaceConnection | Blocked): RunPoller {
    const { clock, metrics } = this.#options;
    const claims = this.#claims;
    return new RunPoller({
      clock,
      connection,
      *jobs() {
        for (const namespace of members()) yield* claims.ids(namespace);
      },
      onEnded: (seconds) => metrics.runEnded(seconds),
      onChange: (ids) => {
        for (const [id, keys] of this.#bound(members())) {
          if (ids.has(id)) keys.forEach((key) => this.enqueue(key, "low"));
        }
      },
    });
  }

  /** Objects that hold something, by the id of what they hold. */
  #bound(namespaces: readonly string[]): Map<string, string[]> {
    const [first = "", ...others] = namespaces;
    const bound = this.#claims.bound(first);
    for (const namespace of others) {
      for (const [id, keys] of this.#claims.bound(namespace)) bound.set(id, [...bound.get(id) ?? [], ...keys]);
    }
    return bound;
  }

  /** The connection of namespaces that see the same: that of the one into which is ingested, if any. */
  #connectionOf(namespaces: readonly string[]): WorkspaceConnection | Blocked {
    const { connections } = this.#options;
    const known = namespaces.filter((namespace) => this.#informers.hasSynced(namespace));
    if (known.length === 0) return UNKNOWN;
    const ours = known.filter((namespace) => connections.isOurs(namespace));
    const states = ours.map((namespace) => connections.of(namespace));
    const connected = states.filter(isConnected);
    const [first] = connected;
    if (first === undefined) return states[0] ?? ANOTHERS;
    const { settings, ...rest } =
      connected.find(({ settings, namespace }) => settings.ingest && !this.#ingester.isFull(namespace)) ?? first;
    if (connected.length === 1) return first;
    const least = (field: "requeueIntervalMs" | "statusPollIntervalMs") =>
      Math.min(...connected.map(({ settings }) => settings[field]));
    const [requeueIntervalMs, statusPollIntervalMs] = [least("requeueIntervalMs"), least("statusPollIntervalMs")];
    return { ...rest, settings: { ...settings, requeueIntervalMs, statusPollIntervalMs } };
  }
}
