/**
 * One kind in the places that share a view: the observations of Databricks, and the sweeps and polls that refresh
 * them.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { nameOf, namespaceOf, type ObjectKey } from "../base/object_key.ts";
import type { EventRecorder } from "../kubernetes/events.ts";
import type { Run, RunNews, Runs } from "../resource.ts";
import { logger } from "../telemetry/log.ts";
import type { EventReason } from "./object/reasons.ts";
import type { Blocked, WorkspaceConnection } from "./connect/workspace_connection.ts";
import type { KindState } from "./kind_state.ts";
import type { Place } from "./object/place.ts";
import { ownershipOf, statusOf } from "./object/status.ts";
import { Refusals } from "./observe/ingest.ts";
import type { Ingester } from "./observe/ingester.ts";
import { Observations } from "./observe/observations.ts";
import { PartReads } from "./observe/part_reads.ts";
import { RunningMeter } from "./observe/running.ts";
import type { SweepBudget } from "./observe/sweep_budget.ts";
import { Sweeper } from "./observe/sweep.ts";
import type { Timings } from "./pass/context.ts";
import { Actives } from "./runs/actives.ts";
import type { RunFeed } from "./runs/feed.ts";
import { RunPoller } from "./runs/poller.ts";
import type { Shareable } from "./shared_by_view.ts";

const log = logger("runs");

/** Options of a {@link KindInPlace}. */
export interface KindInPlaceOptions {
  readonly state: KindState;
  readonly ingester: Ingester;
  /** The places that share it, by name. */
  readonly members: () => readonly Place[];
  /** Their common connection, or the reason why there is none. */
  readonly connection: () => WorkspaceConnection | Blocked;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly events: EventRecorder<EventReason>;
  readonly timings: Timings;
  readonly sweepBudget: SweepBudget;
}

/** One kind in one place, or in several places with the same view. */
export class KindInPlace implements Shareable<KindInPlace> {
  readonly observations: Observations;
  readonly partReads: PartReads;
  readonly refusals: Refusals;
  readonly sweeper: Sweeper;
  readonly #poller: RunPoller | undefined;
  /** Reads resources that have not ended, for a kind that happens once. */
  readonly actives: Actives | undefined;
  readonly #state: KindState;
  readonly #running: RunningMeter | undefined;

  constructor(options: KindInPlaceOptions) {
    const { state, clock, timings } = options;
    this.#state = state;
    this.observations = new Observations(state.resource);
    this.partReads = new PartReads(clock, timings.settleMs);
    this.refusals = new Refusals(clock);
    this.#running = newRunningMeter(options);
    this.sweeper = this.#newSweeper(options);
    const { runs } = state.resource;
    this.#poller = runs && newPoller(runs, options);
    this.actives = newActives(options);
  }

  /** The newest runs, for a kind with runs. */
  get runs(): RunFeed | undefined {
    return this.#poller?.feed;
  }

  /** Reads the newest runs, or the resources that have not ended, now. */
  pollRuns(): void {
    this.#poller?.kick();
    this.actives?.kick();
  }

  start(): void {
    this.sweeper.start();
    this.#poller?.start();
    this.actives?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.sweeper.stop(), this.#poller?.stop(), this.actives?.stop()]);
    this.#state.twins.forget(this.observations);
  }

  adopt(other: KindInPlace): void {
    this.observations.adopt(other.observations);
  }

  #newSweeper(options: KindInPlaceOptions): Sweeper {
    const { state, ingester, members, connection, clock, timings, sweepBudget: budget } = options;
    const { observations, partReads } = this;
    const { claims, twins } = state;
    const keys = () => members().flatMap((place) => claims.keys(place));
    return new Sweeper({
      resource: state.resource,
      observations,
      clock,
      budget,
      connection,
      bound: () => state.bound(members()),
      keys,
      dueParts: () => partReads.next(keys()),
      parents: () => members().flatMap((place) => state.parents(place)),
      heldBy: (uid) => claims.heldBy(uid),
      keepsCase: (host) => claims.keepsCase(host),
      enqueue: (key) => state.enqueue(key, "low"),
      inspect: (listed, since, connection) => {
        const { requeueIntervalMs: intervalMs } = connection.settings;
        this.#running?.look({ listed, bound: state.bound(members()), intervalMs });
        const changed = twins.look({ listed: listed.values(), since, connection, observations });
        for (const key of changed) state.enqueue(key, "low");
      },
      ingest: (listed, since, connection) => ingester.ingest(listed, since, connection),
      baselineMs: timings.baselineMs,
      intervalMs: timings.sweepMs,
    });
  }
}

function newRunningMeter({ state, clock, metrics }: KindInPlaceOptions): RunningMeter | undefined {
  const { resource: { kind, isRunning } } = state;
  return isRunning && new RunningMeter({
    clock,
    isRunning: (key, observed) => {
      const object = state.get(key);
      if (object === undefined || ownershipOf(object) !== "operator") return undefined;
      const desired = state.desiredOf(object);
      return desired && isRunning(observed, desired);
    },
    add: (key, seconds) => metrics.running.add({ kind, namespace: namespaceOf(key), name: nameOf(key) }, seconds),
  });
}

function newPoller(runs: Runs, options: KindInPlaceOptions): RunPoller {
  const { state, members, connection, clock, metrics } = options;
  return new RunPoller({
    runs,
    clock,
    connection,
    *jobs() {
      for (const place of members()) yield* state.claims.ids(place);
    },
    onEnded: (_run, seconds) => {
      if (seconds !== undefined) metrics.runEnded(seconds);
    },
    known: (jobId) => {
      const objects = (state.bound(members()).get(jobId) ?? []).flatMap((key) => state.get(key) ?? []);
      const all = objects.flatMap((object) => runs.known({ ...statusOf(object) }) ?? []);
      return all.sort((a, b) => b.startedAt - a.startedAt)[0];
    },
    onNews: (run, news) => {
      for (const key of state.bound(members()).get(run.jobId) ?? []) reportEnd(options, { key, run, news });
    },
    onChange: (ids) => {
      for (const [id, keys] of state.bound(members())) {
        if (ids.has(id)) keys.forEach((key) => state.enqueue(key, "low"));
      }
    },
  });
}

function newActives({ state, members, connection, clock }: KindInPlaceOptions): Actives | undefined {
  const { active } = state.resource.once ?? {};
  const goesOn = (key: ObjectKey) => {
    const object = state.get(key);
    return object !== undefined && statusOf(object).final !== true;
  };
  return active && new Actives({
    active,
    clock,
    connection,
    wanted: () =>
      new Map(
        [...state.bound(members())].map(([id, keys]) => [id, keys.filter(goesOn)] as const)
          .filter(([, keys]) => keys.length > 0),
      ),
    enqueue: (key) => state.enqueue(key, "low"),
  });
}

/** Reports the end of a run to the object whose run it was. */
function reportEnd(
  { state, metrics, events }: KindInPlaceOptions,
  { key, run, news }: { readonly key: ObjectKey; readonly run: Run; readonly news: RunNews },
): void {
  const object = state.get(key);
  if (object === undefined) return;
  const { type, reason, message, result } = news;
  events.record(object, type, reason, message);
  // A requested run may end while a newer run is the latest one, which would otherwise be the only reason to queue the
  // object.
  state.enqueue(key, "low");
  const seconds = run.endedAt === undefined || run.startedAt === 0 ? undefined : (run.endedAt - run.startedAt) / 1000;
  metrics.runFinished({ namespace: object.metadata.namespace ?? "", result, seconds });
  const fields = { kind: state.resource.kind, object: key, run: run.runId, result };
  log[type === "Normal" ? "info" : "warning"](`${state.resource.kind} ${key}: ${message}`, fields);
}
