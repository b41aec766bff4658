/**
 * Runs the operator against a simulated cluster until it has reported on each object. The plans, and their digests, are
 * those of the operator in the cluster, since the same code makes them from the same state.
 *
 * @module
 */
import { systemClock } from "../../base/clock.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { conditionOf } from "../../reconcile/object/conditions.ts";
import { statusOf } from "../../reconcile/object/status.ts";
import { Operator, type OperatorOptions } from "../../reconcile/operator.ts";
import type { MadePlan } from "../../reconcile/pass/approve/admit.ts";
import { DEFAULT_CONFIG_MAP } from "../../reconcile/connect/settings.ts";
import type { Resource } from "../../resource.ts";
import { environment, readFile } from "../workspace.ts";
import type { PaperCluster } from "./paper_cluster.ts";
import { IdsToCome } from "./ids_to_come.ts";
import type { Subject } from "./subjects.ts";

/** The operator's report on an object. */
export type Said =
  | { readonly is: "open"; readonly message: string }
  | { readonly is: "plan"; readonly plan: MadePlan }
  | { readonly is: "same"; readonly message: string }
  | { readonly is: "awaits"; readonly message: string }
  | { readonly is: "blocked"; readonly reason: string; readonly message: string };

/** Options of {@link rehearse}. */
export interface RehearseOptions {
  readonly paper: PaperCluster;
  readonly subjects: readonly Subject[];
  /** The kinds of the subjects, and of the objects that they refer to. */
  readonly resources: readonly Resource[];
  readonly transport: OperatorOptions["transport"];
  /** The workspace's host. */
  readonly host: string;
  /** The time after which unfinished plans count as failed (ms). */
  readonly timeoutMs: number;
  /** True if referenced objects may be in a cluster that is not read. */
  readonly isOffline: boolean;
  /** The first refused write, which is a defect. */
  readonly refused: () => string | undefined;
  /** Called with the number of objects that have a report. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** The reports on all objects. */
export interface Rehearsed {
  readonly said: ReadonlyMap<Subject, Said>;
  readonly toCome: IdsToCome;
}

/** When all objects have a report, nothing must be written for this long (ms). */
const QUIET = 300;
/** The same, while an object may still notice that its references are ready (ms). */
const PATIENCE = 3000;
/** Problems that often pass. */
const PASSING = [
  "Unavailable",
  "RateLimited",
  "ExternalBusy",
  "ExternalConflict",
  "KubernetesError",
  "ApiServerUnreachable",
  "InternalError",
];

/** Runs the operator until all objects have a report. */
export async function rehearse(options: RehearseOptions): Promise<Rehearsed> {
  const { paper, subjects, resources, transport } = options;
  const plans = new Map<string, MadePlan>();
  const operator = new Operator({
    client: paper.client,
    namespaces: [...new Set(subjects.map(({ namespace }) => namespace))],
    configMapName: DEFAULT_CONFIG_MAP,
    transport,
    resources,
    allowLoopback: true,
    identity: { readFile, environment, ownProblem: () => undefined, allowManagedIdentity: true },
    onPlan: (plan) => void plans.set(`${plan.subject.kind} ${plan.subject.object}`, plan),
  });
  const toCome = new IdsToCome(options);
  try {
    await operator.start();
    const say = () => new Map(subjects.map((subject) => [subject, saidOf(subject, paper, plans)]));
    return { said: await settle(options, { say, toCome }), toCome };
  } finally {
    await operator.stop({ graceMs: 0 });
  }
}

interface Settling {
  readonly say: () => Map<Subject, Said>;
  readonly toCome: IdsToCome;
}

async function settle(
  { paper, timeoutMs, refused, onProgress }: RehearseOptions,
  { say, toCome }: Settling,
): Promise<Map<Subject, Said>> {
  const end = systemClock.monotonic() + timeoutMs;
  while (true) {
    const isQuiet = await quietFor(paper, isAnyRipe(say(), paper) ? PATIENCE : QUIET, end);
    const write = refused();
    if (write !== undefined) {
      throw new Error(`A plan was about to write (${write}), and was stopped: report this defect`);
    }
    const said = say();
    onProgress?.([...said.values()].filter(({ is }) => is !== "open").length);
    const isOver = systemClock.monotonic() >= end;
    if (isOver) return said;
    if (!isQuiet || [...said.values()].some(({ is }) => is === "open")) continue;
    // Objects that wait for an id continue with a stand-in for it, until no waiting object can continue.
    if (!toCome.supply(said)) return said;
  }
}

/** Waits until nothing was written for this long. @returns false if something was. */
async function quietFor(paper: PaperCluster, ms: number, end: number): Promise<boolean> {
  const ended = new AbortController();
  const rest = Math.max(0, Math.min(ms, end - systemClock.monotonic()));
  const quiet = systemClock.sleep(rest, ended.signal).then(() => true, () => true);
  const isQuiet = await Promise.race([quiet, paper.changed().then(() => false)]);
  ended.abort();
  return isQuiet;
}

/** True while an object waits for one that is Ready in the simulated cluster, and will notice. */
function isAnyRipe(said: ReadonlyMap<Subject, Said>, paper: PaperCluster): boolean {
  const isReady = ({ resource, namespace, name }: Subject) => {
    const object = paper.get(resource.plural, namespace, name);
    return object !== undefined && conditionOf(statusOf(object).conditions, "Ready")?.status === "True";
  };
  return [...said.values()].some(({ is }) => is === "awaits") && [...said.keys()].some(isReady);
}

function saidOf(subject: Subject, paper: PaperCluster, plans: ReadonlyMap<string, MadePlan>): Said {
  const { resource, namespace, name, key } = subject;
  const object = paper.get(resource.plural, namespace, name);
  if (object === undefined) return { is: "same", message: "" };
  const status = statusOf(object);
  const plan = plans.get(`${resource.kind} ${key}`);
  if (status.plan !== undefined && plan?.digest === status.plan.digest) return { is: "plan", plan };
  return conditionsSay(object);
}

function conditionsSay(object: KubeObject): Said {
  const { conditions } = statusOf(object);
  const [ready, synced, drifted] = ["Ready", "Synced", "Drifted"].map((type) => conditionOf(conditions, type));
  if (synced?.status === "False" && synced.reason !== "PlanPending") {
    const { reason, message } = synced;
    if (reason === "Paused") return { is: "same", message };
    if (reason === "ReferenceNotReady") return { is: "awaits", message };
    const isFinal = conditionOf(conditions, "Stalled")?.status === "True" || !PASSING.includes(reason);
    return isFinal ? { is: "blocked", reason, message } : { is: "open", message };
  }
  if (drifted?.status === "True") return { is: "same", message: drifted.message };
  if (synced?.status === "True") return { is: "same", message: ready?.status === "True" ? "" : ready?.message ?? "" };
  return { is: "open", message: ready?.message ?? "nothing was answered yet" };
}
