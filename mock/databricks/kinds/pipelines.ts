/**
 * The pipelines of one workspace (Pipelines API 2.0): lists contain only names and states, and a deletion takes time.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { paginate } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import { Collection } from "./collection.ts";
import type { KindContext } from "./context.ts";
import { isActive, PipelineUpdates } from "./pipeline_updates.ts";

type Fields = Record<string, unknown>;
type State = "IDLE" | "FAILED" | "DELETED";
type Pipeline = Fields & { pipeline_id: string; name: string; number: number; spec: Fields };

/** The fields that answers show outside of `spec`. */
const BESIDE = ["run_as", "parameters"];
/** The fields that answers omit. */
const UNTOLD = ["allow_duplicate_names", "dry_run", "expected_last_modified", "pipeline_id"];
/** The defaults (databricks/cli's test server, and terraform-provider-databricks). */
const DEFAULTS: Fields = { channel: "CURRENT", edition: "ADVANCED", continuous: false };
/** The number of rows on a page: the default and the maximum (docstring of the SDK). */
const PAGE = { usual: 25, most: 100 };

/** The number of updates that a pipeline shows. */
const LATEST = 5;

/** The pipelines of one workspace. */
export class Pipelines {
  readonly #context: KindContext;
  readonly #items: Collection<Pipeline>;
  readonly #states = new Map<string, Clocked<State>>();
  /** Deleted pipelines, with true if their tables were deleted too. */
  readonly #cascaded = new Map<string, boolean>();
  readonly updates: PipelineUpdates;
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
    this.updates = new PipelineUpdates(context);
    this.#items = new Collection<Pipeline>({
      noun: "Pipeline",
      id: "pipeline_id",
      name: "name",
      newId: () => `00000000-0000-4000-8000-${String(this.#count).padStart(12, "0")}`,
      missing: (message) => notFound(message),
      taken: (message) =>
        context.doubts.pipelineNameTaken === "409" ? alreadyExists(nameTaken(message)) : invalid(nameTaken(message)),
    });
  }

  /** Adds a pipeline and returns its id. */
  add(fields: Fields): string {
    const { user, now } = this.#context;
    const number = ++this.#count;
    const id = this.#items.add({
      ...this.#told(fields, number),
      number,
      creator_user_name: user,
      last_modified: now(),
    });
    this.#states.set(id, new Clocked<State>(now, "IDLE"));
    return id;
  }

  /** Changes settings of a pipeline, as a person does in the web application. */
  edit(id: string, settings: Fields): void {
    const { spec, name, number, run_as, parameters } = this.#items.require(id);
    this.#replace(id, { ...spec, name, number, run_as, parameters, ...settings });
  }

  /** A pipeline as a get returns it; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    const pipeline = this.#items.get(id);
    const state = this.#states.get(id)?.state;
    if (pipeline === undefined || state === undefined || state === "DELETED") return undefined;
    const { number: _number, ...told } = pipeline;
    return { ...told, ...this.#updated(id, state), run_as_user_name: this.#context.user };
  }

  all(): Fields[] {
    return this.#items.all().map(({ pipeline_id }) => this.get(pipeline_id)).filter((one) => one !== undefined);
  }

  /** The latest updates, and the state that follows from them. */
  #updated(id: string, state: State): Fields {
    const updates = this.updates.of(id);
    const [latest] = updates;
    if (latest === undefined) return { state };
    const told = isActive(latest) ? latest.state === "STOPPING" ? "STOPPING" : "RUNNING" : undefined;
    const rows = updates.slice(0, LATEST).map(({ update_id, state, creation_time }) => {
      return { update_id, state, creation_time: new Date(creation_time).toISOString() };
    });
    return { state: told ?? (latest.state === "FAILED" ? "FAILED" : state), latest_updates: rows };
  }

  /** Ends an update: the active one, or a new one that a person begins. */
  finish(id: string, state: "IDLE" | "FAILED", error?: string): void {
    const active = this.updates.of(id).find(isActive)?.update_id;
    const update = active ?? this.updates.start(id, {}, { cause: "USER_ACTION" });
    this.updates.set(update, state === "IDLE" ? "COMPLETED" : "FAILED", error);
  }

  remove(id: string): void {
    this.#items.remove(id);
  }

  /** True if a pipeline's tables were deleted with it; `undefined` while the pipeline exists. */
  cascaded(id: string): boolean | undefined {
    return this.#cascaded.get(id);
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/pipelines";
    const idOf = ({ params }: Call) => params.id ?? "";
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body }) => ({ pipeline_id: this.add(checked(body)) })),
      endpoint("get", `${path}/:id`, (call) => this.#require(idOf(call))),
      endpoint("put", `${path}/:id`, (call) => this.#put(idOf(call), checked(call.body))),
      endpoint("delete", `${path}/:id`, (call) => this.#delete(idOf(call), call)),
      ...this.updates.handlers(path, (id) => void this.#requireThere(id)),
    ];
  }

  #list({ query }: Call): Fields {
    const limit = query.integer("max_results") ?? PAGE.usual;
    if (limit > PAGE.most) throw invalid(`max_results must not be greater than ${PAGE.most}`);
    const pattern = /^name LIKE '(.*)'$/.exec(query.text("filter") ?? "")?.[1];
    if (query.text("filter") !== undefined && pattern === undefined) throw invalid("Invalid filter");
    const { doubts } = this.#context;
    const kept = this.#items.all().filter(({ pipeline_id, name }) =>
      this.get(pipeline_id) !== undefined && (pattern === undefined || isLike(name, pattern))
    ).toSorted((one, other) => other.number - one.number);
    const page = paginate(kept, { limit, token: query.text("page_token"), doubts }, ({ number }) => String(number));
    const list = listAnswer("statuses", page.items.map((one) => this.#row(one)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #row({ pipeline_id }: Pipeline): Fields {
    const { spec: _spec, run_as: _runAs, parameters: _parameters, last_modified: _at, ...row } =
      this.get(pipeline_id) ??
        {};
    return row;
  }

  #require(id: string): Fields {
    return this.get(id) ?? this.#absent(id);
  }

  #absent(id: string): Fields {
    const pipeline = this.#items.get(id);
    if (pipeline !== undefined && this.#context.doubts.deletedPipeline === "state DELETED") {
      const { number: _number, ...told } = pipeline;
      return { ...told, state: "DELETED" };
    }
    throw notFound(`The specified pipeline ${id} was not found.`);
  }

  /** An update replaces all settings. */
  #put(id: string, body: Fields): void {
    const { last_modified } = this.#requireThere(id);
    const { expected_last_modified: expected } = body;
    if (expected !== undefined && Number(expected) !== Number(last_modified)) throw alreadyExists("Conflicting edit");
    this.#replace(id, body);
  }

  #requireThere(id: string): Fields {
    const pipeline = this.get(id);
    if (pipeline === undefined) throw notFound(`The specified pipeline ${id} was not found.`);
    return pipeline;
  }

  #replace(id: string, body: Fields): void {
    const { creator_user_name, number, run_as } = this.#items.require(id);
    const kept = { creator_user_name, number };
    const runner = body.run_as ?? run_as;
    const told = this.#told(runner === undefined ? body : { ...body, run_as: runner }, number);
    this.#items.replace(id, { ...told, ...kept, last_modified: this.#context.now() });
  }

  #told(body: Fields, number: number): Omit<Pipeline, "number" | "pipeline_id"> {
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const said = Object.entries(body).filter(([name, value]) => value !== undefined && !UNTOLD.includes(name));
    const spec = Object.fromEntries(said.filter(([name]) => !BESIDE.includes(name) && name !== "number"));
    const beside = Object.fromEntries(said.filter(([name]) => BESIDE.includes(name)));
    const storage = spec.catalog === undefined ? { storage: `dbfs:/pipelines/${id}` } : {};
    return { name: String(body.name ?? ""), ...beside, spec: { id, ...DEFAULTS, ...storage, ...lowered(spec) } };
  }

  #delete(id: string, { query }: Call): void {
    this.#requireThere(id);
    this.#cascaded.set(id, query.text("cascade") !== "false");
    this.#items.edit(id, { name: `deleted ${id}` });
    if (this.#context.doubts.deletedPipeline === "404") return this.remove(id);
    this.#states.get(id)?.set("DELETED");
  }
}

/** Matches a text with a pattern of SQL's LIKE: `%` is any text, `_` any character; case-sensitive. */
function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%", ".*").replaceAll("_", ".");
  return new RegExp(`^${escaped}$`).test(text);
}

function lowered(spec: Fields): Fields {
  return typeof spec.catalog === "string" ? { ...spec, catalog: spec.catalog.toLowerCase() } : spec;
}

function nameTaken(message: string): string {
  const name = /"(.*)"/.exec(message)?.[1];
  return `The pipeline name '${name}' is already used by another pipeline. This check can be skipped by setting ` +
    "`allow_duplicate_names = true` in the request.";
}

function checked(body: Fields): Fields {
  if (body.catalog !== undefined && body.storage !== undefined) {
    throw invalid("Cannot set both catalog and storage in a pipeline");
  }
  if (typeof body.target === "string" && body.target.includes(".")) throw invalid("target must not contain a dot");
  return body;
}
