/**
 * The connections that watches share.
 *
 * An API server limits the streams of an HTTP/2 connection (100 by default), and a watch holds one for minutes. A
 * request beyond the limit would wait until a watch ends.
 *
 * Guarantees:
 * - watches never use the connection of ordinary requests, and at most {@link WATCHES} of them share one;
 * - a connection that is silent for a while is tested for a sign of life; if it gives none, its watches end, and later
 *   ones use another connection;
 * - an unused connection is closed, except the last one;
 * - one watch opens a connection, and others wait for it meanwhile: otherwise each would open its own.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/clock.ts";

/** The number of watches on one connection. */
export const WATCHES = 75;
/** A connection that was silent this long is tested for a sign of life (ms). */
const QUIET_MS = 15_000;

/** The error of watches and requests on a dead connection. */
export const NO_SIGN_OF_LIFE = "its connection gave no sign of life";

/** Options of {@link WatchConnections}. */
export interface WatchConnectionsOptions {
  readonly clock: Clock;
  readonly connect: () => Deno.HttpClient;
  /**
   * True if a connection gives a sign of life. Without it connections are not tested: over HTTP/1.1 the test would use
   * another connection.
   */
  readonly isAlive?: ((http: Deno.HttpClient) => Promise<boolean>) | undefined;
  /** Called when a connection gave no sign of life: others may be dead, too. */
  readonly onDead: () => void;
}

/** A watch's place on a connection; dispose of it when the watch ends. */
export interface WatchPlace extends Disposable {
  readonly http: Deno.HttpClient;
  /** Aborts when the connection is given up, with the reason. */
  readonly lost: AbortSignal;
  /** Resolves when the connection is open, when the watch that was opening it failed, or when the signal aborts. */
  opened(signal: AbortSignal): Promise<void>;
  /** Notes that data arrived over the connection. */
  alive(): void;
}

/** A pool of connections for watches. */
export class WatchConnections {
  readonly #options: WatchConnectionsOptions;
  readonly #connections = new Set<WatchConnection>();

  constructor(options: WatchConnectionsOptions) {
    this.#options = options;
  }

  /** Gives a watch a place on a connection. */
  join(): WatchPlace {
    const free = [...this.#connections].find(({ size }) => size < WATCHES) ?? this.#add();
    return free.join(() => {
      if (free.size === 0 && this.#connections.size > 1) this.#remove(free);
    });
  }

  /** Ends watches that have been silent since a time (ms, monotonic), and gives up connections that have. */
  giveUpSilent(since: number, reason: string): void {
    for (const connection of [...this.#connections]) {
      if (connection.aliveAt <= since) this.#giveUp(connection, reason);
      // Over HTTP/1.1 each watch has a connection of its own.
      else if (this.#options.isAlive === undefined) connection.endSilent(since, reason);
    }
  }

  /** Ends all watches and gives up their connections. */
  giveUp(reason: string): void {
    for (const connection of [...this.#connections]) this.#giveUp(connection, reason);
  }

  /** Closes the connections. */
  close(): void {
    for (const connection of [...this.#connections]) this.#remove(connection);
  }

  #add(): WatchConnection {
    const { clock, connect, isAlive, onDead } = this.#options;
    const http = connect();
    const connection = new WatchConnection({
      clock,
      http,
      isAlive: isAlive && (() => isAlive(http)),
      onDead: () => {
        this.#giveUp(connection, NO_SIGN_OF_LIFE);
        onDead();
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  #giveUp(connection: WatchConnection, reason: string): void {
    this.#remove(connection);
    connection.end(reason);
  }

  #remove(connection: WatchConnection): void {
    this.#connections.delete(connection);
    connection.close();
  }
}

interface WatchConnectionOptions {
  readonly clock: Clock;
  readonly http: Deno.HttpClient;
  readonly isAlive: (() => Promise<boolean>) | undefined;
  readonly onDead: () => void;
}

interface Watch {
  readonly lost: AbortController;
  aliveAt: number;
}

/** One connection and its watches. */
class WatchConnection {
  readonly #options: WatchConnectionOptions;
  readonly #watches = new Set<Watch>();
  /** Called when the connection is open, or no longer being opened; `undefined` once it is open. */
  #waiting: Set<() => void> | undefined = new Set();
  #opener: Watch | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  aliveAt: number;

  constructor(options: WatchConnectionOptions) {
    this.#options = options;
    this.aliveAt = options.clock.monotonic();
  }

  get size(): number {
    return this.#watches.size;
  }

  join(onLeave: () => void): WatchPlace {
    const { clock, http } = this.#options;
    const watch: Watch = { lost: new AbortController(), aliveAt: clock.monotonic() };
    if (this.#watches.size === 0) this.aliveAt = watch.aliveAt;
    this.#watches.add(watch);
    this.#timer ??= this.#checkIn(QUIET_MS);
    return {
      http,
      lost: watch.lost.signal,
      opened: (signal) => this.#opened(watch, signal),
      alive: () => {
        this.aliveAt = watch.aliveAt = clock.monotonic();
        if (this.#waiting === undefined) return;
        this.#goOn();
        this.#waiting = undefined;
      },
      [Symbol.dispose]: () => {
        this.#watches.delete(watch);
        if (this.#opener === watch) {
          this.#opener = undefined;
          this.#goOn();
        }
        if (this.#watches.size === 0) {
          this.#stopChecking();
          // The API server may have closed the connection, which ended them all.
          this.#waiting ??= new Set();
        }
        onLeave();
      },
    };
  }

  async #opened(watch: Watch, signal: AbortSignal): Promise<void> {
    while (this.#waiting !== undefined && !signal.aborted) {
      this.#opener ??= watch;
      if (this.#opener === watch) return;
      await new Promise<void>((resolve) => {
        this.#waiting?.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  #goOn(): void {
    const waiting = [...this.#waiting ?? []];
    this.#waiting?.clear();
    for (const go of waiting) go();
  }

  end(reason: string): void {
    this.endSilent(Infinity, reason);
  }

  endSilent(since: number, reason: string): void {
    for (const { aliveAt, lost } of this.#watches) if (aliveAt <= since) lost.abort(reason);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopChecking();
    this.#options.http.close();
  }

  #stopChecking(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #checkIn(ms: number): Timer | undefined {
    const { clock, isAlive } = this.#options;
    return isAlive && clock.setTimeout(() => void this.#check(isAlive), Math.ceil(ms));
  }

  async #check(isAlive: () => Promise<boolean>): Promise<void> {
    const begun = this.#options.clock.monotonic();
    const rest = this.aliveAt + QUIET_MS - begun;
    if (rest <= 0) {
      const lives = await isAlive();
      if (this.#isClosed) return;
      // Data that arrived meanwhile is also a sign of life.
      if (!lives && this.aliveAt <= begun) return this.#options.onDead();
      if (lives) this.aliveAt = Math.max(this.aliveAt, begun);
    }
    this.#timer = this.#watches.size === 0 ? undefined : this.#checkIn(rest > 0 ? rest : QUIET_MS);
  }
}
