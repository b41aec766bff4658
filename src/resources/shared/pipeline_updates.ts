/**
 * Updates of pipelines as runs (Pipelines API 2.0).
 *
 * An update is identified by two ids, its pipeline's and its own: `pipeline/update`. A start takes no token, so after a
 * lost answer the started update is searched for among those that are newer than the ones before it. The API does not
 * document who started an update: its cause, its time and its settings are the evidence.
 *
 * @module
 */
import * as z from "zod";
import { confirmed } from "../../databricks/confirmed.ts";
import { isSameUser, knownUser } from "../../databricks/current_user.ts";
import { DatabricksError, InvalidRequestError, PostponedError } from "../../databricks/errors.ts";
import { PipelinesStartUpdate } from "../../databricks/types.ts";
import {
  endIn,
  eventsAbout,
  firstError,
  isContinuous,
  isSameSetting,
  isUpdateOver,
  runOfUpdate,
  shownUpdates,
  updateIn,
  updateTime,
} from "../../databricks/answers/updates.ts";
import {
  type Attempt,
  CLOCK_SKEW_MS,
  endpoint,
  type External,
  type FindContext,
  isDuring,
  type Problem,
  type Quirk,
  type Workspace,
} from "../../resource.ts";
import type { ObservedRun } from "./run_telling.ts";

/**
 * The accepted difference (ms) between Databricks' clock and the cluster's for an object without a sign of a start: its
 * whole state may have been restored. With a larger one, an update that somebody started just before the object was
 * created would match.
 */
const FIRST_SKEW_MS = 1_000;
/** Rows per page. */
const PAGE = 100;
/** The longest error in status (characters). */
const MAX_ERROR = 1024;

const { pipeline_id: _pipeline, cause: _cause, ...updateFields } = PipelinesStartUpdate.shape;

/** The settings of an update in a manifest. */
export const PipelineUpdate = z.looseObject(updateFields).meta({ typeName: "pipelines.UpdateSpec" });

type Fields = Record<string, unknown>;
type Settings = z.infer<typeof PipelineUpdate>;

/** The part of a run's manifest that concerns a pipeline. */
export interface PipelineAsked {
  readonly pipeline_id?: string | undefined;
  readonly update?: Settings | undefined;
}

const absent: Quirk = {
  why: "databricks/cli waits for this text after the deletion of a pipeline; updates are assumed to say the same",
  message: /specified (pipeline|update) \S+ was not found/i,
  means: "absent",
};

const isActive: Quirk = {
  why:
    "A start fails while another update is active (docstring of the SDK, 0.162.0: start_update); the code is undocumented",
  message: /\bactive update\b|\bupdate\b.*\b(already (active|running)|in progress)\b/i,
  means: "busy",
};

/** The calls that start, follow and stop updates. */
export const updateEndpoints = {
  getPipeline: endpoint("GET /api/2.0/pipelines/{pipeline_id}", { errors: [absent] }),
  getUpdate: endpoint("GET /api/2.0/pipelines/{pipeline_id}/updates/{update_id}", { errors: [absent] }),
  listUpdates: endpoint("GET /api/2.0/pipelines/{pipeline_id}/updates", { items: "updates" }),
  startUpdate: endpoint("POST /api/2.0/pipelines/{pipeline_id}/updates", { errors: [absent, isActive] }),
  // It is not repeatable: it stops whichever update is active by then.
  stopUpdate: endpoint("POST /api/2.0/pipelines/{pipeline_id}/stop", { errors: [absent] }),
  listEvents: endpoint("GET /api/2.0/pipelines/{pipeline_id}/events", { items: "events" }),
};

/** The two ids in the id of an update; `undefined` for the id of a run of the Jobs API. */
function idsOf(id: string): { pipeline_id: string; update_id: string } | undefined {
  const [pipeline_id = "", update_id] = id.split("/");
  return update_id === undefined ? undefined : { pipeline_id, update_id };
}

/** True for the id of an update. */
export function isUpdate(id: string): boolean {
  return idsOf(id) !== undefined;
}

/** The page of an update in the web application. */
export function updateUrl(host: string, id: string): string {
  const { pipeline_id, update_id } = idsOf(id) ?? {};
  return `${host}/pipelines/${pipeline_id}/updates/${update_id}`;
}

/**
 * Reads an update as a run; `undefined` if there is none.
 *
 * @param asked The wanted errors, once it has ended; by default none.
 */
export async function observeUpdate(
  workspace: Workspace,
  id: string,
  asked?: { readonly collect?: unknown },
): Promise<ObservedRun | undefined> {
  const ids = idsOf(id);
  const answer = ids && await workspace.tryCall(updateEndpoints.getUpdate, ids);
  if (ids === undefined || answer === undefined) return undefined;
  const update = updateIn(answer);
  const run = toRun(workspace, ids.pipeline_id, { ...update, update_id: ids.update_id });
  return asked === undefined || !isUpdateOver(update) ? run : await withEnd(workspace, run, asked);
}

function toRun({ host }: Workspace, pipeline_id: string, update: Fields): ObservedRun {
  return runOfUpdate(update, { pipeline_id, url: updateUrl(host, `${pipeline_id}/${update.update_id}`) });
}

/** Adds the time of the end and the first error, which only the pipeline's events contain. */
async function withEnd(
  workspace: Workspace,
  run: ObservedRun,
  { collect = "errors" }: { readonly collect?: unknown },
): Promise<ObservedRun> {
  const events = await eventsOf(workspace, run, {});
  if (events === "refused") return { ...run, isCut: true };
  const end_time = endIn(events);
  const ended = end_time === undefined ? run : { ...run, end_time };
  const { state } = run as { state?: Fields };
  if (state?.result_state !== "FAILED" || collect === "none") return ended;
  const errors = firstError(events) === undefined ? await eventsOf(workspace, run, { filter: "level='ERROR'" }) : [];
  if (errors === "refused") return { ...ended, isCut: true };
  const error = firstError(events) ?? firstError(errors);
  return error === undefined ? ended : { ...ended, state: { ...state, state_message: error.slice(0, MAX_ERROR) } };
}

/** The newest events about an update. Its end is known even if they are not available. */
async function eventsOf(
  workspace: Workspace,
  { pipeline_id, run_id }: ObservedRun,
  query: Fields,
): Promise<Fields[] | "refused"> {
  try {
    for await (
      const page of workspace.pages(updateEndpoints.listEvents, { ...query, pipeline_id, max_results: PAGE })
    ) {
      return eventsAbout(run_id, page);
    }
  } catch (error) {
    if (!(error instanceof DatabricksError)) throw error;
    if (!(error instanceof InvalidRequestError)) return "refused";
  }
  return [];
}

/** The updates that a start with these settings may have made, the oldest first. */
export async function findUpdates(
  workspace: Workspace,
  { pipeline_id = "" }: PipelineAsked,
  { since = 0, after, isFirst = false }: FindContext,
): Promise<External<ObservedRun>[]> {
  const from = since - (isFirst ? FIRST_SKEW_MS : CLOCK_SKEW_MS);
  const found: Fields[] = [];
  for await (const page of workspace.pages(updateEndpoints.listUpdates, { pipeline_id, max_results: PAGE })) {
    found.push(...page);
    if (page.length > 0 && page.every((update) => updateTime(update) < from)) break;
  }
  return found
    .filter((update) =>
      typeof update.update_id === "string" && updateTime(update) >= from && updateTime(update) > (after ?? 0)
    )
    .toSorted((a, b) => updateTime(a) - updateTime(b))
    .map((update) => ({
      id: `${pipeline_id}/${update.update_id}`,
      observed: toRun(workspace, pipeline_id, update),
      partial: true,
    }));
}

/** The fields of an update that an answer repeats (pipelines.UpdateInfo). */
const ECHOED = [
  ...["full_refresh", "full_refresh_selection", "full_refresh_selection_by_path", "parameters"] as const,
  ...["refresh_selection", "refresh_selection_by_path", "validate_only"] as const,
] as const;

/** True for an update that the API started during the attempt, with the settings that were sent. */
export async function isOurUpdate(
  workspace: Workspace,
  { observed }: External<ObservedRun>,
  { attempt, asked }: { readonly attempt: Attempt; readonly asked: PipelineAsked },
): Promise<boolean> {
  const { update = {}, start_time } = observed as { update?: Fields; start_time?: number };
  if ((update.cause ?? "API_CALL") !== "API_CALL" || !isDuring(Number(start_time), attempt)) return false;
  if (!ECHOED.every((field) => isSameSetting(update[field], asked.update?.[field]))) return false;
  const by = update.creator_user_name;
  return by === undefined || isSameUser(by, await knownUser(workspace));
}

/** The time of the newest update (ms on Databricks' clock), before one is started; 0 when there is none. */
export async function latestUpdate(workspace: Workspace, { pipeline_id }: PipelineAsked): Promise<number> {
  const pipeline = await workspace.call(updateEndpoints.getPipeline, { pipeline_id });
  return Math.max(0, ...(await newest(workspace, { ...pipeline, pipeline_id })).map(updateTime));
}

/**
 * A pipeline's newest updates, from two sources: the rows in its own answer, and the first page of the list of updates.
 */
async function newest(workspace: Workspace, pipeline: Fields): Promise<Fields[]> {
  const { pipeline_id } = pipeline;
  const rows = shownUpdates(pipeline);
  for await (const page of workspace.pages(updateEndpoints.listUpdates, { pipeline_id, max_results: PAGE })) {
    if (page.length > 0) return [...rows, ...page];
  }
  return rows;
}

/** The reason why no update can be started. @throws {PostponedError} while another one is active. */
export async function updateProblem(
  workspace: Workspace,
  { pipeline_id }: PipelineAsked,
): Promise<Problem | undefined> {
  const pipeline = await workspace.tryCall(updateEndpoints.getPipeline, { pipeline_id });
  if (pipeline === undefined) return undefined;
  if (isContinuous(pipeline)) {
    const message =
      `pipeline ${pipeline_id} is continuous, so an update of it never ends: set continuous: false in its ` +
      `settings, or delete this object`;
    return { reason: "ContinuousPipeline", message };
  }
  const active = (await newest(workspace, { ...pipeline, pipeline_id })).find((row) =>
    row.state !== undefined && !isUpdateOver(row)
  );
  if (active === undefined) return undefined;
  throw new PostponedError(
    `update ${active.update_id} of pipeline ${pipeline_id} is active, and Databricks runs one at a time: this one is ` +
      `started when that has ended`,
  );
}

/** Starts an update, and returns its id. */
export async function startUpdate(workspace: Workspace, { pipeline_id, update = {} }: PipelineAsked): Promise<string> {
  const { update_id } = await workspace.call(updateEndpoints.startUpdate, { ...update, pipeline_id });
  return typeof update_id === "string" && update_id !== "" ? `${pipeline_id}/${update_id}` : "";
}

/**
 * Stops an update. A stop affects whichever update is active, so it is sent only while this is the only one.
 *
 * @throws {PostponedError} while another one is active beside it.
 */
export async function stopUpdate(workspace: Workspace, id: string): Promise<void> {
  const ids = idsOf(id);
  const answer = ids && await workspace.tryCall(updateEndpoints.getUpdate, ids);
  const ours = updateIn(answer);
  if (ids === undefined || answer === undefined || isUpdateOver(ours) || ours.state === "STOPPING") return;
  const rows = await newest(workspace, { pipeline_id: ids.pipeline_id });
  const other = rows.find((row) => row.update_id !== ids.update_id && !isUpdateOver(row));
  if (other !== undefined) {
    throw new PostponedError(
      `update ${other.update_id} of pipeline ${ids.pipeline_id} is active too, and would be stopped`,
    );
  }
  await confirmed(workspace.tryCall(updateEndpoints.stopUpdate, { pipeline_id: ids.pipeline_id }), async () => {
    const now = updateIn(await workspace.tryCall(updateEndpoints.getUpdate, ids));
    return now.state === undefined || now.state === "STOPPING" || isUpdateOver(now);
  });
}

/** True while a pipeline's list of updates contains it. */
export async function isUpdateListed(workspace: Workspace, id: string): Promise<boolean> {
  const { pipeline_id, update_id } = idsOf(id) ?? {};
  if (await workspace.tryCall(updateEndpoints.getPipeline, { pipeline_id }) === undefined) return false;
  for await (const page of workspace.pages(updateEndpoints.listUpdates, { pipeline_id, max_results: PAGE })) {
    if (page.some((row) => row.update_id === update_id)) return true;
  }
  return false;
}

/** The states of active updates, each by a call of its own: no list covers all pipelines. */
export async function* activeUpdates(
  workspace: Workspace,
  ids: readonly string[],
): AsyncIterable<{ id: string; state: string }[]> {
  for (const id of ids) {
    const { state } = updateIn(await workspace.tryCall(updateEndpoints.getUpdate, idsOf(id)));
    yield state === undefined || isUpdateOver({ state }) ? [] : [{ id, state: String(state) }];
  }
}
