/**
 * The operator: all kinds, started in the order that users know from the logs.
 *
 * @module
 */
import { type KindKey, namespaceOf, splitKindKey } from "../base/object_key.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { fenced, type TransportFactory } from "../databricks/transport.ts";
import { Fence, WorkEndedError } from "../http/write_fence.ts";
import type { KubeClient } from "../kubernetes/client.ts";
import { EventRecorder } from "../kubernetes/events.ts";
import { logger } from "../telemetry/log.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { resources as allResources } from "../resources/mod.ts";
import { VERSION_TEXT } from "../process/version.ts";
import { Connections } from "./connect/connections.ts";
import { type Identity, noIdentity } from "./connect/identity.ts";
import { KindController } from "./kind_controller.ts";
import { Backoff, type Priority, WorkQueue } from "./queue.ts";
import type { EventReason } from "./object/reasons.ts";
import { defaultTimings, type Timings } from "./pass/context.ts";
import { References } from "./object/references.ts";
import { Secrets } from "./connect/secrets.ts";
import type { Shard } from "./connect/shard.ts";

const log = logger("context");

const RENEW = "apply the CRDs of this version (crdgen | kubectl apply -f -)";
/** What the work queue is called in metrics; there is one for all kinds. */
const QUEUE = "objects";
/** How often CRDs that are missing are looked for (ms). */
const CRD_POLL = 1000;
/** How many objects are worked on at a time in all: as many as so many namespaces may have. A workspace that hangs has one. */
const NAMESPACES_AT_A_TIME = 10;
/** How long passes in flight may take to end by themselves (ms), and then, given up, one second more. */
const GRACE = 7000;
/** How long watches and sweeps may take to end, and events to be written, after that (ms). */
const REST = 500;

/** How an operator is set up. */
export interface OperatorOptions {
  readonly client: KubeClient;
  /** The namespaces that it works in. */
  readonly namespaces: readonly string[] | "all";
  readonly configMapName: string;
  readonly transport: TransportFactory;
  /** Whether a workspace may be on this machine, as the mock is; not without it. */
  readonly allowLoopback?: boolean;
  /** By what the operator may prove who it is; by nothing without it. */
  readonly identity?: Identity;
  /** Whether writes may be sent at this moment: not when another replica may lead. Always, without it. */
  readonly mayWrite?: () => boolean;
  readonly resources?: readonly Resource[];
  readonly clock?: Clock;
  readonly timings?: Partial<Timings>;
  /** The share of the workspaces that is worked on; all of them without it. */
  readonly shard?: Shard;
  /** How many objects of one namespace are worked on at a time; 10 without it. */
  readonly concurrency?: number;
  /** Where to count; nowhere that anybody sees, without it. */
  readonly metrics?: Metrics;
}

/** A running operator. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #clock: Clock;
  /** Stands before everything that is written but Events, which tell what was written. */
  readonly #fence: Fence;
  readonly #eventFence: Fence;
  readonly #client: KubeClient;
  readonly #stopping = new AbortController();
  readonly #kinds = new Map<string, KindController>();
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder<EventReason>;
  readonly #secrets: Secrets;
  readonly #references: References;
  readonly #connections: Connections;
  readonly #metrics: Metrics;
  /** Nothing is swept before all objects are known: what has no object would be ingested. */
  #isStarted = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { namespaces, configMapName, transport, mayWrite } = options;
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
    metrics.observeDuplicates(() => [...this.#kinds.values()].map((kind) => kind.duplicates()));
    this.#secrets = new Secrets({ client, clock, signal, onChange: (users) => this.#secretChanged(users) });
    this.#references = new References({
      find: (kind, key) => {
        const controller = this.#kindNamed(kind);
        return controller === undefined ? "unmanaged" : controller.get(key);
      },
      enqueue: (kind, key) => this.#kindNamed(kind)?.enqueue(key, "high"),
    });
    this.#connections = new Connections({
      client,
      clock,
      signal,
      namespaces,
      configMapName,
      transport: (host) => fenced(transport(host), fence),
      allowLoopback: options.allowLoopback ?? false,
      identity: options.identity ?? noIdentity,
      abandoned: fence.signal,
      userAgent: `databricks-kube-operator/${VERSION_TEXT}`,
      secrets: this.#secrets,
      events: this.#events,
      metrics,
      shard: options.shard,
      graceMs: { ...defaultTimings, ...options.timings }.graceMs,
      onChange: (namespace) => this.#connectionChanged(namespace),
    });
    for (const resource of options.resources ?? allResources) this.#addKind(resource);
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

  /** Waits for the CRDs and reads the settings; then works until {@link stop}. */
  async start(): Promise<void> {
    await this.#waitForCrds();
    if (this.#stopping.signal.aborted) return;
    await this.#connections.start();
    await Promise.all([...this.#kinds.values()].map((kind) => kind.start()));
    if (this.#stopping.signal.aborted) return;
    this.#isStarted = true;
    this.#queue.start();
    for (const { namespace } of this.#connections.connected()) this.#connectionChanged(namespace);
    log.info("Started");
  }

  /** What it waits for before it can work; empty when it works. */
  unready(): string[] {
    return this.#isStarted ? [] : ["Waiting for the CRDs, the settings and the objects to be known"];
  }

  /** The namespaces of which something is kept: those with settings or objects. */
  kept(): string[] {
    return [...new Set([...this.#kinds.values()].flatMap((kind) => kind.kept()))].sort();
  }

  /**
   * Ends all work, within {@link GRACE} and 1.5 s. No pass begins, sweeps and polls are given up at once, and nothing
   * waits any more: for the rate limit, or to be repeated. Passes in flight may end; those that have not ended after the
   * grace are given up where they are, and can be resumed. When this resolves nothing is written any more.
   */
  async stop({ graceMs = GRACE }: { graceMs?: number } = {}): Promise<void> {
    this.#stopping.abort(new WorkEndedError("The operator is stopping"));
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
    await this.#secrets.stop();
    await this.#events.flush();
  }

  /** Waits for work to end, but no longer than so many ms. */
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
      secrets: this.#secrets,
      references: this.#references,
      queue: this.#queue,
      backoff: new Backoff(),
      timings: { ...defaultTimings, ...timings },
      onEmpty: (namespace) => void this.#forgetIfGone(namespace),
    });
    this.#kinds.set(resource.plural, kind);
  }

  async #waitForCrds(): Promise<void> {
    const missing = new Set(this.#kinds.keys());
    const old = new Set<string>();
    for (const plural of missing) log.info(`Waiting for CRD: ${plural}.${GROUP}`);
    const { signal } = this.#stopping;
    let problem = "";
    while (!signal.aborted) {
      try {
        const served = await this.#client.discover(GROUP, VERSION, { signal });
        for (const plural of missing) {
          if (served.has(plural) && served.has(`${plural}/status`)) missing.delete(plural);
          else if (served.has(plural) && !old.has(plural)) {
            old.add(plural);
            log.error(`CRD ${plural}.${GROUP} has no status subresource, so it is of another version: ${RENEW}`);
          }
        }
        if (missing.size === 0) return;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        // One line for each new problem, however long it lasts.
        if (!signal.aborted && text !== problem) log.warning(text);
        problem = text;
      }
      await this.#clock.sleep(CRD_POLL, signal);
    }
  }

  async #handle(kindKey: KindKey, priority: Priority): Promise<void> {
    const { plural, key } = splitKindKey(kindKey);
    await this.#kinds.get(plural)?.reconcile(key, priority);
  }

  #kindNamed(kind: string): KindController | undefined {
    return [...this.#kinds.values()].find((controller) => controller.kind === kind);
  }

  #connectionChanged(namespace: string): void {
    if (!this.#isStarted || this.#stopping.signal.aborted || this.#forgetIfGone(namespace)) return;
    for (const [plural, kind] of this.#kinds) {
      log.info(`Looking for uningested ${plural} in namespace ${namespace}`);
      kind.connectionChanged(namespace);
    }
  }

  /** Ends everything that runs for a namespace in which nothing is left. @returns whether it is gone. */
  #forgetIfGone(namespace: string): boolean {
    const kinds = [...this.#kinds.values()];
    if (this.#connections.isConfigured(namespace) || !kinds.every((kind) => kind.isEmpty(namespace))) return false;
    for (const kind of kinds) kind.forget(namespace);
    this.#connections.forget(namespace);
    return true;
  }

  #secretChanged(users: readonly string[]): void {
    for (const user of users) {
      if (user.startsWith("settings/")) void this.#connections.refresh(user.slice("settings/".length));
      else {
        const { plural, key } = splitKindKey(user);
        this.#kinds.get(plural)?.enqueue(key);
      }
    }
  }
}
