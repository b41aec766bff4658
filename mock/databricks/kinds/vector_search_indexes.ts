/**
 * The vector search indexes of one workspace (Vector Search API 2.0): built by the workspace's clock, and deleted in two
 * phases.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { isObject } from "../../../src/base/json.ts";
import { invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import { Collection, pick } from "./collection.ts";
import type { KindContext } from "./context.ts";
import type { VectorSearchEndpoints } from "./vector_search_endpoints.ts";

type Fields = Record<string, unknown>;

/** The fields that a create accepts (SDK 0.162: vectorsearch.VectorSearchIndexesAPI.create_index). */
const FIELDS = ["name", "endpoint_name", "primary_key", "index_type", "index_subtype"];
const SPECS = { DELTA_SYNC: "delta_sync_index_spec", DIRECT_ACCESS: "direct_access_index_spec" } as const;
const PAGE = 50;

/** The vector search indexes of one workspace. */
export class VectorSearchIndexes {
  readonly #context: KindContext;
  readonly #endpoints: VectorSearchEndpoints;
  readonly #items = new Collection({ noun: "Index", id: "name", name: "name" });
  readonly #states = new Map<string, Clocked<"BUILDING" | "READY" | "FAILED">>();
  /** Deleted indexes, with the time (ms since the epoch) until which their deletion is in progress. */
  readonly #going = new Map<string, { readonly until: number; readonly fields: Fields }>();
  #count = 0;

  constructor(context: KindContext, endpoints: VectorSearchEndpoints) {
    this.#context = context;
    this.#endpoints = endpoints;
  }

  /** Adds an index, which is built, and returns its name. */
  add(fields: Fields): string {
    const name = String(fields.name).toLowerCase();
    const spec = SPECS[fields.index_type as keyof typeof SPECS];
    if (name.split(".").length !== 3) throw invalid("Index name must be of the form catalog.schema.index");
    if (spec === undefined || !isObject(fields[spec])) throw invalid(`index_type is missing, or its specification is`);
    if (this.#isGoing(name)) throw invalid(`Index ${name} is currently pending deletion`);
    const endpointId = this.#endpoints.get(String(fields.endpoint_name))?.id;
    if (endpointId === undefined) throw notFound(`Vector search endpoint ${fields.endpoint_name} does not exist`);
    const number = ++this.#count;
    const told = this.#written(fields[spec] as Fields, number);
    this.#items.add({ ...pick(fields, FIELDS), name, [spec]: told, number, endpoint_id: endpointId });
    const state = new Clocked<"BUILDING" | "READY" | "FAILED">(this.#context.now, "BUILDING");
    state.pass("BUILDING", { ms: this.#context.startMs, to: "READY" });
    this.#states.set(name, state);
    this.#countIndexes(String(fields.endpoint_name));
    return name;
  }

  /** An index as a get returns it; `undefined` if there is none. */
  get(name: string): Fields | undefined {
    const item = this.#items.get(name);
    return item && this.#told(item);
  }

  all(): Fields[] {
    return this.#items.all().map((item) => this.#told(item));
  }

  /** Deletes an index, as a person does in the web application. */
  remove(name: string): void {
    const fields = this.#items.get(name);
    if (fields === undefined) return;
    this.#items.remove(name);
    this.#going.set(name, { until: this.#context.now() + this.#context.startMs, fields });
    this.#countIndexes(String(fields.endpoint_name));
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/vector-search/indexes";
    const nameOf = ({ params }: Call) => (params.name ?? "").toLowerCase();
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body }) => this.get(this.add(body))),
      endpoint("get", `${path}/:name`, (call) => this.#answer(nameOf(call))),
      endpoint("delete", `${path}/:name`, (call) => this.#delete(nameOf(call))),
    ];
  }

  #delete(name: string): void {
    if (this.#isGoing(name)) throw invalid(`Index ${name} is currently pending deletion`);
    this.#items.require(name);
    this.remove(name);
  }

  #answer(name: string): Fields {
    const going = this.#isGoing(name) ? this.#going.get(name) : undefined;
    if (going === undefined || this.#context.doubts.deletedVectorIndex === "404") {
      return this.#told(this.#items.require(name));
    }
    return { ...this.#told(going.fields), status: { ready: false, message: "Index is pending deletion" } };
  }

  #isGoing(name: string): boolean {
    return this.#context.now() < (this.#going.get(name)?.until ?? -Infinity);
  }

  /** The specification in Databricks' spelling (like databricks/cli's test server: JSON in its own format). */
  #written({ schema_json, ...spec }: Fields, number: number): Fields {
    const { doubts } = this.#context;
    const isTable = spec.source_table !== undefined;
    const told = { ...spec, ...(isTable ? { pipeline_id: `pipeline-of-index-${number}` } : {}) } as Fields;
    if (isTable && doubts.vectorIndexColumns === "under the other name") {
      const { columns_to_sync, columns_to_index, ...rest } = told;
      return {
        ...rest,
        ...(columns_to_sync === undefined ? {} : { columns_to_index: columns_to_sync }),
        ...(columns_to_index === undefined ? {} : { columns_to_sync: columns_to_index }),
      };
    }
    return schema_json === undefined ? told : { ...told, schema_json: respelled(String(schema_json)) };
  }

  #countIndexes(endpointName: string): void {
    const count = this.#items.all().filter(({ endpoint_name }) => endpoint_name === endpointName).length;
    if (this.#endpoints.get(endpointName) !== undefined) this.#endpoints.edit(endpointName, { num_indexes: count });
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.#context;
    const asked = query.text("endpoint_name");
    const numberOf = ({ number }: Fields) => String(number);
    const rows = this.#items.all().filter(({ endpoint_name }) => endpoint_name === asked).sort(byFallingId(numberOf));
    const page = paginate(rows, { limit: PAGE, token: query.text("page_token"), doubts }, numberOf);
    const told = page.items.map((one) => pick(this.#told(one), [...FIELDS, "creator", "endpoint_id"]));
    const list = listAnswer("vector_indexes", told, doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #told({ number: _ours, ...fields }: Fields): Fields {
    const state = this.#states.get(String(fields.name))?.state;
    const isReady = state === "READY";
    return {
      index_subtype: "HYBRID",
      ...fields,
      creator: this.#context.user,
      status: {
        ready: isReady,
        index_url: `${fields.endpoint_name}.invalid/api/2.0/vector-search/indexes/${fields.name}`,
        message: isReady ? "Index is ready" : "Index creation is pending",
      },
    };
  }
}

function respelled(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw invalid("schema_json is not JSON");
  }
}
