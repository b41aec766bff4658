/**
 * The vector search endpoints of one workspace (Vector Search API 2.0): provisioned by the workspace's clock.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import { pick } from "./collection.ts";
import { CollectionKind } from "./collection_kind.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type State = "PROVISIONING" | "ONLINE" | "STOPPED" | "RED_STATE";

/** The fields that a create accepts (SDK 0.162: vectorsearch.VectorSearchEndpointsAPI.create_endpoint). */
const FIELDS = ["name", "endpoint_type", "budget_policy_id", "target_qps", "usage_policy_id"];
const PAGE = 50;

/** The vector search endpoints of one workspace. */
export class VectorSearchEndpoints extends CollectionKind {
  readonly #states = new Map<string, Clocked<State>>();
  #count = 0;

  constructor(context: KindContext) {
    super(context, { noun: "Vector search endpoint", id: "name", name: "name" });
  }

  /** Adds an endpoint, which is provisioned, and returns its name. */
  add(fields: Fields): string {
    const { name, endpoint_type } = fields;
    if (!["STANDARD", "STORAGE_OPTIMIZED"].includes(String(endpoint_type))) throw invalid("endpoint_type is missing");
    if (typeof name !== "string" || !/^[\w-]+$/.test(name)) throw invalid("name is missing, or has other characters");
    const number = ++this.#count;
    const id = `00000000-0000-4000-a000-${String(number).padStart(12, "0")}`;
    const now = this.context.now();
    this.items.add({ ...pick(fields, FIELDS), number, uuid: id, created: now, changed: now });
    const state = new Clocked<State>(this.context.now, "PROVISIONING");
    state.pass("PROVISIONING", { ms: this.context.startMs, to: "ONLINE" });
    this.#states.set(name, state);
    return name;
  }

  /** Changes fields of an endpoint, as a person does in the web application. */
  override edit(name: string, fields: Fields): void {
    super.edit(name, { ...pick(fields, ["budget_policy_id", "custom_tags", "target_qps", "num_indexes"]) });
  }

  /** Sets the state of an endpoint. */
  set(name: string, state: State): void {
    this.#states.get(name)?.set(state);
  }

  /** An endpoint as a get returns it; `undefined` if there is none. */
  override get(name: string): Fields | undefined {
    const item = this.items.get(name);
    return item && this.#told(item);
  }

  override all(): Fields[] {
    return this.items.all().map((item) => this.#told(item));
  }

  /** The creator of the endpoint with an id; `undefined` if there is none. */
  creator(id: string): string | undefined {
    return this.items.all().some(({ uuid }) => uuid === id) ? this.context.user : undefined;
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/vector-search/endpoints";
    const nameOf = ({ params }: Call) => params.name ?? "";
    const edited = (call: Call, field: string) => {
      this.items.require(nameOf(call));
      this.edit(nameOf(call), pick(call.body, [field]));
      return this.items.require(nameOf(call));
    };
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body }) => this.get(this.add(body))),
      endpoint("get", `${path}/:name`, (call) => this.#told(this.items.require(nameOf(call)))),
      endpoint("patch", `${path}/:name`, (call) => this.#told(edited(call, "target_qps"))),
      endpoint("patch", `${path}/:name/budget-policy`, (call) => {
        const { budget_policy_id } = edited(call, "budget_policy_id");
        return { budget_policy_id, effective_budget_policy_id: budget_policy_id };
      }),
      endpoint("patch", `${path}/:name/tags`, (call) => pick(edited(call, "custom_tags"), ["name", "custom_tags"])),
      endpoint("delete", `${path}/:name`, (call) => this.#delete(nameOf(call))),
    ];
  }

  #delete(name: string): void {
    const { num_indexes = 0 } = this.items.require(name);
    if (Number(num_indexes) > 0 && this.context.doubts.usedVectorEndpoint === "refused") {
      throw invalid(`Vector search endpoint ${name} cannot be deleted: it has indexes`);
    }
    this.delete(name);
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.context;
    const numberOf = ({ number }: Fields) => String(number);
    const rows = this.items.all().sort(byFallingId(numberOf));
    const page = paginate(rows, { limit: PAGE, token: query.text("page_token"), doubts }, numberOf);
    const list = listAnswer("endpoints", page.items.map((one) => this.#told(one)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #told({ uuid, created, changed, number: _ours, target_qps, usage_policy_id: _never, ...fields }: Fields): Fields {
    const isTold = target_qps !== undefined && this.context.doubts.vectorTargetQps === "returned";
    const scaling = { requested_target_qps: target_qps, state: "SCALING_CHANGE_APPLIED" };
    return {
      num_indexes: 0,
      ...fields,
      id: uuid,
      creator: this.context.user,
      creation_timestamp: created,
      last_updated_timestamp: changed,
      last_updated_user: this.context.user,
      endpoint_status: { state: this.#states.get(String(fields.name))?.state },
      ...(isTold ? { scaling_info: scaling } : {}),
    };
  }
}
