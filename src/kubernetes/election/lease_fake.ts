/**
 * Leases for tests of the election: an API server in memory, and clocks of processes that can be suspended.
 *
 * @module
 */
import { type Clock, sleepOn, type Timer } from "../../base/clock.ts";
import { settle } from "../../base/clock_fake.ts";
import { type CallOptions, type KubeClient, KubeConnectionError, KubeError, type WatchOptions } from "../client.ts";
import type { KubeList, KubeObject, WatchEvent } from "../object.ts";
import type { ResourcePath } from "../paths.ts";

/**
 * What happens to a replica's requests: `lost` takes effect without an answer, `silent` does nothing and never answers.
 */
export type Weather = "fair" | "refused" | "lost" | "silent";

/** One Lease, with the API server's optimistic locking. */
export class FakeLease {
  #object: KubeObject | undefined;
  #version = 0;
  #uid = 0;
  readonly #watchers = new Set<() => void>();

  /** The current Lease. */
  get object(): KubeObject | undefined {
    return structuredClone(this.#object);
  }

  /** Its spec; fails if there is no Lease. */
  get spec(): Record<string, unknown> {
    return this.object?.spec ?? failWith(404, "NotFound");
  }

  create(lease: KubeObject): KubeObject {
    if (this.#object !== undefined) failWith(409, "AlreadyExists");
    return this.#store({ ...lease, metadata: { ...lease.metadata, uid: `uid-${++this.#uid}` } });
  }

  replace(lease: KubeObject): KubeObject {
    const { uid, resourceVersion } = this.#object?.metadata ?? {};
    const isSame = uid === lease.metadata.uid && resourceVersion === lease.metadata.resourceVersion;
    return isSame ? this.#store(lease) : failWith(409, "Conflict");
  }

  /** Somebody deletes it. */
  delete(): void {
    this.#object = undefined;
    this.#tell();
  }

  /** Somebody writes into its spec. */
  edit(spec: Record<string, unknown>): void {
    const metadata = { name: "operator", namespace: "ns", ...this.#object?.metadata };
    this.#store({ ...this.#object, metadata, spec: { ...this.#object?.spec, ...spec } });
  }

  /** Resolves at the next change, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.add(resolve);
      signal.addEventListener("abort", () => resolve());
      if (signal.aborted) resolve();
    });
  }

  #store(lease: KubeObject): KubeObject {
    const metadata = { ...lease.metadata, resourceVersion: String(++this.#version) };
    this.#object = structuredClone({ ...lease, metadata });
    this.#tell();
    return structuredClone(this.#object);
  }

  #tell(): void {
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }
}

function failWith(status: number, reason: string): never {
  throw new KubeError(`the API server answered ${status} ${reason}`, { status, reason });
}

/** The clock of a process that can be suspended: time goes on, and its timers fire when it resumes. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  #isSuspended = false;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  setTimeout(fn: () => void, ms: number): Timer {
    let isCancelled = false;
    const fire = () => void (this.#isSuspended ? this.#waiting.push(fire) : isCancelled || fn());
    const timer = this.#clock.setTimeout(fire, ms);
    const cancel = () => {
      isCancelled = true;
      timer.cancel();
    };
    return { cancel };
  }

  /** Stops the replica, like SIGSTOP. */
  suspend(): void {
    this.#isSuspended = true;
  }

  /** Resumes the replica, like SIGCONT: timers that came due meanwhile fire now, one after the other. */
  async resume(): Promise<void> {
    this.#isSuspended = false;
    for (const wake of this.#waiting.splice(0)) {
      wake();
      await settle();
    }
  }

  /** Resolves when the process runs. */
  running(): Promise<void> {
    return this.#isSuspended ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }
}

/** A replica's client for a {@link FakeLease}. */
export class FakeLeaseClient implements Pick<KubeClient, "get" | "create" | "replace" | "list" | "watch"> {
  readonly #lease: FakeLease;
  readonly #clock: ProcessClock;
  weather: Weather = "fair";
  /** True if the Lease may be watched. */
  mayWatch = true;
  /** True if the Lease's namespace exists. */
  hasNamespace = true;
  /** The latency of every answer (ms). */
  latencyMs = 0;
  /** The called methods, except lists and watches. */
  readonly calls: string[] = [];

  constructor(lease: FakeLease, clock: ProcessClock) {
    this.#lease = lease;
    this.#clock = clock;
  }

  get(_path: ResourcePath, _name: string, options: CallOptions = {}): Promise<KubeObject> {
    return this.#call("get", options, () => this.#lease.object ?? failWith(404, "NotFound"));
  }

  create(_path: ResourcePath, lease: KubeObject, options: CallOptions = {}): Promise<KubeObject> {
    return this.#call(
      "create",
      options,
      () => this.hasNamespace ? this.#lease.create(lease) : failWith(404, "NotFound"),
    );
  }

  replace(_path: ResourcePath, lease: KubeObject, options: CallOptions = {}): Promise<KubeObject> {
    return this.#call("replace", options, () => this.#lease.replace(lease));
  }

  list(): Promise<KubeList> {
    const { object } = this.#lease;
    if (!this.mayWatch) return Promise.reject(new KubeError("forbidden", { status: 403, reason: "Forbidden" }));
    const resourceVersion = object?.metadata.resourceVersion ?? "0";
    return Promise.resolve({ metadata: { resourceVersion }, items: object === undefined ? [] : [object] });
  }

  async *watch(_path: ResourcePath, { signal }: WatchOptions): AsyncGenerator<WatchEvent, void, void> {
    while (!signal.aborted) {
      await this.#lease.changed(signal);
      await this.#clock.running();
      const { object } = this.#lease;
      if (object !== undefined && !signal.aborted) yield { type: "MODIFIED", object };
    }
  }

  async #call(method: string, { signal, timeoutMs = 0 }: CallOptions, act: () => KubeObject): Promise<KubeObject> {
    signal?.throwIfAborted();
    this.calls.push(method);
    const weather = this.latencyMs > timeoutMs ? "lost" : this.weather;
    if (weather === "refused") failWith(503, "ServiceUnavailable");
    const result = weather === "silent" ? undefined : attempt(act);
    const ms = weather === "fair" ? this.latencyMs : timeoutMs;
    if (ms > 0) await this.#clock.sleep(ms, signal);
    await this.#clock.running();
    signal?.throwIfAborted();
    if (weather === "fair" && result !== undefined) return result();
    throw new KubeConnectionError("no answer from the API server");
  }
}

/** Runs something now, and reports its result or its error later. */
function attempt<T>(act: () => T): () => T {
  try {
    const result = act();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
