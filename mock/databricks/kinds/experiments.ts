/**
 * The experiments of one workspace (MLflow API 2.0). A deletion only marks them: a get still returns them, and they can
 * be restored.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { IdSequence } from "../ids.ts";
import { byFallingId, paginate } from "../paging.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type Tag = { key: string; value: string };
interface Experiment extends Fields {
  readonly experiment_id: string;
  name: string;
  tags: Tag[];
  lifecycle_stage: "active" | "deleted";
}

/** The experiments of one workspace. */
export class Experiments {
  readonly #context: KindContext;
  readonly #ids = new IdSequence(401234567890123456n);
  readonly #items = new Map<string, Experiment>();

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Adds an experiment and returns its id. */
  add({ name, artifact_location, tags = [], trace_location }: Fields, creator: string = this.#context.user): string {
    if (typeof name !== "string" || !name.startsWith("/")) throw invalid("Got an invalid experiment name: no path");
    const path = spelt(name);
    this.#refuseTaken(path);
    const id = this.#ids.next();
    const now = this.#context.now();
    this.#items.set(id, {
      experiment_id: id,
      name: path,
      artifact_location: artifact_location ?? `dbfs:/databricks/mlflow-tracking/${id}`,
      ...(trace_location === undefined ? {} : { trace_location }),
      creation_time: now,
      last_update_time: now,
      lifecycle_stage: "active",
      tags: [...tags as Tag[], ...mlflowTags(path, creator)],
    });
    return id;
  }

  /** Sets a tag, as a person does in the web application. */
  setTag(id: string, { key, value }: Tag): void {
    const experiment = this.#require(id);
    const isNew = experiment.tags.every((tag) => tag.key !== key);
    const tags = experiment.tags.map((tag) => tag.key === key ? { key, value } : tag);
    experiment.tags = isNew ? [...tags, { key, value }] : tags;
    this.#touch(experiment);
  }

  /** Marks an experiment as deleted. */
  remove(id: string): void {
    this.#require(id).lifecycle_stage = "deleted";
  }

  /** Restores an experiment, as a person does in the web application. */
  restore(id: string): void {
    this.#restore(this.#require(id));
  }

  /** An experiment that is not deleted; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    const experiment = this.#items.get(id);
    return experiment?.lifecycle_stage === "active" ? experiment : undefined;
  }

  /** The creator of an experiment; answers show it as a tag. */
  creator(id: string): string | undefined {
    return this.#items.get(id)?.tags.find(({ key }) => key === "mlflow.ownerEmail")?.value;
  }

  all(): Fields[] {
    return [...this.#items.values()].filter(({ lifecycle_stage }) => lifecycle_stage === "active");
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/mlflow/experiments";
    const idOf = ({ query, body }: Call) => String(query.text("experiment_id") ?? body.experiment_id ?? "");
    return [
      endpoint("get", `${path}/get`, (call) => ({ experiment: this.#require(idOf(call)) })),
      endpoint("get", `${path}/get-by-name`, ({ query }) => ({ experiment: this.#named(query) })),
      endpoint("get", `${path}/list`, (call) => this.#list(call)),
      endpoint("post", `${path}/create`, ({ body }) => ({ experiment_id: this.add(body) })),
      endpoint("post", `${path}/update`, (call) => this.#rename(this.#active(idOf(call)), String(call.body.new_name))),
      endpoint("post", `${path}/set-experiment-tag`, (call) => this.setTag(idOf(call), tagOf(call.body))),
      endpoint("post", `${path}/delete`, (call) => this.remove(this.#active(idOf(call)).experiment_id)),
      endpoint("post", `${path}/restore`, (call) => this.#restore(this.#require(idOf(call)))),
    ];
  }

  #require(id: string): Experiment {
    const experiment = this.#items.get(id);
    if (experiment === undefined) throw notFound(`Node ID ${id} does not exist.`);
    return experiment;
  }

  #active(id: string): Experiment {
    const experiment = this.#require(id);
    if (experiment.lifecycle_stage === "deleted") throw notFound(`Experiment ${id} is in the trash.`);
    return experiment;
  }

  /** An experiment by its name: the active one in preference to a deleted one (docstring of the SDK). */
  #named(query: Call["query"]): Experiment {
    const name = spelt(query.text("experiment_name") ?? "");
    const all = [...this.#items.values()].filter((one) => one.name === name);
    const found = all.find(({ lifecycle_stage }) => lifecycle_stage === "active") ?? all[0];
    if (found === undefined) throw notFound(`Could not find experiment with name '${name}'`);
    return found;
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.#context;
    const idOf = ({ experiment_id }: Fields) => String(experiment_id);
    const limit = query.integer("max_results") ?? 1000;
    const request = { limit, token: query.text("page_token"), doubts };
    const page = paginate(this.all().sort(byFallingId(idOf)), request, idOf);
    const list = listAnswer("experiments", page.items, doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #rename(experiment: Experiment, name: string): void {
    if (spelt(name) !== experiment.name) this.#refuseTaken(spelt(name));
    experiment.name = spelt(name);
    this.#touch(experiment);
  }

  #restore(experiment: Experiment): void {
    if (experiment.lifecycle_stage === "active") return;
    experiment.lifecycle_stage = "active";
    this.#touch(experiment);
  }

  #refuseTaken(name: string): void {
    const { deletedExperimentName } = this.#context.doubts;
    const isTaken = [...this.#items.values()].some((one) =>
      one.name === name && (one.lifecycle_stage === "active" || deletedExperimentName === "taken")
    );
    if (isTaken) throw alreadyExists(`Node named '${name}' already exists`);
  }

  #touch(experiment: Experiment): void {
    experiment.last_update_time = Math.max(this.#context.now(), Number(experiment.last_update_time) + 1);
  }
}

function spelt(name: string): string {
  return name.replace(/^\/Workspace(?=\/)/, "");
}

function tagOf({ key, value }: Fields): Tag {
  if (typeof key !== "string" || key === "") throw invalid("Missing required field: key");
  return { key, value: String(value ?? "") };
}

/** The tags that Databricks adds. */
function mlflowTags(name: string, creator: string): Tag[] {
  return [
    { key: "mlflow.experiment.sourceName", value: name },
    { key: "mlflow.experimentType", value: "MLFLOW_EXPERIMENT" },
    { key: "mlflow.ownerEmail", value: creator },
  ];
}
