/**
 * Polls a workspace's runs at the interval in the settings.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import type { Runs } from "../../resource.ts";
import { logger } from "../../telemetry/log.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "../connect/workspace_connection.ts";
import { RunFeed } from "./feed.ts";

const log = logger("runs");
/** The interval (ms) at which a connection is looked for; a change of the settings wakes the poller anyway. */
const UNCONNECTED = 60_000;

/** Options of a {@link RunPoller}. */
export interface RunPollerOptions {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly connection: () => WorkspaceConnection | Blocked;
  readonly jobs: () => Iterable<string>;
  readonly onChange: (jobIds: ReadonlySet<string>) => void;
  readonly onEnded: (seconds: number) => void;
}

/** Keeps a {@link RunFeed} up to date. */
export class RunPoller {
  readonly #options: RunPollerOptions;
  readonly feed: RunFeed;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: RunPollerOptions) {
    this.#options = options;
    this.feed = new RunFeed(options);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#loop;
  }

  /** Polls now: the connection or the settings changed. */
  kick(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const state = this.#options.connection();
      if (isConnected(state)) await this.#poll(state);
      const pause = isConnected(state) ? state.settings.statusPollIntervalMs : UNCONNECTED;
      await this.#options.clock.sleep(pause, this.#wake.signal);
    }
  }

  async #poll(connection: WorkspaceConnection): Promise<void> {
    // Without a job that anybody wants to know about, nothing is asked.
    if (this.#options.jobs()[Symbol.iterator]().next().done) return;
    try {
      await this.feed.poll(connection.workspace.background());
    } catch (error) {
      if (error instanceof WorkEndedError) return;
      const text = error instanceof Error ? error.message : String(error);
      log.warning(`Cannot poll runs for namespace ${connection.namespace}: ${text}`);
    }
  }
}
