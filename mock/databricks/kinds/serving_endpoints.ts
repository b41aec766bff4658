/**
 * The serving endpoints of one workspace (Serving Endpoints API 2.0). Updates of the configuration follow the
 * workspace's clock, one at a time.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, ApiError, invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { inOrder } from "../paging.ts";
import { Clocked } from "./clocked.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;
type Update = "IN_PROGRESS" | "NOT_UPDATING" | "UPDATE_FAILED";

/** The fields that a create accepts (SDK 0.162: serving.ServingEndpointsAPI.create). */
const FIELDS = [
  "ai_gateway",
  "budget_policy_id",
  "description",
  "email_notifications",
  "name",
  "route_optimized",
  "tags",
  "telemetry_config",
];

interface Endpoint {
  readonly id: string;
  fields: Fields;
  /** The configuration in force. */
  config: Fields | undefined;
  /** The last requested configuration. */
  asked: Fields;
  version: number;
  readonly created: number;
  changed: number;
  readonly update: Clocked<Update>;
}

/** The serving endpoints of one workspace. */
export class ServingEndpoints {
  readonly #context: KindContext;
  readonly #items = new Map<string, Endpoint>();
  readonly #broken = new Map<string, string>();
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
  }

  /** Adds an endpoint, which starts, and returns its name. */
  add({ config = {}, ...fields }: Fields): string {
    const { name } = fields;
    if (typeof name !== "string" || !/^[\w-]+$/.test(name)) throw invalid("name is missing, or has other characters");
    if (this.#items.has(name)) throw alreadyExists(`Endpoint with name '${name}' already exists`, 409);
    const now = this.#context.now();
    const item: Endpoint = {
      id: (0xe0000000 + this.#count++).toString(16).padEnd(32, "cd"),
      fields: pick(fields, FIELDS),
      config: undefined,
      asked: {},
      version: 0,
      created: now,
      changed: now,
      update: new Clocked<Update>(this.#context.now, "NOT_UPDATING"),
    };
    this.#deploy(item, checked(config as Fields));
    this.#items.set(name, item);
    return name;
  }

  /** Changes fields of an endpoint, as a person does in the web application. */
  edit(name: string, fields: Fields): void {
    const item = this.#require(name);
    item.fields = { ...item.fields, ...pick(fields, FIELDS) };
    this.#touch(item);
  }

  /** Deploys another configuration, as a person does in the web application. */
  deploy(name: string, config: Fields): void {
    this.#deploy(this.#require(name), checked(config));
  }

  /** Makes further deployments of an endpoint fail with a message; `undefined` ends that. */
  breaks(name: string, message: string | undefined): void {
    if (message === undefined) this.#broken.delete(name);
    else this.#broken.set(name, message);
  }

  remove(name: string): void {
    this.#items.delete(name);
  }

  /** An endpoint as a get returns it; `undefined` if there is none. */
  get(name: string): Fields | undefined {
    const item = this.#items.get(name);
    return item && this.#told(item);
  }

  /** The creator of the endpoint with an id; `undefined` if there is none. */
  creator(id: string): string | undefined {
    return [...this.#items.values()].some((item) => item.id === id) ? this.#context.user : undefined;
  }

  all(): Fields[] {
    return [...this.#items.values()].map((item) => this.#told(item));
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/serving-endpoints";
    const of = ({ params }: Call) => this.#require(params.name ?? "");
    return [
      endpoint("get", path, () => this.#list()),
      endpoint("post", path, ({ body }) => this.get(this.add(body))),
      endpoint("get", `${path}/:name`, (call) => this.#told(of(call))),
      endpoint("delete", `${path}/:name`, (call) => this.remove(String(of(call).fields.name))),
      endpoint("put", `${path}/:name/config`, (call) => this.#setConfig(of(call), call.body)),
      endpoint("patch", `${path}/:name/tags`, (call) => this.#setTags(of(call), call.body)),
      endpoint("put", `${path}/:name/ai-gateway`, (call) => this.#set(of(call), { ai_gateway: call.body }).ai_gateway),
      endpoint("patch", `${path}/:name/notifications`, (call) => {
        const { name } = of(call).fields;
        const { email_notifications } = this.#set(of(call), pick(call.body, ["email_notifications"]));
        return { name, email_notifications };
      }),
      endpoint("patch", `${path}/:name/telemetry-config`, (call) => {
        return this.#told(this.#setTelemetry(of(call), call.body));
      }),
    ];
  }

  #require(name: string): Endpoint {
    const item = this.#items.get(name);
    if (item === undefined) throw notFound(`Endpoint with name '${name}' does not exist.`);
    // The new configuration is in force once the update has ended.
    if (item.update.state === "NOT_UPDATING") item.config = item.asked;
    return item;
  }

  #list(): Fields {
    const rows = this.all().map(({ pending_config: _pending, ai_gateway: _gateway, ...row }) => {
      const { served_entities = [] } = (row.config ?? {}) as { served_entities?: Fields[] };
      const summary = served_entities.map((one) => pick(one, ["name", "entity_name", "entity_version"]));
      return { ...pick(row, ROW) as { name?: unknown }, config: { served_entities: summary } };
    });
    const { doubts } = this.#context;
    return listAnswer("endpoints", inOrder(rows, doubts, (one) => String(one.name)), doubts);
  }

  #set(item: Endpoint, fields: Fields): Fields {
    item.fields = { ...item.fields, ...fields };
    this.#touch(item);
    return item.fields;
  }

  #setTags(item: Endpoint, { add_tags = [], delete_tags = [] }: Fields): Fields {
    const added = add_tags as { key: string }[];
    const gone = [...delete_tags as string[], ...added.map(({ key }) => key)];
    const kept = (item.fields.tags as { key: string }[] | undefined ?? []).filter(({ key }) => !gone.includes(key));
    return { tags: this.#set(item, { tags: [...kept, ...added] }).tags };
  }

  #setTelemetry(item: Endpoint, { telemetry_config }: Fields): Endpoint {
    this.#set(item, { telemetry_config });
    return item;
  }

  #setConfig(item: Endpoint, body: Fields): Fields {
    if (item.update.state === "IN_PROGRESS") {
      throw new ApiError(409, "RESOURCE_CONFLICT", `Endpoint ${item.fields.name} is currently updating`);
    }
    this.#deploy(item, checked(body));
    return this.#told(item);
  }

  #deploy(item: Endpoint, config: Fields): void {
    item.asked = config;
    item.version++;
    this.#touch(item);
    const to = this.#broken.has(String(item.fields.name)) ? "UPDATE_FAILED" : "NOT_UPDATING";
    item.update.pass("IN_PROGRESS", { ms: this.#context.startMs, to });
  }

  #touch(item: Endpoint): void {
    item.changed = Math.max(this.#context.now(), item.changed + 1);
  }

  #told(item: Endpoint): Fields {
    const { budget_policy_id: _never, ...fields } = item.fields;
    const update = item.update.state;
    if (update === "NOT_UPDATING") item.config = item.asked;
    const isShown = update === "IN_PROGRESS" ||
      (update === "UPDATE_FAILED" && this.#context.doubts.failedServingConfig === "still pending");
    const why = update === "UPDATE_FAILED" ? this.#broken.get(String(item.fields.name)) : undefined;
    const config = (one: Fields, version: number) => this.#configOf(one, { version, why, item });
    return {
      ...fields,
      id: item.id,
      creator: this.#context.user,
      creation_timestamp: item.created,
      last_updated_timestamp: item.changed,
      state: { ready: item.config === undefined ? "NOT_READY" : "READY", config_update: update },
      ...(item.config === undefined ? {} : { config: config(item.config, item.version) }),
      ...(isShown ? { pending_config: config(item.asked, item.version + 1) } : {}),
    };
  }

  /** A configuration in the format of answers (databricks/cli: libs/testserver/serving_endpoints.go). */
  #configOf(
    { served_entities = [], traffic_config }: Fields,
    { version, why, item }: { version: number; why: string | undefined; item: Endpoint },
  ): Fields {
    const entities = served_entities as Fields[];
    const isShown = this.#context.doubts.servingSecrets === "shown as references";
    const even = Math.floor(100 / Math.max(1, entities.length));
    return {
      config_version: version,
      served_entities: entities.map((one) => ({
        ...one,
        ...(one.external_model === undefined
          ? { workload_type: one.workload_type ?? "CPU", workload_size: one.workload_size ?? "Small" }
          : { external_model: isShown ? one.external_model : withoutSecrets(one.external_model) }),
        creator: this.#context.user,
        creation_timestamp: item.created,
        state: why === undefined
          ? { deployment: "DEPLOYMENT_READY", deployment_state_message: "" }
          : { deployment: "DEPLOYMENT_FAILED", deployment_state_message: why },
      })),
      traffic_config: traffic_config ?? {
        routes: entities.map(({ name }) => ({
          served_entity_name: name,
          served_model_name: name,
          traffic_percentage: even,
        })),
      },
    };
  }
}

/** The fields of a list's row (SDK 0.162: serving.ServingEndpoint). */
const ROW = [
  "name",
  "id",
  "creator",
  "creation_timestamp",
  "last_updated_timestamp",
  "state",
  "tags",
  "description",
  "route_optimized",
];

function checked(config: Fields): Fields {
  const entities = (config.served_entities ?? []) as Fields[];
  if (entities.length === 0) throw invalid("config.served_entities is empty");
  if (new Set(entities.map(({ name }) => name)).size < entities.length) throw invalid("served entities share a name");
  return pick(config, ["served_entities", "traffic_config"]);
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => typeof one !== "string" || !one.startsWith("{{secrets/"))
      .map(([field, one]) => [field, withoutSecrets(one)]),
  );
}
