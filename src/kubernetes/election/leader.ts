/**
 * Leader election with a Lease, like client-go's: one of several replicas works, the others stand by.
 *
 * Guarantees:
 * - a lease counts as expired when its record has not changed for its duration, by *this* process's monotonic clock,
 *   since *this* process first saw it. Wall clocks are never compared, so a replica with a wrong clock takes nothing
 *   from others;
 * - every write names the resourceVersion and the UID of the Lease that was read, so that only one of several
 *   candidates wins;
 * - {@link LeaderElector.isHeld} is true only within the renew deadline after the *start* of the last successful
 *   renewal. It reads the clock and does not rely on a timer: after a suspension it is false before any other code has
 *   run;
 * - processes of one identity may share a lease: nobody else leads before the last of them has been silent for the
 *   lease's duration. A renewal by one of them counts for another whose own came too late;
 * - a lost lease stays lost: {@link LeaderElector.lost} resolves, and the process is expected to exit.
 *
 * It follows, for callers that check {@link LeaderElector.isHeld} right before they send: nothing is sent later than
 * the renew deadline (10 s) after a renewal, and nobody else leads earlier than the lease's duration (15 s) after it.
 * Requests in flight when the lease is lost end with the process, before another one leads. Three cases remain: a
 * request that was sent in time and takes effect late; a process that is suspended for longer than the 5 s in between,
 * exactly between the check and the first byte on the wire; and a Lease that a person deletes just before a new replica
 * starts, which has never seen it. (Replicas that have seen it wait for its duration.)
 *
 * It is assumed that the monotonic clocks of different machines run at the same speed, within a third (10 s for 15 s).
 * On Linux they stand still while the machine sleeps.
 *
 * @module
 */
import { type Clock, systemClock, type Timer } from "../../base/clock.ts";
import { logger } from "../../telemetry/log.ts";
import { type CallOptions, type KubeClient, KubeError } from "../client.ts";
import { Informer } from "../watch/informer.ts";
import { isOutdated, LeaderLock } from "./lock.ts";
import { type LeaderRecord, readRecord } from "./record.ts";
import { checkTimes, defaultLeaderTimes, type LeaderTimes } from "./times.ts";
import type { KubeObject } from "../object.ts";

const log = logger("leader");
/** The timeout of a release (ms); without a release the lease expires by itself. */
const RELEASE = 1000;

/** Options of a {@link LeaderElector}. */
export interface LeaderElectorOptions extends Partial<LeaderTimes> {
  /** A client that other requests do not delay. */
  readonly client: Pick<KubeClient, "get" | "create" | "replace" | "list" | "watch">;
  readonly namespace: string;
  /** The name of the Lease. */
  readonly name: string;
  /**
   * The identity of this process. No other process, and no earlier one of the same pod, may have it, unless the lease
   * is shared.
   */
  readonly identity: string;
  /** True if all processes of one identity hold the lease together, each by its own renewals. */
  readonly isShared?: boolean;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One replica's part in an election. It is good for one term: acquire, then release or lose. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions & LeaderTimes;
  readonly #clock: Clock;
  readonly #lock: LeaderLock;
  readonly #title: string;
  readonly #lost = Promise.withResolvers<string>();
  readonly #ending = new AbortController();
  #state: "waiting" | "held" | "over" = "waiting";
  /** The Lease as this process wrote it last. */
  #lease: KubeObject | undefined;
  /** The Lease's record, and the time (monotonic) at which it was first seen. */
  #seen: { readonly text: string; readonly record: LeaderRecord; readonly at: number } | undefined;
  /** The time (monotonic) at which a Lease that had been seen was gone; `undefined` while it exists. */
  #goneAt: number | undefined;
  /** The time (monotonic) at which the last successful renewal began. */
  #renewedAt = -Infinity;
  /** The answer to this process's last write is missing, so that it may hold the lease without knowing. */
  #isUnsure = false;
  #deadline: Timer | undefined;
  #said = "";
  #problem = "";

  /** @throws {RangeError} when the times do not fit together. */
  constructor(options: LeaderElectorOptions) {
    this.#options = { ...defaultLeaderTimes, ...options };
    checkTimes(this.#options);
    this.#clock = options.clock ?? systemClock;
    this.#lock = new LeaderLock({ ...this.#options, clock: this.#clock });
    this.#title = `lease ${options.namespace}/${options.name}`;
  }

  /** Resolves with the reason when the lease is lost. */
  get lost(): Promise<string> {
    return this.#lost.promise;
  }

  /** True while writes may be sent. */
  isHeld(): boolean {
    return this.#state === "held" && this.#clock.monotonic() - this.#renewedAt < this.#options.renewDeadlineMs;
  }

  /** The reasons why this replica cannot stand by; empty if there are none. */
  unready(): string[] {
    if (this.#problem !== "") return [this.#problem];
    return this.#seen === undefined ? [`Waiting for ${this.#title} to be read`] : [];
  }

  /** Waits for the lease; resolves with true when this process holds it, or with false if the signal aborts first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    let wake = new AbortController();
    const look = () => wake.abort();
    const informer = this.#watch(look, signal);
    signal.addEventListener("abort", look);
    while (!signal.aborted && this.#state === "waiting") {
      wake = new AbortController();
      const pauseMs = await this.#tryToAcquire(signal);
      if (this.#state === "waiting" && !signal.aborted) await this.#clock.sleep(pauseMs, wake.signal);
    }
    signal.removeEventListener("abort", look);
    await informer.stop();
    return this.#state === "held";
  }

  /**
   * Releases the lease, so that another replica may take it at once; call it after the last write. It takes a second at
   * most, and never throws. A shared lease expires after the last of its holders has ended.
   */
  async release(): Promise<void> {
    if (this.#options.isShared) return this.#end();
    const mayBeOurs = this.#state === "held" || (this.#state === "waiting" && this.#isUnsure);
    this.#end();
    if (!mayBeOurs) return;
    const until = this.#clock.monotonic() + RELEASE;
    const timeLeft = () => ({ timeoutMs: Math.max(1, until - this.#clock.monotonic()) });
    try {
      await this.#free(timeLeft);
      log.info(`Released ${this.#title}`);
    } catch (error) {
      log.warning(`Cannot release ${this.#title}, so it has to expire: ${textOf(error)}`);
    }
  }

  /** Watches the lease, so that a release is noticed at once; if that is forbidden, the next check notices it. */
  #watch(onChange: () => void, signal: AbortSignal): Informer {
    const { client, name } = this.#options;
    const selection = { path: this.#lock.path, fieldSelector: `metadata.name=${name}` };
    const informer = new Informer({ client, ...selection, onChange, clock: this.#clock, signal });
    informer.start();
    return informer;
  }

  /** @returns the delay (ms) before the next attempt, if this process does not hold the lease now. */
  async #tryToAcquire(signal: AbortSignal): Promise<number> {
    const { retryMs, random = Math.random } = this.#options;
    // Candidates for one lease should not send requests in step.
    const pauseMs = retryMs * (1 + 0.2 * random());
    try {
      const options = { signal, timeoutMs: this.#requestMs };
      const lease = await this.#lock.read(options);
      const takenMs = this.#takenFor(lease);
      if (takenMs > 0) {
        this.#problem = "";
        return Math.min(takenMs, pauseMs);
      }
      await this.#take(lease, options);
    } catch (error) {
      if (!signal.aborted && !isOutdated(error)) this.#warn(error);
    }
    return pauseMs;
  }

  /** The time (ms) for which the lease still belongs to another holder; 0 when it is free to take. */
  #takenFor(lease: KubeObject | undefined): number {
    const { identity, leaseMs } = this.#options;
    if (lease !== undefined) this.#see(readRecord(lease));
    if (this.#seen === undefined) return 0;
    const { record: { holder, durationMs = leaseMs }, at } = this.#seen;
    if (lease === undefined && holder !== identity) {
      // A deleted Lease is its holder's until it would have expired, since the holder may not know yet. Somebody may
      // have taken or renewed it since it was last seen.
      this.#goneAt ??= this.#clock.monotonic();
      return Math.max(0, this.#goneAt + Math.max(durationMs, leaseMs) - this.#clock.monotonic());
    }
    this.#goneAt = undefined;
    if (holder === "" || holder === identity) return 0;
    this.#say(`Waiting for ${this.#title}: it is held by ${holder}`);
    return Math.max(0, at + durationMs - this.#clock.monotonic());
  }

  #see(record: LeaderRecord): void {
    const text = JSON.stringify(record);
    if (this.#seen?.text !== text) this.#seen = { text, record, at: this.#clock.monotonic() };
  }

  /** Makes this process the holder. */
  async #take(lease: KubeObject | undefined, options: CallOptions): Promise<void> {
    const begunAt = this.#clock.monotonic();
    this.#isUnsure = true;
    try {
      const written = await this.#lock.take(lease, options);
      this.#isUnsure = false;
      this.#hold(written, begunAt);
    } catch (error) {
      if (error instanceof KubeError && error.status < 500) this.#isUnsure = false;
      throw error;
    }
  }

  #hold(lease: KubeObject, begunAt: number): void {
    if (this.#state === "over") return;
    this.#lease = lease;
    this.#renewedAt = begunAt;
    this.#problem = "";
    this.#deadline?.cancel();
    const restMs = begunAt + this.#options.renewDeadlineMs - this.#clock.monotonic();
    this.#deadline = this.#clock.setTimeout(() => this.#expire(), restMs);
    if (this.#state === "held") return;
    this.#state = "held";
    log.info(`${this.#options.isShared ? "Sharing" : "Leading"}: ${this.#title} is held as ${this.#options.identity}`);
    void this.#keep();
  }

  /** Renews the lease until the term is over. */
  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    for (;;) {
      await this.#clock.sleep(this.#options.retryMs, signal);
      if (signal.aborted) return;
      // A suspension may have ended just now: an expired lease is not renewed.
      if (!this.isHeld()) return this.#expire();
      try {
        await this.#renew({ signal, timeoutMs: this.#requestMs });
      } catch (error) {
        if (!signal.aborted) this.#warn(error);
      }
    }
  }

  async #renew(options: CallOptions): Promise<void> {
    try {
      // The other holders of a shared lease may have written it since.
      if (!this.#options.isShared) return await this.#take(this.#lease, options);
    } catch (error) {
      if (!isOutdated(error)) throw error;
    }
    // It has changed: by an own renewal whose answer was lost, by a person, or by another replica.
    const begunAt = this.#clock.monotonic();
    const lease = await this.#lock.read(options);
    if (!this.#isOurs(lease)) return;
    try {
      await this.#take(lease, options);
    } catch (error) {
      if (!this.#options.isShared || !isOutdated(error)) throw error;
      // Another holder renewed it since the read, so the lease is valid as if this process had: several holders may
      // otherwise collide forever.
      const renewed = await this.#lock.read(options);
      if (renewed !== undefined && this.#isOurs(renewed)) this.#hold(renewed, begunAt);
    }
  }

  /** True if this process holds the Lease; if not, it is lost. */
  #isOurs(lease: KubeObject | undefined): boolean {
    const { holder } = readRecord(lease);
    if (holder === this.#options.identity) return true;
    this.#lose(
      lease === undefined ? "it was deleted" : holder === "" ? "it was taken away" : `it is held by ${holder}`,
    );
    return false;
  }

  async #free(timeLeft: () => CallOptions): Promise<void> {
    try {
      if (this.#lease !== undefined) return await this.#lock.free(this.#lease, timeLeft());
    } catch (error) {
      if (!isOutdated(error)) throw error;
    }
    // If the answer to the last write is missing, its outcome must be read.
    const lease = await this.#lock.read(timeLeft());
    if (lease !== undefined && readRecord(lease).holder === this.#options.identity) {
      await this.#lock.free(lease, timeLeft());
    }
  }

  /** The timeout of one request (ms): short enough for a second attempt before the deadline. */
  get #requestMs(): number {
    const { renewDeadlineMs, retryMs } = this.#options;
    return (renewDeadlineMs - retryMs) / 2;
  }

  #expire(): void {
    const seconds = this.#options.renewDeadlineMs / 1000;
    this.#lose(`it could not be renewed for ${seconds} s${this.#problem && `: ${this.#problem}`}`);
  }

  #lose(why: string): void {
    if (this.#state !== "held") return;
    this.#end();
    this.#lost.resolve(`Lost ${this.#title}: ${why}`);
  }

  #end(): void {
    this.#state = "over";
    this.#deadline?.cancel();
    this.#ending.abort(new Error("The term is over"));
  }

  #say(text: string): void {
    if (text !== this.#said) log.info(text);
    this.#said = text;
  }

  /** Logs one line for each new problem. */
  #warn(error: unknown): void {
    const text = textOf(error);
    if (text !== this.#problem) log.warning(text);
    this.#problem = text;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
