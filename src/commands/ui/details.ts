/**
 * Everything that the page shows of one object: conditions, the plan that waits, runs and tasks, Events, and the
 * manifest.
 *
 * @module
 */
import { stringify } from "yaml";
import { isObject } from "../../base/json.ts";
import { escapeControls, shorten } from "../../base/text.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { statusOf } from "../../reconcile/object/status.ts";
import { approveCommand } from "../../reconcile/pass/approve/policy.ts";
import { databricksRun } from "../../resources/databricks_run.ts";
import type { Board, ShownKind } from "./board.ts";
import { isRepair, newestEvents } from "./events.ts";
import { rowKey, rowOf, shown, webAddress } from "./rows.ts";
import type { Detail, EventView, PlanView, RunView, TaskView } from "./shapes.ts";

/** The number of runs and Events beside an object, and of repairs of all objects. */
const [MAX_RUNS, MAX_EVENTS, MAX_REPAIRS] = [20, 50, 200];
/** The longest manifest that is shown (characters). */
const MAX_SPEC = 100_000;
/** A name of an object or namespace (RFC 1123), and a plan's digest: safe to use in a command as they are. */
const [NAME, DIGEST] = [/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, /^[0-9a-f]{16}$/];

type Fields = Readonly<Record<string, unknown>>;

/** The details of the object with a key; `undefined` when it is gone. */
export function detailOf(board: Board, key: string): Detail | undefined {
  const found = board.find(key);
  if (found === undefined) return undefined;
  const { kind, object } = found;
  const { id, url, conditions = [] } = statusOf(object);
  const ofIt = board.events().filter(({ involvedObject }) => involvedObject.uid === object.metadata.uid);
  return {
    row: rowOf(kind.kind, object),
    created: object.metadata.creationTimestamp ?? "",
    id: shown(id),
    url: webAddress(url),
    conditions: conditions.map(({ type, status, reason, message, lastTransitionTime: since }) => //
    ({
      type: shown(type),
      status: shown(status),
      reason: shown(reason),
      message: shown(message),
      since: shown(since),
    })),
    plan: planOf(kind, object),
    runs: runsOf(board, kind, object),
    tasks: tasksOf(object),
    events: newestEvents(ofIt, MAX_EVENTS),
    spec: textOf(object.spec),
  };
}

/** The newest repairs of all objects. */
export function repairsOf(board: Board): EventView[] {
  return newestEvents(board.events().filter(isRepair), MAX_REPAIRS);
}

function planOf({ singular }: ShownKind, object: KubeObject): PlanView | undefined {
  const { plan } = statusOf(object);
  if (plan?.digest === undefined) return undefined;
  const { name = "", namespace = "" } = object.metadata;
  const isPlain = NAME.test(name) && NAME.test(namespace) && DIGEST.test(plan.digest);
  return {
    action: shown(plan.action),
    cause: shown(plan.cause),
    since: shown(plan.since),
    summary: shown(plan.summary),
    destructive: shown(plan.destructive),
    cost: shown(plan.cost),
    total: plan.total ?? 0,
    changes: (plan.changes ?? []).map(({ path, from, to }) => ({
      path: shown(path),
      from: shown(from),
      to: shown(to),
    })),
    command: isPlain ? approveCommand({ singular, name, namespace, digest: plan.digest }) : undefined,
  };
}

/** The newest runs of a job or pipeline, or a DatabricksRun itself, the newest first. */
function runsOf(board: Board, { kind }: ShownKind, object: KubeObject): RunView[] {
  if (kind === databricksRun.kind) return [runOf(object)];
  const reference = REFERENCES[kind];
  if (reference === undefined) return [];
  const { namespace, name } = object.metadata;
  const runs = board.ofKind(databricksRun.kind).filter(({ metadata, spec = {} }) =>
    metadata.namespace === namespace && isObject(spec[reference]) && spec[reference].name === name
  ).map(runOf);
  const urls = new Set(runs.map(({ url }) => url));
  const latest = latestOf(object).filter(({ url }) => !urls.has(url));
  return [...runs, ...latest].sort((a, b) => b.started < a.started ? -1 : 1).slice(0, MAX_RUNS);
}

/** The field of a run's manifest that names an object of a kind. */
const REFERENCES: Readonly<Record<string, string>> = { DatabricksJob: "job_ref", DatabricksPipeline: "pipeline_ref" };

function runOf(object: KubeObject): RunView {
  const status: Fields = object.status ?? {};
  const { termination } = status;
  return {
    key: rowKey(databricksRun.kind, object),
    name: shown(object.metadata.name),
    phase: shown(status.phase) || "Pending",
    started: shown(status.start_time),
    ended: shown(status.completion_time),
    message: isObject(termination) ? shown(termination.message) : "",
    url: webAddress(status.url),
  };
}

/** The newest run of a job, which may have been started outside of Kubernetes. */
function latestOf({ status = {} }: KubeObject): RunView[] {
  const { latest_run: run, latest_run_state: state } = status;
  if (!isObject(run) || !isObject(state)) return [];
  return [{
    name: `run ${shown(run.run_id)}`,
    phase: shown(state.result_state) || shown(state.life_cycle_state),
    started: shown(run.start_time),
    ended: shown(run.end_time),
    message: shown(state.state_message),
    url: webAddress(run.url),
  }];
}

function tasksOf({ status = {} }: KubeObject): TaskView[] {
  const tasks = Array.isArray(status.tasks) ? status.tasks.filter(isObject) : [];
  return tasks.map(({ key, phase, error, code, url }) => //
  ({ key: shown(key), phase: shown(phase), message: shown(error) || shown(code), url: webAddress(url) }));
}

/** A manifest's spec as YAML, with each line escaped for display. */
function textOf(spec: unknown): string {
  return shorten(stringify(spec ?? {}, { lineWidth: 0 }), MAX_SPEC).split("\n").map(escapeControls).join("\n");
}
