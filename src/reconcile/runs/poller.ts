/**
 * Polls a workspace's runs: at the interval of the settings while none is active, and as often as a part of the rate
 * limit allows while one is. Then it reports the ends that it found.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { Rounds } from "../../base/rounds.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import type { Run, RunNews, Runs } from "../../resource.ts";
import { logger } from "../../telemetry/log.ts";
import { type Blocked, isConnected, type WorkspaceConnection } from "../connect/workspace_connection.ts";
import type { Known, OnEnded } from "./ends.ts";
import { pauseFor } from "./budget.ts";
import { RunFeed } from "./feed.ts";

const log = logger("runs");
/** The interval (ms) at which it checks for a connection; a change of the settings wakes the poller at once. */
const UNCONNECTED = 60_000;
/** The number of ends per poll for which details are read; others are reported without. */
const MAX_ACCOUNTS = 20;

/** Options of a {@link RunPoller}. */
export interface RunPollerOptions {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly connection: () => WorkspaceConnection | Blocked;
  readonly jobs: () => Iterable<string>;
  readonly onChange: (jobIds: ReadonlySet<string>) => void;
  /** Receives the ends of runs of wanted jobs. */
  readonly onEnded: OnEnded;
  readonly known: Known;
  /** Receives the ends of runs of wanted jobs, with the details of each. */
  readonly onNews: (run: Run, news: RunNews) => void;
}

/** Keeps a {@link RunFeed} up to date. */
export class RunPoller {
  readonly #options: RunPollerOptions;
  readonly feed: RunFeed;
  readonly #rounds: Rounds;
  /** Ends that are not reported yet. */
  #ended: { readonly run: Run; readonly seconds: number | undefined }[] = [];

  constructor(options: RunPollerOptions) {
    this.#options = options;
    this.#rounds = new Rounds(options.clock, () => this.#round());
    this.feed = new RunFeed({
      ...options,
      onEnded: (run, seconds) => void this.#ended.push({ run, seconds }),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Polls now: the connection or the settings changed. */
  kick(): void {
    this.#rounds.wake();
  }

  async #round(): Promise<number> {
    const state = this.#options.connection();
    if (!isConnected(state)) return UNCONNECTED;
    await this.#poll(state);
    return this.#pause(state);
  }

  #pause({ settings }: WorkspaceConnection): number {
    const { calls, hasActive } = this.feed.last;
    return hasActive ? pauseFor(calls, settings) : settings.statusPollIntervalMs;
  }

  /** Reports the ends that were found. Details that cannot be read are omitted. */
  async #report({ workspace }: WorkspaceConnection): Promise<void> {
    const wanted = new Set(this.#options.jobs());
    // Lists hold the runs of all jobs of the workspace.
    const ended = this.#ended.filter(({ run }) => wanted.has(run.jobId));
    this.#ended = [];
    const { runs, onEnded, onNews } = this.#options;
    for (const { run, seconds } of ended) onEnded(run, seconds);
    for (const [index, { run }] of ended.entries()) {
      onNews(run, await runs.news(index < MAX_ACCOUNTS ? workspace.background() : undefined, run));
    }
  }

  async #poll(connection: WorkspaceConnection): Promise<void> {
    // Without a wanted job, nothing is requested.
    if (this.#options.jobs()[Symbol.iterator]().next().done) return;
    try {
      await this.feed.poll(connection.workspace.background());
    } catch (error) {
      if (error instanceof WorkEndedError) return;
      const text = error instanceof Error ? error.message : String(error);
      log.warning(`Cannot poll runs for namespace ${connection.namespace}: ${text}`);
    } finally {
      await this.#report(connection);
    }
  }
}
