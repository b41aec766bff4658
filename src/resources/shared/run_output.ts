/**
 * Reads a run: all of its pages, and the output of its tasks, limited in size.
 *
 * @module
 */
import * as z from "zod";
import { DatabricksError, InvalidRequestError } from "../../databricks/errors.ts";
import { int64, openEnum } from "../../databricks/primitives.ts";
import { absentRun, phaseOf, tasksOf, type TaskTold } from "../../databricks/answers/runs.ts";
import { endpoint, type Workspace } from "../../resource.ts";
import { isEnded, type ObservedRun, type Output as TaskOutput } from "./run_telling.ts";

/** The number of failed tasks whose errors are read. */
const MAX_ERRORS = 3;
/** The longest error in status (characters). */
const MAX_ERROR = 1024;
/** The number of tasks whose output is read. */
const MAX_OUTPUTS = 10;
/** The default limit of the output in the status (bytes), and its maximum. */
const DEFAULT_BYTES = 4096;
const MOST_BYTES = 65_536;

/** The output that a manifest requests. */
export const Output = z.looseObject({
  collect: openEnum(["none", "errors", "all"])
    .describe("none; errors: errors of failed tasks (the default); all: also results and printed output").optional(),
  max_bytes: int64.describe(`The maximum number of bytes; ${DEFAULT_BYTES} by default, at most ${MOST_BYTES}`)
    .optional(),
}).meta({ typeName: "jobs.RunOutputSpec" });

type Asked = z.infer<typeof Output>;

/** The calls that read a run. */
export const runEndpoints = {
  get: endpoint("GET /api/{jobs_api_version}/jobs/runs/get", { errors: [absentRun] }),
  output: endpoint("GET /api/{jobs_api_version}/jobs/runs/get-output", { errors: [absentRun] }),
};

/**
 * Reads a run; `undefined` if there is none.
 *
 * @param asked The wanted output, once it has ended; by default none.
 */
export async function observeRun(workspace: Workspace, id: string, asked?: Asked): Promise<ObservedRun | undefined> {
  const query = { run_id: id, include_history: true };
  const run = await workspace.tryCall(runEndpoints.get, query) as ObservedRun | undefined;
  if (run === undefined) return undefined;
  const tasks = Array.isArray(run.tasks) ? [...run.tasks] : [];
  const history = Array.isArray(run.repair_history) ? [...run.repair_history] : [];
  const seen = new Set<unknown>();
  for (let token = run.next_page_token; token && !seen.has(token);) {
    seen.add(token);
    const page = await workspace.tryCall(runEndpoints.get, { ...query, page_token: token });
    if (Array.isArray(page?.tasks)) tasks.push(...page.tasks);
    if (Array.isArray(page?.repair_history)) history.push(...page.repair_history);
    token = page?.next_page_token;
  }
  const whole: ObservedRun = { ...run, tasks, repair_history: history };
  return asked === undefined || !isEnded(whole) ? whole : { ...whole, ...await saidBy(workspace, whole, asked) };
}

/** Returns the output of tasks. The run's end is known even if its output is not available. */
async function saidBy(
  workspace: Workspace,
  run: ObservedRun,
  { collect = "errors", max_bytes }: Asked,
): Promise<Pick<ObservedRun, "errors" | "output" | "isCut">> {
  if (collect === "none") return {};
  const tasks = tasksOf(run).filter(({ run_id }) => run_id !== undefined);
  const failed = tasks.filter(({ phase }) => phase === "Failed").slice(0, MAX_ERRORS);
  const wanted = collect === "all" ? tasks.slice(0, MAX_OUTPUTS) : phaseOf(run) === "Failed" ? failed : [];
  const answers = new Map<TaskTold, Record<string, unknown>>();
  let isCut = false;
  for (const task of wanted) {
    const answer = await outputOf(workspace, task);
    if (answer === "refused") isCut = true;
    else if (answer !== undefined) answers.set(task, answer);
  }
  const errors = [...answers].flatMap(([{ run_id = "" }, { error }]) =>
    typeof error === "string" && error !== "" ? [[run_id, error.slice(0, MAX_ERROR)]] : []
  );
  const room = Math.min(MOST_BYTES, Math.max(0, Number(max_bytes ?? DEFAULT_BYTES)));
  return {
    ...(isCut ? { isCut } : {}),
    errors: Object.fromEntries(errors),
    ...(collect === "all" ? { output: cut([...answers].flatMap(([task, answer]) => textOf(task, answer)), room) } : {}),
  };
}

/** The output of a task; `undefined` if its type has none, `refused` if it may be readable later. */
async function outputOf(
  workspace: Workspace,
  { run_id }: TaskTold,
): Promise<Record<string, unknown> | "refused" | undefined> {
  try {
    return await workspace.tryCall(runEndpoints.output, { run_id }) ?? "refused";
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    if (error instanceof DatabricksError) return "refused";
    throw error;
  }
}

/** Returns the return value of a task, or what it printed. */
function textOf({ key }: TaskTold, { notebook_output, logs, logs_truncated }: Record<string, unknown>) {
  const notebook = (notebook_output ?? {}) as { result?: unknown; truncated?: unknown };
  if (typeof notebook.result === "string") {
    return [{ key, text: notebook.result, truncated: notebook.truncated === true }];
  }
  return typeof logs === "string" && logs !== "" ? [{ key, text: logs, truncated: logs_truncated === true }] : [];
}

/** As much as fits (bytes of UTF-8), the first tasks first; no character is split. */
function cut(outputs: readonly { key: string; text: string; truncated: boolean }[], room: number): TaskOutput[] {
  let left = room;
  return outputs.map(({ key, text, truncated }) => {
    const { read, written } = new TextEncoder().encodeInto(text, new Uint8Array(left));
    left -= written;
    const isCut = truncated || read < text.length;
    return { key, text: text.slice(0, read), ...(isCut ? { truncated: true } : {}) };
  });
}
