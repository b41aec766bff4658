/**
 * Reads the state of resources that happen once, while they are active: one list of everything active in the workspace,
 * instead of a get for each object. An object whose resource changed its state, or is not active any more, is queued;
 * its pass then reads the whole resource.
 *
 * Guarantees: nothing is read while no object has an active resource; lists use only a part of the rate limit; a
 * resource that the list lacks is not assumed to have ended: a get decides.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { Rounds } from "../../base/rounds.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import type { Once } from "../../resource.ts";
import { logger } from "../../telemetry/log.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "../connect/workspace_connection.ts";
import { pauseFor } from "./budget.ts";

const log = logger("runs");
/** The interval (ms) of the check whether anything is active; a start wakes it at once. */
const IDLE = 60_000;

/** Options of {@link Actives}. */
export interface ActivesOptions {
  readonly active: NonNullable<Once<never, never>["active"]>;
  readonly clock: Clock;
  readonly connection: () => WorkspaceConnection | Blocked;
  /** The objects with an active resource, by the resource's id. */
  readonly wanted: () => ReadonlyMap<string, readonly string[]>;
  readonly enqueue: (key: string) => void;
}

/** Reads everything that is active in a workspace. */
export class Actives {
  readonly #options: ActivesOptions;
  readonly #rounds: Rounds;
  #isIdle = true;
  /** The wanted runs that the last list contained, with their states. */
  #seen = new Map<string, string>();

  constructor(options: ActivesOptions) {
    this.#options = options;
    this.#rounds = new Rounds(options.clock, () => this.#round());
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Reads now, if nothing was active so far: something was started, or the connection changed. */
  kick(): void {
    if (this.#isIdle) this.#rounds.wake();
  }

  /** True while lists show the state of a resource, so that its object's pass need not read it. */
  covers(id: string): boolean {
    return this.#seen.has(id);
  }

  async #round(): Promise<number> {
    const state = this.#options.connection();
    const wanted = isConnected(state) ? this.#options.wanted() : new Map<string, readonly string[]>();
    if (!isConnected(state) || wanted.size === 0) {
      this.#isIdle = true;
      return IDLE;
    }
    const calls = await this.#look(state, wanted);
    this.#isIdle = false;
    return pauseFor(calls, state.settings);
  }

  /** @returns the number of calls. */
  async #look({ workspace }: WorkspaceConnection, wanted: ReadonlyMap<string, readonly string[]>): Promise<number> {
    const now = new Map<string, string>();
    let calls = 0;
    try {
      for await (const rows of this.#options.active(workspace.background(), [...wanted.keys()])) {
        calls++;
        for (const { id, state } of rows) if (wanted.has(id)) now.set(id, state);
      }
    } catch (error) {
      // Each object's pass then reads its resource.
      this.#seen.clear();
      if (error instanceof WorkEndedError) return 1;
      log.warning(`Cannot list active runs: ${error instanceof Error ? error.message : error}`);
      return calls + 1;
    }
    const before = this.#seen;
    this.#seen = now;
    for (const [id, keys] of wanted) {
      if (before.has(id) && before.get(id) !== now.get(id)) keys.forEach(this.#options.enqueue);
    }
    return Math.max(1, calls);
  }
}
