/**
 * The operator: all kinds, started in the order that users know from the logs.
 *
 * @module
 */
import { type Clock, systemClock } from "../clock.ts";
import type { TransportFactory } from "../databricks/transport.ts";
import type { KubeClient } from "../kubernetes/client.ts";
import { EventRecorder } from "../kubernetes/events.ts";
import { logger } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { resources as allResources } from "../resources/mod.ts";
import { VERSION_TEXT } from "../version.ts";
import { Connections } from "./connections.ts";
import { KindController } from "./kind_controller.ts";
import { Backoff, WorkQueue } from "./queue.ts";
import { defaultTimings, type Timings } from "./context.ts";
import { Secrets } from "./secrets.ts";

const log = logger("context");

const RENEW = "apply the CRDs of this version (crdgen | kubectl apply -f -)";
/** What the work queue is called in metrics; there is one for all kinds. */
const QUEUE = "objects";
/** How often CRDs that are missing are looked for (ms). */
const CRD_POLL = 1000;

/** How an operator is set up. */
export interface OperatorOptions {
  readonly client: KubeClient;
  /** The namespaces that it works in. */
  readonly namespaces: readonly string[] | "all";
  readonly configMapName: string;
  readonly transport: TransportFactory;
  readonly resources?: readonly Resource[];
  readonly clock?: Clock;
  readonly timings?: Partial<Timings>;
  /** How many objects are worked on at a time; 10 without it. */
  readonly concurrency?: number;
  /** Where to count; nowhere that anybody sees, without it. */
  readonly metrics?: Metrics;
}

/** A running operator. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #kinds = new Map<string, KindController>();
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #secrets: Secrets;
  readonly #connections: Connections;
  readonly #metrics: Metrics;
  /** Nothing is swept before all objects are known: what has no object would be ingested. */
  #isStarted = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { client, namespaces, configMapName, transport } = options;
    const clock = this.#clock = options.clock ?? systemClock;
    const { signal } = this.#stopping;
    const metrics = this.#metrics = options.metrics ?? new Metrics();
    const concurrency = options.concurrency ?? 10;
    this.#events = new EventRecorder({ client, component: "databricks-kube-operator", clock });
    this.#queue = new WorkQueue({
      clock,
      concurrency,
      handler: (key) => this.#handle(key),
      onError: (key, error) => log.error(`Pass over ${key} failed: ${error instanceof Error ? error.stack : error}`),
      observer: {
        added: () => metrics.queued(QUEUE),
        taken: (priority, seconds) => metrics.dequeued(QUEUE, priority, seconds),
      },
    });
    metrics.observeQueue(QUEUE, () => this.#queue.depth, concurrency);
    metrics.observeManaged(() => [...this.#kinds.values()].flatMap((kind) => kind.counts()));
    this.#secrets = new Secrets({ client, clock, signal, onChange: (users) => this.#secretChanged(users) });
    this.#connections = new Connections({
      client,
      clock,
      signal,
      namespaces,
      configMapName,
      transport,
      userAgent: `databricks-kube-operator/${VERSION_TEXT}`,
      secrets: this.#secrets,
      events: this.#events,
      metrics,
      onChange: (namespace) => this.#connectionChanged(namespace),
    });
    for (const resource of options.resources ?? allResources) this.#addKind(resource);
  }

  /** Waits for the CRDs and reads the settings; then works until {@link stop}. */
  async start(): Promise<void> {
    await this.#waitForCrds();
    if (this.#stopping.signal.aborted) return;
    await this.#connections.start();
    await Promise.all([...this.#kinds.values()].map((kind) => kind.start()));
    this.#isStarted = true;
    this.#queue.start();
    for (const { namespace } of this.#connections.connected()) this.#connectionChanged(namespace);
    log.info("Started");
  }

  /** What it waits for before it can work; empty when it works. */
  unready(): string[] {
    return this.#isStarted ? [] : ["Waiting for the CRDs, the settings and the objects to be known"];
  }

  /** Ends all work; passes in flight may finish. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#queue.stop();
    await Promise.all([...this.#kinds.values()].map((kind) => kind.stop()));
    await this.#connections.stop();
    await this.#secrets.stop();
    await this.#events.flush();
  }

  #addKind(resource: Resource): void {
    const { client, namespaces, timings } = this.#options;
    const kind = new KindController({
      resource,
      client,
      clock: this.#clock,
      signal: this.#stopping.signal,
      namespaces,
      events: this.#events,
      metrics: this.#metrics,
      connections: this.#connections,
      secrets: this.#secrets,
      queue: this.#queue,
      backoff: new Backoff(),
      timings: { ...defaultTimings, ...timings },
    });
    this.#kinds.set(resource.plural, kind);
  }

  async #waitForCrds(): Promise<void> {
    const missing = new Set(this.#kinds.keys());
    const old = new Set<string>();
    for (const plural of missing) log.info(`Waiting for CRD: ${plural}.${GROUP}`);
    while (!this.#stopping.signal.aborted) {
      try {
        const served = await this.#options.client.discover(GROUP, VERSION, { subresources: true });
        for (const plural of missing) {
          if (served.includes(plural) && served.includes(`${plural}/status`)) missing.delete(plural);
          else if (served.includes(plural) && !old.has(plural)) {
            old.add(plural);
            log.error(`CRD ${plural}.${GROUP} has no status subresource, so it is of another version: ${RENEW}`);
          }
        }
        if (missing.size === 0) return;
      } catch (error) {
        log.warning(error instanceof Error ? error.message : String(error));
      }
      await this.#clock.sleep(CRD_POLL, this.#stopping.signal);
    }
  }

  async #handle(queueKey: string): Promise<void> {
    const { kind, key } = this.#split(queueKey);
    await kind?.reconcile(key);
  }

  #split(queueKey: string): { kind: KindController | undefined; key: string } {
    const slash = queueKey.indexOf("/");
    return { kind: this.#kinds.get(queueKey.slice(0, slash)), key: queueKey.slice(slash + 1) };
  }

  #connectionChanged(namespace: string): void {
    if (!this.#isStarted) return;
    for (const [plural, kind] of this.#kinds) {
      log.info(`Looking for uningested ${plural} in namespace ${namespace}`);
      kind.connectionChanged(namespace);
    }
  }

  #secretChanged(users: readonly string[]): void {
    for (const user of users) {
      if (user.startsWith("settings/")) void this.#connections.refresh(user.slice("settings/".length));
      else {
        const { kind, key } = this.#split(user);
        kind?.enqueue(key);
      }
    }
  }
}
