/**
 * The state that all passes of one kind share.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import type { KubeClient } from "../../kubernetes/client.ts";
import type { EventRecorder } from "../../kubernetes/events.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { nameOf, type Resource } from "../../resource.ts";
import type { Connections } from "../connect/connections.ts";
import { seeksUnmarked } from "./identity/found.ts";
import type { IdentityOptions } from "./identity/identity.ts";
import type { Pass } from "./pass.ts";
import type { KindState } from "../kind_state.ts";
import type { Backoff } from "../../base/backoff.ts";
import type { EventReason } from "../object/reasons.ts";
import type { Repairs } from "./write/repairs.ts";
import { formerUids } from "../object/status.ts";
import type { References } from "../object/references.ts";
import type { Secrets } from "../connect/secrets.ts";
import type { Granted, MadePlan } from "./approve/admit.ts";
import type { WaitingPlans } from "./approve/waiting_plans.ts";
import type { Waits } from "./waits.ts";
import { StrangersParts } from "./parts/strangers_parts.ts";
import { MissedParts } from "./parts/missed_parts.ts";
import type { SentValues } from "./manifest/write_only.ts";
import type { Work } from "./work.ts";

/** Delays that tests shorten (ms). */
export interface Timings {
  /**
   * How long after its attempt a create may still take effect, or be missing from lists. It exceeds the time that a
   * server may continue to work for a caller that is gone, after the attempt's own time limit.
   */
  readonly settleMs: number;
  /** How long writes are collected before their results are observed. */
  readonly baselineMs: number;
  /** The time between the two gets that must both miss a resource before it counts as gone. */
  readonly missMs: number;
  /** How long settings, Secrets and similar objects may be missing before a condition reports it. */
  readonly graceMs: number;
  /** How long a deletion waits for missing credentials in a namespace that is being deleted. */
  readonly abandonMs: number;
  /** How long discovery may lag behind the deletion of a CRD, which deletes the objects at once. */
  readonly uninstallMs: number;
  /** The interval between two sweeps, instead of the one that follows from the settings. */
  readonly sweepMs?: number;
}

/** The default timings. */
export const defaultTimings: Timings = {
  settleMs: 120_000,
  baselineMs: 5_000,
  missMs: 5_000,
  graceMs: 5_000,
  abandonMs: 3_000,
  uninstallMs: 1_000,
};

/** Options of a {@link Reconciler}. */
export interface ReconcilerOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder<EventReason>;
  readonly metrics: Metrics;
  readonly connections: Connections;
  readonly secrets: Secrets;
  /** ConfigMaps that manifests refer to. */
  readonly configMaps: Secrets;
  /** The references between objects of all kinds. */
  readonly references: References;
  readonly timings: Timings;
  readonly backoff: Backoff;
  readonly state: KindState;
  /** Called with each plan that waits for an approval. */
  readonly onPlan?: ((plan: MadePlan) => void) | undefined;
}

/** The shared state of one kind's reconciler. */
export interface Context extends ReconcilerOptions {
  readonly sent: SentValues;
  readonly missedParts: MissedParts;
  readonly strangersParts: StrangersParts;
  readonly repairs: Repairs;
  /** Databricks' spellings of values, for all objects of the kind. */
  readonly learned: Set<string>;
  /** The time at which an object's resource was first missed (ms, monotonic), by the object's UID. */
  readonly missedAt: Map<string, number>;
  /** The time at which the operator created an object's resource (ms, monotonic), by the object's UID. */
  readonly madeAt: Map<string, number>;
  /** The time at which an object's deletion was first seen (ms, monotonic), by the object's UID. */
  readonly deletedAt: Map<string, number>;
  /** The id of the resource whose delete was confirmed, by the object's UID. */
  readonly erased: Map<string, string>;
  /** The time at which an object's deletion first lacked credentials (ms, monotonic), by the object's UID. */
  readonly lackedAt: Map<string, number>;
  /** The first search for a possible create: the create's token and the time (ms, monotonic), by the object's UID. */
  readonly soughtAt: Map<string, { readonly token: string; readonly at: number }>;
  /** The time at which the report on an ended resource was first incomplete (ms, monotonic), by the object's UID. */
  readonly cutAt: Map<string, number>;
  /** The plans that wait for approvals. */
  readonly plans: WaitingPlans;
  /** Approvals that have not been carried out yet, by the objects' UIDs. */
  readonly granted: Map<string, Granted>;
  /** The growing delays of objects that wait for slow operations in Databricks. */
  readonly waits: Waits;
}

/** The notes about objects, by their UIDs. */
type Noted = Pick<
  Context,
  "missedAt" | "madeAt" | "deletedAt" | "erased" | "lackedAt" | "soughtAt" | "cutAt" | "missedParts" | "strangersParts"
>;

/** Empty notes about objects, by their UIDs. */
export function noted(): Noted {
  const [missedAt, madeAt, deletedAt] = [new Map(), new Map(), new Map()];
  return {
    missedAt,
    madeAt,
    deletedAt,
    erased: new Map(),
    lackedAt: new Map(),
    soughtAt: new Map(),
    cutAt: new Map(),
    missedParts: new MissedParts(),
    strangersParts: new StrangersParts(),
  };
}

/** Forgets what is noted about an object that is gone. */
export function forgetNotes(context: Context, uid: string): void {
  const { missedAt, madeAt, deletedAt, erased, lackedAt, soughtAt, cutAt, granted } = context;
  for (const notes of [missedAt, madeAt, deletedAt, erased, lackedAt, soughtAt, cutAt, granted]) notes.delete(uid);
  const { sent, missedParts, strangersParts, repairs, waits, plans } = context;
  for (const each of [sent, missedParts, strangersParts, repairs, waits, plans]) each.forget(uid);
}

/** The options of {@link identify} for one object. */
export function identityOptions(work: Work): IdentityOptions {
  const { context, pass, managed: { connection, intent }, here: { sweeper: { marks } } } = work;
  const { host } = connection.workspace;
  const namesakes = marks?.untagged(nameOf(pass.resource, intent.desired) ?? "") ?? [];
  return {
    holders: () => context.state.holders(host, pass.uid),
    owners: () => context.state.holders(host, pass.uid, "operator"),
    isKnown: (uid) => context.state.claims.has(uid),
    knownMs: knownMs(context, pass),
    now: context.clock.now(),
    settleMs: context.timings.settleMs,
    markedIds: [pass.uid, ...formerUids(pass.object)].flatMap((uid) => marks?.idsOf(uid) ?? []),
    hasNamesake: namesakes.length > 0,
    namesakes: seeksUnmarked(pass) ? namesakes : [],
    isBeingMade: (name) => context.state.isBeingMade(name, pass.key),
    listMs: () => listMs(work),
  };
}

/** See {@link IdentityOptions.listMs}. */
function listMs({ context: { soughtAt, timings }, pass, here: { sweeper } }: Work): number {
  const sought = pass.status.pending === undefined ? undefined : soughtAt.get(pass.uid)?.at;
  const from = sought === undefined ? -Infinity : sought + timings.settleMs;
  if (sweeper.marks !== undefined && sweeper.marks.begun >= from) return 0;
  sweeper.kick();
  if (sweeper.failure !== undefined) throw sweeper.failure;
  return timings.missMs;
}

/**
 * How long (ms) it has been known that a create may have happened. It counts from this process's first search for it,
 * on its own clock: the process that began the create may have run on a node whose clock differs by more than the
 * settling time.
 */
function knownMs({ soughtAt, clock }: Context, { uid, status: { pending } }: Pass): number {
  if (pending === undefined) return 0;
  const now = clock.monotonic();
  const known = soughtAt.get(uid);
  if (known?.token === pending.token) return now - known.at;
  soughtAt.set(uid, { token: pending.token, at: now });
  return 0;
}

/** The delay (ms) before the next search for a possible create: short at first, since most appear at once. */
export function nextLookMs({ settleMs, missMs }: Timings, leftMs: number): number {
  return Math.min(leftMs, Math.max(missMs, settleMs - leftMs));
}
