/**
 * A sweeper over lists that a test defines.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { clientOf } from "./clients.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { defaults } from "../../src/reconcile/connect/settings.ts";
import type { External, Resource } from "../../src/resource.ts";
import type { Blocked, WorkspaceConnection } from "../../src/reconcile/connect/workspace_connection.ts";
import { Observations } from "../../src/reconcile/observe/observations.ts";
import { SweepBudget } from "../../src/reconcile/observe/sweep_budget.ts";
import { Sweeper } from "../../src/reconcile/observe/sweep.ts";

/** The interval between two sweeps (ms). */
export const RESYNC = defaults.requeueIntervalMs;
/** The time for which written objects wait for a shared list (ms). */
export const BASELINE = 5000;
const blocked: Blocked = { reason: "SettingsMissing", message: "no settings" };

/** Options of a {@link World}. */
interface WorldOptions {
  readonly parents?: () => string[];
  readonly isIngested?: boolean;
  readonly isListed?: boolean;
  readonly isIntervalSet?: boolean;
  readonly intervalMs?: number;
  /** The budget that sweepers of one workspace share. */
  readonly budget?: SweepBudget;
  readonly mock?: MockWorkspace;
}

/** A sweeper over a list that the test defines: each id maps to the observed value. */
export class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly observations = new Observations();
  /** The pages that Databricks lists; an Error in place of a page aborts the list. */
  pages: (Record<string, unknown> | Error)[] = [{}];
  /** The keys of bound objects, by the id of their external resource. */
  bound = new Map<string, string[]>();
  isConnected = true;
  /** The keys that were queued since the last `take`. */
  queued: string[] = [];
  ingested: string[][] = [];
  inspected: string[][] = [];
  lists = 0;
  listing = 0;
  mostAtOnce = 0;
  /** A promise that lists wait for. */
  gate: Promise<void> | undefined;
  readonly sweeper: Sweeper;

  constructor(
    external: Partial<Resource["external"]> = {},
    options: WorldOptions = {},
  ) {
    const { parents, isIngested = true, isListed = true, isIntervalSet = true, budget = new SweepBudget() } = options;
    const { mock = new MockWorkspace() } = options;
    const workspace = clientOf(mock, { clock: this.clock });
    const settings = { apiSecretName: "api", ...defaults, isIntervalSet };
    const connection: WorkspaceConnection = { place: "team", namespace: "team", settings, workspace };
    const resource = {
      plural: "things",
      comparable: (observed: Record<string, unknown>) => observed,
      external: { rows: "whole", ...(isListed ? { list: () => this.#list() } : {}), ...external },
      ...(parents === undefined ? {} : { parents }),
      ...(isIngested ? { toSpec: () => ({}) } : {}),
    } as unknown as Resource;
    this.sweeper = new Sweeper({
      resource,
      observations: this.observations,
      clock: this.clock,
      budget,
      connection: () => this.isConnected ? connection : blocked,
      bound: () => this.bound,
      keys: () => [...this.bound.values()].flat(),
      ...(parents === undefined ? {} : { parents }),
      heldBy: () => undefined,
      enqueue: (key) => this.queued.push(key),
      inspect: (listed) => this.inspected.push([...listed.keys()]),
      ingest: (listed) => {
        this.ingested.push([...listed.keys()]);
        return Promise.resolve();
      },
      baselineMs: BASELINE,
      intervalMs: options.intervalMs,
      random: () => 0.5,
    });
  }

  async *#list(): AsyncGenerator<External[]> {
    this.lists++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.listing);
    try {
      for (const page of this.pages) {
        await this.gate;
        if (page instanceof Error) throw page;
        yield Object.entries(page).map(([id, value]) => ({ id, observed: { value } }));
      }
    } finally {
      this.listing--;
    }
  }

  /** Returns the keys that were queued since the last call. */
  take(): string[] {
    const queued = this.queued.sort();
    this.queued = [];
    return queued;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sweeper.stop();
    assert.equal(this.clock.pending, 0, "no timer is left");
  }
}
