/**
 * `runs`: the newest runs of a namespace, with phase, times and the first failed task. Docs: docs/commands.md.
 *
 * It reads the DatabricksRun objects, so it lists only runs that were requested in Kubernetes.
 *
 * @module
 */
import type { KubeObject } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { databricksRun } from "../resources/databricks_run.ts";
import { allObjects } from "./all_objects.ts";
import { type NamespaceOptions, namespacesOf } from "./namespaces.ts";
import { structured } from "./structured.ts";
import { table } from "./table.ts";

/** The options of the command line. */
export interface RunsOptions extends NamespaceOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** The number of runs to list. */
  readonly limit: number;
  readonly output: "text" | "json" | "yaml" | "name";
}

/** A run, as its object shows it. */
export interface RunRow {
  readonly namespace: string;
  readonly name: string;
  /** The DatabricksJob or DatabricksPipeline that runs; empty for a one-off run. */
  readonly of: string;
  readonly phase: string;
  readonly started: string;
  /** `2m5s`; for a run that has not ended, the time until now. */
  readonly duration: string;
  /** The first failed task, or the reason why the run does not proceed. */
  readonly message: string;
  readonly url: string;
}

/** Runs the command for the runs of a job, or for all, and returns the exit code. */
export async function runs(job: string | undefined, options: RunsOptions): Promise<number> {
  const { client, namespace } = await connect({ kubeconfig: options.kubeconfig, context: options.context });
  const asked = namespacesOf(options, options.namespace ?? namespace);
  const objects = await Array.fromAsync(allObjects(client, asked, [databricksRun]), ([, object]) => object);
  const now = Date.now();
  const rows = objects.sort((a, b) => createdAt(b) - createdAt(a)).map((object) => rowOf(object, now))
    .filter(({ of }) => job === undefined || of === job).slice(0, options.limit);
  print(rows, options);
  return 0;
}

function createdAt({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp ?? "") || 0;
}

interface RunStatus {
  readonly phase?: string;
  readonly url?: string;
  readonly start_time?: string;
  readonly completion_time?: string;
  readonly termination?: { readonly message?: string };
  readonly tasks?: readonly {
    readonly key?: string;
    readonly phase?: string;
    readonly error?: string;
    readonly code?: string;
  }[];
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
}

/**
 * A row of the table; `now` is in ms since the epoch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rowOf } from "./runs.ts";
 *
 * const status = { phase: "Running", start_time: "2026-01-01T00:00:00Z" };
 * const { of, phase, duration } = rowOf(
 *   { metadata: { name: "a", namespace: "team" }, spec: { job_ref: { name: "etl" } }, status },
 *   Date.parse("2026-01-01T00:02:05Z"),
 * );
 * assert.deepEqual([of, phase, duration], ["etl", "Running", "2m5s"]);
 * ```
 */
export function rowOf({ metadata, spec = {}, status }: KubeObject, now: number): RunRow {
  const { phase = "", url = "", start_time: started = "", completion_time: ended, ...rest } =
    (status ?? {}) as RunStatus;
  const failed = rest.tasks?.find((task) => task.phase === "Failed");
  const ready = rest.conditions?.find(({ type }) => type === "Ready");
  const hindrance = phase === "" || phase === "Pending" ? ready?.message : rest.termination?.message;
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    of: nameIn(spec.job_ref) ?? nameIn(spec.pipeline_ref) ?? (spec.job_id === undefined ? "" : String(spec.job_id)),
    phase: phase || "Unknown",
    started,
    duration: started === "" ? "" : lengthOf((ended === undefined ? now : Date.parse(ended)) - Date.parse(started)),
    message: failed === undefined
      ? hindrance ?? ""
      : [failed.key, failed.error ?? failed.code].filter(Boolean).join(": "),
    url,
  };
}

function nameIn(reference: unknown): string | undefined {
  return (reference as { name?: string } | undefined)?.name;
}

/** A duration (ms) in kubectl's format. */
function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}

function print(rows: readonly RunRow[], { output }: RunsOptions): void {
  if (output === "json" || output === "yaml") return console.log(structured(rows, output));
  if (output === "name") return rows.forEach(({ name }) => console.log(`${databricksRun.singular}/${name}`));
  if (rows.length === 0) return console.log("No runs: create a DatabricksRun, see docs/runs.md");
  const columns = ["NAMESPACE", "NAME", "OF", "PHASE", "STARTED", "DURATION", "MESSAGE"];
  console.log(
    table(
      columns,
      rows.map(({ namespace, name, of, phase, started, duration, message }) => //
      [namespace, name, of, phase, started, duration, message]),
    ),
  );
}
