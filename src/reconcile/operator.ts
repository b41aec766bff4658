/**
 * The operator: all kinds, started in the order that the log shows.
 *
 * @module
 */
import { SweepBudget } from "./observe/sweep_budget.ts";
import { type KindKey, kindKey, namespaceOf, type ObjectKey, splitKindKey } from "../base/object_key.ts";
import { type Clock, systemClock, type Timer } from "../base/clock.ts";
import { fenced } from "../databricks/call/transport.ts";
import { Fence, WorkEndedError } from "../http/write_fence.ts";
import type { KubeClient } from "../kubernetes/client.ts";
import { EventRecorder } from "../kubernetes/events.ts";
import { logger } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import type { Resource } from "../resource.ts";
import { resources as allResources } from "../resources/mod.ts";
import { VERSION_TEXT } from "../process/version.ts";
import { Authorities } from "./connect/authorities.ts";
import { ConnectionController } from "./connect/connection_controller.ts";
import { usersOf } from "./connect/users.ts";
import { Connections } from "./connect/connections.ts";
import { noIdentity } from "./connect/identity.ts";
import { connectionKind } from "../connection.ts";
import { KindController } from "./kind_controller.ts";
import { Backoff } from "../base/backoff.ts";
import { type Priority, WorkQueue } from "./queue.ts";
import type { EventReason } from "./object/reasons.ts";
import { defaultTimings } from "./pass/context.ts";
import type { Place } from "./object/place.ts";
import type { OperatorOptions } from "./operator_options.ts";
import { References } from "./object/references.ts";
import { Secrets } from "./connect/secrets.ts";
import { ServedKinds } from "./served_kinds.ts";

export type { OperatorOptions } from "./operator_options.ts";

const log = logger("context");

const NOT_LISTED = "objects may not be listed: give the operator the Role of this version (helm upgrade, or deploy/)";
/** The name of the work queue in metrics; all kinds share one. */
const QUEUE = "objects";
/** How long a kind may be missing before the log warns of it: CRDs may be applied one after the other (ms). */
const PATIENCE = 10_000;
/** The number of namespaces that can use their full concurrency at once, whatever hangs in the others. */
const NAMESPACES_AT_A_TIME = 10;
/** The time (ms) that passes in flight get to end by themselves; aborted ones get one second more. */
const GRACE = 7000;
/** The time (ms) after that for watches and sweeps to end, and for Events to be written. */
const REST = 500;

/** A running operator. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #clock: Clock;
  /** Guards all writes except Events, which report what was written. */
  readonly #fence: Fence;
  readonly #eventFence: Fence;
  readonly #client: KubeClient;
  readonly #stopping = new AbortController();
  readonly #kinds = new Map<string, KindController>();
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder<EventReason>;
  readonly #secrets: Secrets;
  readonly #configMaps: Secrets;
  readonly #references: References;
  readonly #connections: Connections;
  readonly #connectionObjects: ConnectionController;
  readonly #metrics: Metrics;
  readonly #sweepBudget = new SweepBudget();
  readonly #served: ServedKinds;
  /** Kinds whose CRD was installed late, until their objects are known. */
  readonly #entering = new Set<KindController>();
  #warning: Timer | undefined;
  /** No sweep runs before all objects are known: resources without an object would be ingested. */
  #isStarted = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { mayWrite } = options;
    const fence = this.#fence = new Fence(mayWrite);
    this.#eventFence = new Fence(mayWrite);
    const client = this.#client = options.client.fenced(fence);
    const clock = this.#clock = options.clock ?? systemClock;
    const { signal } = this.#stopping;
    const metrics = this.#metrics = options.metrics ?? new Metrics();
    this.#events = new EventRecorder<EventReason>({
      client: options.client.fenced(this.#eventFence),
      component: "databricks-kube-operator",
      clock,
    });
    this.#queue = this.#newQueue(options.concurrency ?? 10);
    metrics.observeManaged(() => [...this.#kinds.values()].flatMap((kind) => kind.counts()));
    metrics.observePhases(() => [...this.#kinds.values()].flatMap((kind) => kind.phases()));
    metrics.observePlans(() => [...this.#kinds.values()].map((kind) => kind.plans()), () => clock.now());
    metrics.observeDuplicates(() => [...this.#kinds.values()].map((kind) => kind.duplicates()));
    const onChange = (users: readonly string[]) => this.#secretChanged(users);
    this.#secrets = new Secrets({ client, clock, signal, onChange });
    this.#configMaps = new Secrets({ client, clock, signal, plural: "configmaps", onChange });
    this.#references = this.#newReferences();
    this.#connections = this.#newConnections();
    this.#connectionObjects = this.#newConnectionController();
    const resources = options.resources ?? allResources;
    const plurals = resources.map(({ plural }) => plural);
    const onServed = (plural: string) => this.#isStarted && void this.#nowServed(plural);
    this.#served = new ServedKinds({ client, clock, signal, plurals, besides: [connectionKind.plural], onServed });
    for (const resource of resources) this.#addKind(resource);
    metrics.observeWaiting(() => this.#isStarted ? this.#waitingKinds().map(({ kind }) => kind) : []);
  }

  #newConnections(): Connections {
    const { namespaces, configMapName, transport, allowLoopback = false, identity = noIdentity, shard, timings } =
      this.#options;
    return new Connections({
      client: this.#client,
      clock: this.#clock,
      signal: this.#stopping.signal,
      namespaces,
      configMapName,
      whenServed: () => this.#served.whenServed(connectionKind.plural),
      transport: (host, network) => fenced(transport(host, network), this.#fence),
      allowLoopback,
      identity,
      abandoned: this.#fence.signal,
      userAgent: `databricks-kube-operator/${VERSION_TEXT}`,
      ...{ secrets: this.#secrets, configMaps: this.#configMaps },
      events: this.#events,
      metrics: this.#metrics,
      plurals: (this.#options.resources ?? allResources).map(({ plural }) => plural),
      shard,
      graceMs: { ...defaultTimings, ...timings }.graceMs,
      onChange: (place) => this.#connectionChanged(place),
      onSeen: (place) => this.#connectionObjects.changed(place),
      onSuspicion: (place) => this.#connectionObjects.suspect(place),
    });
  }

  #newConnectionController(): ConnectionController {
    return new ConnectionController({
      client: this.#client,
      clock: this.#clock,
      connections: this.#connections,
      events: this.#events,
      users: (place) => usersOf(place, this.#servedKinds()),
      onPrincipal: (place) => this.#kinds.forEach((kind) => kind.enqueueAll(place)),
      enqueue: (key, delayMs) => this.#queue.add(kindKey(connectionKind.plural, key), { delayMs }),
    });
  }

  #newReferences(): References {
    return new References({
      find: (kind, key) => {
        const controller = this.#kindNamed(kind);
        return controller === undefined ? "unmanaged" : controller.get(key);
      },
      unknown: (kind, key) => this.#whyUnknown(kind, key),
      enqueue: (kind, key) => this.#kindNamed(kind)?.enqueue(key, "high"),
      holds: (kind, host, id) => this.#kindNamed(kind)?.holds(host, id) ?? false,
    });
  }

  #newQueue(concurrency: number): WorkQueue {
    const metrics = this.#metrics;
    const queue = new WorkQueue({
      clock: this.#clock,
      concurrency,
      most: concurrency * NAMESPACES_AT_A_TIME,
      share: (key) => namespaceOf(splitKindKey(key).key),
      handler: (key, { priority }) => this.#handle(key, priority),
      onError: (key, error) => log.error(`Pass over ${key} failed: ${error instanceof Error ? error.stack : error}`),
      observer: {
        added: () => metrics.queued(QUEUE),
        taken: (priority, seconds) => metrics.dequeued(QUEUE, priority, seconds),
      },
    });
    metrics.observeQueue(QUEUE, () => queue.depth, concurrency);
    return queue;
  }

  /** Waits for a CRD and reads the settings; then works until {@link stop}. Kinds with a later CRD join in. */
  async start(): Promise<void> {
    this.#served.start();
    await this.#served.any;
    if (this.#stopping.signal.aborted) return;
    await this.#connections.start(this.#served.isServed(connectionKind.plural));
    const first = this.#servedKinds();
    await Promise.all(first.map((kind) => kind.start()));
    await Promise.race(first.map((kind) => kind.known()));
    if (this.#stopping.signal.aborted) return;
    this.#isStarted = true;
    this.#queue.start();
    for (const kind of first) kind.work();
    for (const { place } of this.#connections.connected()) this.#forgetIfGone(place);
    log.info("Started");
    for (const kind of this.#servedKinds()) if (!kind.isStarted) void this.#enter(kind);
    if (this.#served.isServed(connectionKind.plural)) void this.#connections.startConnections();
    this.#warning = this.#clock.setTimeout(() => this.waiting().forEach((line) => log.warning(line)), PATIENCE);
  }

  /** The reasons why it does not work yet; empty if it works. */
  unready(): string[] {
    if (this.#isStarted) return [];
    return ["Waiting for the CRDs, the settings and the objects to be known", ...this.waiting()];
  }

  /** The kinds that it does not work on, with the reason and the remedy. It works on the others meanwhile. */
  waiting(): string[] {
    return this.#waitingKinds().map(({ why }) => why);
  }

  /** The places that have settings or objects. */
  kept(): Place[] {
    return [...new Set([...this.#kinds.values()].flatMap((kind) => kind.kept()))].sort();
  }

  /**
   * Ends all work, within {@link GRACE} and 1.5 s. No pass begins, sweeps and polls are abandoned at once, and nothing
   * waits any more, for the rate limit or for a retry. Passes in flight may end; those that have not ended after the
   * grace period are abandoned where they are, and can be resumed. When this resolves, nothing is written any more.
   */
  async stop({ graceMs = GRACE }: { graceMs?: number } = {}): Promise<void> {
    this.#stopping.abort(new WorkEndedError("The operator is stopping"));
    this.#warning?.cancel();
    const giveUp = () => this.#fence.close("The operator was stopped");
    const grace = this.#clock.setTimeout(giveUp, graceMs);
    await this.#queue.stop(graceMs);
    grace.cancel();
    giveUp();
    await this.#atMost(REST, this.#windUp());
    this.#eventFence.close("The operator was stopped");
  }

  async #windUp(): Promise<void> {
    await Promise.all([...this.#kinds.values()].map((kind) => kind.stop()));
    await this.#connections.stop();
    await Promise.all([this.#secrets.stop(), this.#configMaps.stop()]);
    await this.#events.flush();
  }

  /** Waits for work to end, for at most this many ms. */
  async #atMost(ms: number, work: Promise<void>): Promise<void> {
    const ended = new AbortController();
    await Promise.race([work, this.#clock.sleep(ms, ended.signal)]).finally(() => ended.abort());
  }

  #addKind(resource: Resource): void {
    const { namespaces, timings } = this.#options;
    const kind = new KindController({
      resource,
      client: this.#client,
      clock: this.#clock,
      signal: this.#stopping.signal,
      namespaces,
      events: this.#events,
      metrics: this.#metrics,
      connections: this.#connections,
      ...{ secrets: this.#secrets, configMaps: this.#configMaps },
      references: this.#references,
      queue: this.#queue,
      backoff: new Backoff(),
      whenServed: () => this.#served.whenServed(resource.plural),
      timings: { ...defaultTimings, ...timings },
      sweepBudget: this.#sweepBudget,
      onMoved: (from, to) => this.#moved(from, to),
      onPlan: this.#options.onPlan,
    });
    this.#kinds.set(resource.plural, kind);
  }

  #servedKinds(): KindController[] {
    return [...this.#kinds].filter(([plural]) => this.#served.isServed(plural)).map(([, kind]) => kind);
  }

  async #nowServed(plural: string): Promise<void> {
    if (plural === connectionKind.plural) await this.#connections.startConnections();
    else await this.#enter(this.#kinds.get(plural));
  }

  /** Starts to work on a kind whose CRD was installed after the start. */
  async #enter(kind: KindController | undefined): Promise<void> {
    if (kind === undefined || kind.isStarted) return;
    this.#entering.add(kind);
    await kind.start();
    this.#entering.delete(kind);
    if (this.#stopping.signal.aborted) return;
    kind.work();
    log.info(`Started ${kind.kind}, too: its CRD has come`);
    for (const place of this.kept()) this.#forgetIfGone(place);
  }

  #waitingKinds(): { readonly kind: string; readonly why: string }[] {
    return [...this.#kinds].flatMap(([plural, controller]) => {
      const { kind, isRefused } = controller;
      const why = this.#served.problem(plural) ?? (isRefused ? `${kind} ${NOT_LISTED}` : undefined);
      return why === undefined ? [] : [{ kind, why }];
    });
  }

  /** Returns the reason why it is unknown whether an object exists, though its kind is managed. */
  #whyUnknown(name: string, key: ObjectKey): string | undefined {
    const [plural, kind] = [...this.#kinds].find(([, { kind }]) => kind === name) ?? [];
    if (plural === undefined || kind === undefined) return undefined;
    const why = this.#served.problem(plural);
    if (why !== undefined || kind.isKnown(namespaceOf(key))) return why;
    return kind.isRefused ? `${name} ${NOT_LISTED}` : `the ${name} objects are being listed`;
  }

  async #handle(name: KindKey, priority: Priority): Promise<void> {
    const { plural, key } = splitKindKey(name);
    if (plural === connectionKind.plural) return await this.#connectionObjects.reconcile(key);
    await this.#kinds.get(plural)?.reconcile(key, priority);
  }

  #kindNamed(kind: string): KindController | undefined {
    return [...this.#kinds.values()].find((controller) => controller.kind === kind);
  }

  /** An object was created or deleted, or uses another connection than before. */
  #moved(from: Place | undefined, to: Place | undefined): void {
    if (from !== undefined) this.#forgetIfGone(from);
    for (const place of [from, to]) if (place !== undefined) this.#connectionObjects.changed(place);
  }

  #connectionChanged(place: Place): void {
    this.#connectionObjects.changed(place, { isUrgent: true });
    if (!this.#isStarted || this.#stopping.signal.aborted || this.#forgetIfGone(place)) return;
    for (const kind of this.#kinds.values()) kind.connectionChanged(place);
  }

  /** Stops everything that runs for a place without settings and objects. @returns whether it is gone. */
  #forgetIfGone(place: Place): boolean {
    const kinds = [...this.#kinds.values()];
    if (this.#entering.size > 0) return false;
    if (this.#connections.isConfigured(place) || !kinds.every((kind) => kind.isEmpty(place))) return false;
    for (const kind of kinds) kind.forget(place);
    this.#connections.forget(place);
    return true;
  }

  #secretChanged(users: readonly string[]): void {
    for (const user of users) {
      const place = Authorities.placeOf(user);
      if (place !== undefined) void this.#connections.refresh(place);
      else if (user.startsWith("settings/")) void this.#connections.refresh(user.slice("settings/".length));
      else {
        const { plural, key } = splitKindKey(user);
        this.#kinds.get(plural)?.enqueue(key);
      }
    }
  }
}
