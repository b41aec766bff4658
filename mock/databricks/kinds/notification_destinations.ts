/**
 * The notification destinations of one workspace (Notification Destinations API 2.0): lists contain no configuration,
 * and no answer contains secrets.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { alreadyExists, invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { pick } from "./collection.ts";
import { CollectionKind } from "./collection_kind.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** The types by their field in `config` (SDK 0.162: settings.Config, settings.DestinationType). */
const TYPES: Readonly<Record<string, string>> = {
  databricks_app_slack: "DATABRICKS_APP_SLACK",
  databricks_app_teams: "DATABRICKS_APP_TEAMS",
  email: "EMAIL",
  generic_webhook: "WEBHOOK",
  microsoft_teams: "MICROSOFT_TEAMS",
  pagerduty: "PAGERDUTY",
  slack: "SLACK",
};

/** The notification destinations of one workspace. */
export class NotificationDestinations extends CollectionKind {
  #count = 0;

  constructor(context: KindContext) {
    // If names are not unique, the collection uses ids as names.
    super(context, { noun: "Notification destination", id: "id", name: "id" });
  }

  /** Adds a destination and returns its id. */
  add({ display_name, config }: Fields): string {
    this.#check(display_name, config);
    const number = ++this.#count;
    const id = `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`;
    return this.items.add({ id, number, display_name, config });
  }

  /** Changes fields of a destination, as a person does in the web application. */
  override edit(id: string, fields: Fields): void {
    super.edit(id, pick(fields, ["display_name", "config"]));
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/notification-destinations";
    const idOf = ({ params }: Call) => params.id ?? "";
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body }) => told(this.items.require(this.add(body)))),
      endpoint("get", `${path}/:id`, (call) => told(this.items.require(idOf(call)))),
      endpoint("patch", `${path}/:id`, (call) => this.#update(idOf(call), call.body)),
      endpoint("delete", `${path}/:id`, (call) => this.delete(idOf(call))),
    ];
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.context;
    const numberOf = ({ number }: Fields) => String(number);
    const rows = this.all().sort(byFallingId(numberOf));
    const limit = query.integer("page_size") ?? 20;
    const page = paginate(rows, { limit, token: query.text("page_token"), doubts }, numberOf);
    const shown = page.items.map((one) => pick(told(one), ["id", "display_name", "destination_type"]));
    const list = listAnswer("results", shown, doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #update(id: string, body: Fields): Fields {
    const before = this.items.require(id);
    const after = { ...before, ...pick(body, ["display_name", "config"]) };
    if (Object.keys(pick(body, ["display_name", "config"])).length === 0) throw invalid("Nothing to update");
    this.#check(after.display_name, after.config, id);
    const isFixed = this.context.doubts.destinationType === "refused";
    if (isFixed && typeOf(after.config) !== typeOf(before.config)) {
      throw invalid("The type of a notification destination cannot be changed");
    }
    this.items.replace(id, after);
    return told(after);
  }

  #check(name: unknown, config: unknown, id?: string): void {
    if (typeof name !== "string" || name === "") throw invalid("display_name is missing");
    const entries = Object.entries((config ?? {}) as Fields).filter(([type]) => TYPES[type] !== undefined);
    if (entries.length !== 1) throw invalid("config must have exactly one type");
    const [[type, settings] = ["", {}]] = entries;
    if (Object.keys((settings ?? {}) as Fields).length === 0) throw invalid(`config.${type} has no url or token`);
    const isTaken = this.all().some((other) => other.display_name === name && other.id !== id);
    if (isTaken && this.context.doubts.destinationNames === "no") {
      throw alreadyExists(`Notification destination "${name}" already exists`);
    }
  }
}

function typeOf(config: unknown): string {
  return TYPES[Object.keys(config as Fields).find((type) => TYPES[type] !== undefined) ?? ""] ?? "";
}

/** A destination as a get returns it: except for e-mail addresses, only whether a field is set. */
function told({ id, display_name, config }: Fields): Fields {
  const shown = Object.entries(config as Record<string, Fields>).map(([type, settings]) => {
    if (type === "email" || TYPES[type] === undefined) return [type, settings];
    return [type, Object.fromEntries(Object.keys(settings).map((field) => [`${field}_set`, true]))];
  });
  return { id, display_name, destination_type: typeOf(config), config: Object.fromEntries(shown) };
}
