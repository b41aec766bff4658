/**
 * Everything that runs for one kind: its informers, its sweeps and its reconciler.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { KubeClient, KubeObject } from "../kubernetes/client.ts";
import type { EventRecorder } from "../kubernetes/events.ts";
import { type Change, Informer, keyOf } from "../kubernetes/informer.ts";
import { canonicalJson } from "../json.ts";
import { logger } from "../log.ts";
import type { ManagedCount, Metrics, ReconcileResult } from "../metrics.ts";
import { type External, GROUP, type Resource, VERSION } from "../resource.ts";
import { conditionOf } from "./conditions.ts";
import type { Connection, Connections } from "./connections.ts";
import { ingest } from "./ingest.ts";
import type { Holders } from "./identity.ts";
import { Observations } from "./observations.ts";
import type { Pass } from "./pass.ts";
import type { Backoff, WorkQueue } from "./queue.ts";
import type { Place, Timings } from "./context.ts";
import { Reconciler } from "./reconciler.ts";
import { RunPoller } from "./run_poller.ts";
import type { Secrets } from "./secrets.ts";
import { ownershipOf, statusOf } from "./status.ts";
import { Sweeper } from "./sweep.ts";

const log = logger("controller");

/** What a {@link KindController} needs. */
export interface KindControllerOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespaces: readonly string[] | "all";
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly connections: Connections;
  readonly secrets: Secrets;
  readonly queue: WorkQueue;
  readonly backoff: Backoff;
  readonly timings: Timings;
}

type Stored = Place & { readonly poller: RunPoller | undefined };

/** Runs one kind. */
export class KindController {
  readonly #options: KindControllerOptions;
  readonly #informers: Informer[];
  readonly #places = new Map<string, Stored>();
  readonly #reconciler: Reconciler;

  constructor(options: KindControllerOptions) {
    this.#options = options;
    const { resource, client, clock, signal, namespaces, queue } = options;
    const scopes = namespaces === "all" ? [undefined] : namespaces;
    this.#informers = scopes.map((namespace) =>
      new Informer({
        client,
        clock,
        signal,
        path: {
          group: GROUP,
          version: VERSION,
          plural: resource.plural,
          ...(namespace === undefined ? {} : { namespace }),
        },
        onChange: (key, change) => this.#changed(key, change),
        onError: (error) => log.warning(`Cannot watch ${resource.plural}: ${error.message}`),
      })
    );
    this.#reconciler = new Reconciler({
      ...options,
      store: { get: (key) => this.get(key), observeWrite: (object) => this.#observeWrite(object) },
      place: (namespace) => this.#place(namespace),
      holders: (host, exceptUid) => this.#holders(host, exceptUid),
      olderParts: (pass, id) => this.#olderParts(pass, id),
      enqueue: (key, delayMs) => queue.add(this.#queueKey(key), { delayMs, priority: delayMs > 1000 ? "low" : "high" }),
    });
  }

  /** Begins to watch the objects. */
  async start(): Promise<void> {
    for (const informer of this.#informers) informer.start();
    await Promise.all(this.#informers.map((informer) => informer.synced));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()));
    await Promise.all([...this.#places.values()].flatMap(({ sweeper, poller }) => [sweeper.stop(), poller?.stop()]));
  }

  /** Works on one object. */
  async reconcile(key: string): Promise<void> {
    const end = this.#options.metrics.reconciling(this.#options.resource.plural);
    let result: ReconcileResult = "error";
    try {
      result = await this.#reconciler.reconcile(key);
    } finally {
      end(result);
    }
  }

  /** How many objects of each owner are ready, and how many are not. */
  counts(): ManagedCount[] {
    const counts = new Map<string, ManagedCount>();
    for (const object of this.list()) {
      const owner = ownershipOf(object);
      const ready = conditionOf(statusOf(object).conditions, "Ready")?.status === "True";
      const count = (counts.get(`${owner}/${ready}`)?.count ?? 0) + 1;
      counts.set(`${owner}/${ready}`, { kind: this.#options.resource.kind, owner, ready, count });
    }
    return [...counts.values()];
  }

  /** Looks at all objects of a namespace again: its settings or credentials changed. */
  connectionChanged(namespace: string): void {
    const known = this.#places.get(namespace);
    known?.sweeper.kick();
    known?.poller?.kick();
    this.#place(namespace);
    for (const key of this.#keys(namespace)) this.enqueue(key);
  }

  /** Queues an object. */
  enqueue(key: string, priority: "high" | "low" = "high"): void {
    this.#options.queue.add(this.#queueKey(key), { priority });
  }

  get(key: string): KubeObject | undefined {
    return this.#informers.map((informer) => informer.get(key)).find((object) => object !== undefined);
  }

  list(): KubeObject[] {
    return this.#informers.flatMap((informer) => informer.list());
  }

  #queueKey(key: string): string {
    return `${this.#options.resource.plural}/${key}`;
  }

  #keys(namespace: string): string[] {
    return this.list().filter((object) => object.metadata.namespace === namespace).map(keyOf);
  }

  /** Our own status writes come back as changes; only what a person can change is worth a pass. */
  #changed(key: string, { old, new: now }: Change): void {
    if (old === undefined || now === undefined || canonicalJson(userPart(old)) !== canonicalJson(userPart(now))) {
      this.enqueue(key);
    }
    if (now === undefined) this.#enqueueWaiting();
  }

  /** Objects that wait for what another one held are told that an object is gone. */
  #enqueueWaiting(): void {
    for (const object of this.list()) {
      const reason = conditionOf(statusOf(object).conditions, "Synced")?.reason ?? "";
      if (["HeldByAnother", "AlreadyExists"].includes(reason)) this.enqueue(keyOf(object));
    }
  }

  #observeWrite(object: KubeObject): void {
    const { namespaces } = this.#options;
    const index = namespaces === "all" ? 0 : namespaces.indexOf(object.metadata.namespace ?? "");
    this.#informers[index]?.observeWrite(object);
  }

  #place(namespace: string): Stored {
    const known = this.#places.get(namespace);
    if (known !== undefined) return known;
    const place = this.#newPlace(namespace);
    this.#places.set(namespace, place);
    place.sweeper.start();
    place.poller?.start();
    return place;
  }

  #newPlace(namespace: string): Stored {
    const { resource, clock, connections, timings, metrics } = this.#options;
    const observations = new Observations();
    const connection = () => connections.of(namespace);
    const sweeper = new Sweeper({
      resource,
      observations,
      clock,
      connection,
      bound: () => this.#bound(namespace),
      keys: () => this.#keys(namespace),
      enqueue: (key) => this.enqueue(key, "low"),
      ingest: (listed, since, connection) => this.#ingest(listed, since, connection, observations),
      baselineMs: timings.baselineMs,
    });
    const poller = resource.hasRuns
      ? new RunPoller({
        clock,
        connection,
        jobs: () => this.#bound(namespace).keys(),
        onEnded: (seconds) => metrics.runEnded(seconds),
        onChange: (ids) => {
          for (const [id, keys] of this.#bound(namespace)) {
            if (ids.has(id)) keys.forEach((key) => this.enqueue(key, "low"));
          }
        },
      })
      : undefined;
    return { observations, sweeper, runs: poller?.feed, pollRuns: () => poller?.kick(), poller };
  }

  /** The namespace's bound objects by the id of their external resource. */
  #bound(namespace: string): Map<string, string[]> {
    const bound = new Map<string, string[]>();
    for (const object of this.list()) {
      const { id } = statusOf(object);
      if (object.metadata.namespace !== namespace || id === undefined) continue;
      bound.set(id, [...bound.get(id) ?? [], keyOf(object)]);
    }
    return bound;
  }

  /** Who holds which external resource of a workspace. A kind that fills what exists may have many holders: none counts. */
  #holders(host: string, exceptUid: string): Holders {
    if (this.#options.resource.external.create === undefined) return new Map();
    const held = this.list().filter((object) =>
      object.metadata.uid !== exceptUid && statusOf(object).workspace === host
    );
    return new Map(held.flatMap((object) => {
      const { id } = statusOf(object);
      return id === undefined ? [] : [[id, keyOf(object)]];
    }));
  }

  /**
   * Parts of the same external resource that older objects want. One that is being deleted still holds them: it is about
   * to delete them.
   */
  #olderParts(pass: Pass, id: string): ReadonlySet<string> {
    if (this.#options.resource.parts?.exclusive !== false) return new Set();
    const rivals = this.list().filter((object) => {
      const { id: theirs, workspace } = statusOf(object);
      return object.metadata.uid !== pass.uid && theirs === id && workspace === pass.status.workspace &&
        isOlder(object, pass.object);
    });
    return new Set(rivals.flatMap((object) => Object.keys(statusOf(object).parts ?? {})));
  }

  async #ingest(listed: Map<string, External>, since: number, connection: Connection, observations: Observations) {
    const { resource, client, connections } = this.#options;
    if (resource.toSpec === undefined || !connection.settings.ingest || !this.#isIngester(connection, connections)) {
      return;
    }
    await this.#reconciler.binding.run(async () => {
      const objects = this.list();
      // A create is under way: what is new in the list may be its result.
      if (objects.some((object) => statusOf(object).pending !== undefined)) return;
      const wanted = this.#wanted(objects, connection);
      await ingest(listed.values(), {
        resource,
        client,
        connection,
        isTaken: ({ id, observed }) =>
          wanted.has(`id:${id}`) || wanted.has(`key:${resource.naturalKey?.(observed)}`) ||
          wanted.has(`name:${resource.displayName?.(observed)}`),
        isStale: (id) => observations.wroteAfter(id, since),
        observeWrite: (object) => this.#observeWrite(object),
      });
    });
  }

  /** What objects hold or ask for, in any namespace that is connected to the workspace. */
  #wanted(objects: readonly KubeObject[], { workspace }: Connection): Set<string> {
    const { resource, connections } = this.#options;
    const wanted = new Set<string>();
    for (const object of objects) {
      const { id, workspace: host } = statusOf(object);
      const theirs = host ?? connections.lastKnown(object.metadata.namespace ?? "")?.workspace.host;
      if (theirs !== workspace.host) continue;
      if (id !== undefined) wanted.add(`id:${id}`);
      const spec = resource.spec.safeParse(object.spec ?? {});
      if (id !== undefined || !spec.success) continue;
      const specId = resource.specId?.(spec.data);
      if (specId !== undefined) wanted.add(`id:${specId}`);
      const subject = { name: object.metadata.name ?? "", namespace: object.metadata.namespace ?? "" };
      const desired = resource.desired(spec.data, subject);
      if (resource.naturalKey !== undefined) wanted.add(`key:${resource.naturalKey(desired)}`);
      // An id was lost with the status, so the object is about to look for its resource by name.
      else if (object.metadata.finalizers !== undefined) wanted.add(`name:${desired.name}`);
    }
    return wanted;
  }

  /** Of several namespaces with one workspace, the first by name ingests, so that each resource gets one object. */
  #isIngester({ namespace, workspace }: Connection, connections: Connections): boolean {
    const same = connections.connected().filter((other) =>
      other.workspace.host === workspace.host && other.settings.ingest
    );
    return same.map((other) => other.namespace).sort()[0] === namespace;
  }
}

/** What people and other controllers change, as opposed to what we write. */
function userPart(object: KubeObject): unknown {
  const { uid, generation, annotations, deletionTimestamp } = object.metadata;
  return { uid, generation, annotations, deletionTimestamp };
}

function isOlder(a: KubeObject, b: KubeObject): boolean {
  const [ours, theirs] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp ?? ""}/${metadata.uid ?? ""}`);
  return (ours ?? "") < (theirs ?? "");
}
