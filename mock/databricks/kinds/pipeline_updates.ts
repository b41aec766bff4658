/**
 * The updates of the pipelines of one workspace (Pipelines API 2.0).
 *
 * An update goes CREATED → WAITING_FOR_RESOURCES → INITIALIZING → SETTING_UP_TABLES → RUNNING → COMPLETED when a test
 * sets its state, or by the workspace's clock if `runSeconds` is set. A pipeline has at most one active update.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { paginate } from "../paging.ts";
import { steady } from "../steady.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** An update. */
export type Update = Fields & {
  readonly update_id: string;
  readonly pipeline_id: string;
  readonly number: number;
  readonly creation_time: number;
  readonly cause: string;
  state: string;
};

/** The origin of an update that is not started by a request. */
export interface StartOptions {
  readonly cause?: string;
  readonly creator?: string;
  /** The time of its start (ms since the epoch); by default now. */
  readonly at?: number;
}

/** The states until the end, in order. */
const WAY = ["CREATED", "WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING"];
const ENDS = ["COMPLETED", "FAILED", "CANCELED"];
/** The fields of the request that an update's answers contain (pipelines.UpdateInfo). */
const ECHOED = [
  ...["full_refresh", "full_refresh_selection", "full_refresh_selection_by_path", "parameters"],
  ...["refresh_selection", "refresh_selection_by_path", "validate_only"],
];
/** The number of rows on a page, unless the request sets it. */
const PAGE = 25;

/** True if an update has not ended. */
export function isActive({ state }: Update): boolean {
  return !ENDS.includes(state);
}

/** The updates of pipelines. */
export class PipelineUpdates {
  readonly #context: KindContext;
  readonly #steady: () => number;
  readonly #updates: Update[] = [];
  readonly #events: Fields[] = [];
  readonly #begun = new Map<string, number>();
  readonly #stopped = new Map<string, number>();

  constructor(context: KindContext) {
    this.#context = context;
    this.#steady = steady(context.now);
  }

  /** Begins an update. @throws {ApiError} if another one is active. */
  start(pipeline_id: string, asked: Fields = {}, { cause = "API_CALL", creator, at }: StartOptions = {}): string {
    const active = this.of(pipeline_id).find(isActive);
    if (active !== undefined) throw this.#isActive(active);
    const number = this.#updates.length + 1;
    const update: Update = {
      update_id: `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`,
      pipeline_id,
      number,
      creation_time: at ?? this.#context.now(),
      cause,
      state: "CREATED",
      creator_user_name: creator ?? this.#context.user,
      ...pick(asked, ECHOED),
    };
    this.#updates.push(update);
    this.#begun.set(update.update_id, this.#steady());
    this.#report(update);
    return update.update_id;
  }

  #isActive({ update_id }: Update): ApiError {
    const message = `An active update ${update_id} already exists for this pipeline`;
    return this.#context.doubts.activeUpdate === "400 INVALID_PARAMETER_VALUE"
      ? invalid(message)
      : new ApiError(409, "RESOURCE_CONFLICT", message);
  }

  /** A pipeline's updates, the newest first. */
  of(pipeline_id: string): Update[] {
    this.#advance();
    return this.#updates.filter((update) => update.pipeline_id === pipeline_id).reverse();
  }

  /** Sets the state of an update; a final state may have an error. */
  set(update_id: string, state: string, error?: string): void {
    const update = this.#updates.find((one) => one.update_id === update_id);
    if (update === undefined) throw new Error(`There is no update ${update_id}`);
    update.state = state;
    if (error !== undefined) {
      this.#event(update, { event_type: "flow_progress", level: "ERROR", message: "A flow failed", error });
    }
    this.#report(update);
  }

  /** Removes an update from the history. */
  remove(update_id: string): void {
    const at = this.#updates.findIndex((one) => one.update_id === update_id);
    if (at >= 0) this.#updates.splice(at, 1);
  }

  /** Stops the active update, if there is one. */
  stop(pipeline_id: string): void {
    const active = this.of(pipeline_id).find(isActive);
    if (active === undefined || this.#stopped.has(active.update_id)) return;
    if (this.#context.doubts.cancelEnd === "at once") return this.set(active.update_id, "CANCELED");
    this.#stopped.set(active.update_id, this.#steady());
    this.set(active.update_id, "STOPPING");
  }

  /** @param check Throws the API's error for a missing pipeline. */
  handlers(path: string, check: (id: string) => void): HttpHandler[] {
    const idOf = ({ params }: Call) => {
      const id = params.id ?? "";
      check(id);
      return id;
    };
    return [
      endpoint("get", `${path}/:id/updates`, (call) => this.#list(idOf(call), call)),
      endpoint("post", `${path}/:id/updates`, (call) => ({ update_id: this.start(idOf(call), call.body, call.body) })),
      endpoint("get", `${path}/:id/updates/:update`, (call) => this.#get(idOf(call), call.params.update ?? "")),
      endpoint("post", `${path}/:id/stop`, (call) => this.stop(idOf(call))),
      endpoint("get", `${path}/:id/events`, (call) => this.#listEvents(idOf(call), call)),
    ];
  }

  #list(id: string, { query }: Call): Fields {
    const { doubts, now, listLagMs = 0 } = this.#context;
    const newest = doubts.updateLag === "none" ? Infinity : now() - listLagMs;
    const rows = this.of(id).filter(({ creation_time }) => creation_time <= newest);
    const limit = query.integer("max_results") ?? PAGE;
    const page = paginate(rows, { limit, token: query.text("page_token"), doubts }, ({ number }) => String(number));
    const list = listAnswer("updates", page.items.map((update) => this.#told(update)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #get(pipeline_id: string, update_id: string): Fields {
    const update = this.of(pipeline_id).find((one) => one.update_id === update_id);
    if (update !== undefined) return { update: { ...this.#told(update), mode: "DEFAULT" } };
    const message = `The specified update ${update_id} was not found.`;
    throw this.#context.doubts.missingUpdate === "404" ? notFound(message) : invalid(message);
  }

  #told({ number: _number, creator_user_name, ...update }: Update): Fields {
    return this.#context.doubts.updateCreator === "returned" ? { ...update, creator_user_name } : update;
  }

  #listEvents(pipeline_id: string, { query }: Call): Fields {
    this.#advance();
    const filter = query.text("filter");
    const level = /^level='(\w+)'$/.exec(filter ?? "")?.[1];
    if (filter !== undefined && level === undefined) throw invalid("Invalid filter");
    const events = this.#events.filter(({ origin, level: its }) =>
      (origin as Fields).pipeline_id === pipeline_id && (level === undefined || its === level)
    );
    return { events: events.toReversed().slice(0, query.integer("max_results") ?? PAGE) };
  }

  #report(update: Update, at?: number): void {
    const level = update.state === "FAILED" ? "ERROR" : "INFO";
    const message = `Update ${update.update_id.slice(0, 6)} is ${update.state}.`;
    this.#event(update, { event_type: "update_progress", level, message, ...(at === undefined ? {} : { at }) });
  }

  #event(
    { pipeline_id, update_id }: Update,
    { error, at = this.#context.now(), ...more }: Fields & { error?: string; at?: number },
  ): void {
    this.#events.push({
      id: `event-${this.#events.length + 1}`,
      timestamp: new Date(at).toISOString(),
      origin: { pipeline_id, update_id },
      ...more,
      ...(error === undefined
        ? {}
        : { error: { fatal: true, exceptions: [{ class_name: "Exception", message: error }] } }),
    });
  }

  /** Advances updates to their state at the current time. */
  #advance(): void {
    const { runSeconds, listLagMs = 0 } = this.#context;
    for (const [id, at] of this.#stopped) {
      if (this.#steady() - at < listLagMs) continue;
      this.#stopped.delete(id);
      this.set(id, "CANCELED");
    }
    if (runSeconds === undefined) return;
    for (const update of this.#updates.filter(({ state }) => WAY.includes(state))) {
      this.#move(update, runSeconds * 1000);
    }
  }

  #move(update: Update, durationMs: number): void {
    const elapsed = this.#steady() - (this.#begun.get(update.update_id) ?? 0);
    const state = elapsed >= durationMs ? "COMPLETED" : WAY[Math.floor(elapsed / durationMs * WAY.length)] ?? "RUNNING";
    if (state === update.state) return;
    update.state = state;
    this.#report(update, state === "COMPLETED" ? update.creation_time + durationMs : undefined);
  }
}
