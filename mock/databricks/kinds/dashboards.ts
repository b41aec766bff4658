/**
 * The AI/BI dashboards of one workspace (Lakeview API 2.0). Databricks reformats their content, and publishing makes a
 * copy.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { isObject } from "../../../src/base/json.ts";
import { invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";
import { Filed, timeText } from "./filed.ts";

type Fields = Record<string, unknown>;

/** The fields that create and update accept (SDK 0.162: dashboards.Dashboard). */
const FIELDS = ["display_name", "parent_path", "serialized_dashboard", "warehouse_id"];

/** The dashboards of one workspace. */
export class Dashboards {
  readonly #context: KindContext;
  readonly files: Filed;
  readonly #published = new Map<string, Fields>();
  /** The ids of dashboards that no get has returned yet. */
  readonly #unseen = new Set<string>();

  constructor(context: KindContext) {
    this.#context = context;
    this.files = new Filed(context, {
      noun: "Dashboard",
      suffix: ".lvdash.json",
      objectType: "DASHBOARD",
      firstId: 3_000_000_000,
      newId: (count) => (0xd0000000 + count).toString(16).padEnd(32, "ab"),
    });
  }

  /** Adds a dashboard and returns its id. */
  add(fields: Fields): string {
    return this.files.add(written({ display_name: "New dashboard", ...pick(fields, FIELDS) }));
  }

  /** Changes fields of a dashboard, as a person does in the web application. */
  edit(id: string, fields: Fields): void {
    this.files.edit(id, written(pick(fields, FIELDS)));
  }

  /** Moves a dashboard to the trash. */
  remove(id: string): void {
    this.files.trash(id);
  }

  /** Unpublishes a dashboard, as a person does in the web application. */
  unpublish(id: string): void {
    this.#published.delete(id);
  }

  /** The published copy of a dashboard; `undefined` if there is only a draft. */
  publication(id: string): Fields | undefined {
    return this.#published.get(id);
  }

  /** A dashboard that is not in the trash; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    return this.files.any(id)?.isTrashed === false ? this.#told(id) : undefined;
  }

  all(): Fields[] {
    return this.files.all().map(({ id }) => this.#told(id));
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/lakeview/dashboards";
    const idOf = ({ params }: Call) => params.id ?? "";
    return [
      endpoint("get", path, (call) => this.#list(call)),
      endpoint("post", path, ({ body }) => this.#create(body)),
      endpoint("get", `${path}/:id`, (call) => this.#answer(idOf(call))),
      endpoint("patch", `${path}/:id`, (call) => this.#update(idOf(call), call.body)),
      endpoint("delete", `${path}/:id`, (call) => this.remove(idOf(call))),
      endpoint("get", `${path}/:id/published`, (call) => this.#publishedOf(idOf(call))),
      endpoint("post", `${path}/:id/published`, (call) => this.#publish(idOf(call), call.body)),
    ];
  }

  #create(body: Fields): Fields {
    const id = this.add(body);
    if (this.#context.doubts.newDashboard === "by the second get") this.#unseen.add(id);
    return this.#told(id);
  }

  #update(id: string, body: Fields): Fields {
    const { etag, ...fields } = body;
    if (etag !== undefined && etag !== this.#told(id).etag) throw invalid(`Invalid etag: ${etag}`);
    this.edit(id, fields);
    return this.#told(id);
  }

  /** A get also returns a dashboard in the trash (databricks/cli: libs/testserver/dashboards.go). */
  #answer(id: string): Fields {
    if (this.#unseen.delete(id) || this.files.any(id) === undefined) {
      throw notFound(`Dashboard ${id} does not exist.`);
    }
    return this.#told(id);
  }

  #told(id: string): Fields {
    const file = this.files.any(id) ?? this.files.require(id);
    return {
      ...file.fields,
      dashboard_id: id,
      path: this.files.pathOf(file),
      create_time: timeText(file.created),
      update_time: timeText(file.updated),
      etag: String(file.writes),
      lifecycle_state: file.isTrashed ? "TRASHED" : "ACTIVE",
    };
  }

  #list({ query }: Call): Fields {
    const { doubts } = this.#context;
    const numberOf = ({ id }: { id: string }) => String(this.files.any(id)?.number);
    const limit = query.integer("page_size") ?? 100;
    const rows = this.files.all().sort(byFallingId(numberOf));
    const page = paginate(rows, { limit, token: query.text("page_token"), doubts }, numberOf);
    const shown = page.items.map(({ id }) => {
      const { serialized_dashboard: _content, parent_path: _folder, path: _path, etag: _etag, ...row } = this.#told(id);
      const { update_time: _time, ...less } = row;
      return doubts.dashboardRows === "with update_time" ? row : less;
    });
    const list = listAnswer("dashboards", shown, doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #publishedOf(id: string): Fields {
    this.files.require(id);
    const published = this.#published.get(id);
    if (published === undefined) throw notFound(`Dashboard ${id} is not published.`);
    return published;
  }

  #publish(id: string, { embed_credentials = true, warehouse_id }: Fields): Fields {
    const file = this.files.require(id);
    const now = Math.max(this.#context.now(), file.updated);
    const of = warehouse_id ?? file.fields.warehouse_id;
    this.#published.set(id, {
      display_name: file.fields.display_name,
      embed_credentials,
      ...(of === undefined ? {} : { warehouse_id: of }),
      revision_create_time: timeText(now),
    });
    if (this.#context.doubts.publishing === "is a change of the draft") file.updated = now + 1;
    return this.#publishedOf(id);
  }
}

/** The content in Databricks' format (databricks/cli: libs/testserver/dashboards.go). */
function written({ serialized_dashboard: text, ...fields }: Fields): Fields {
  if (text === undefined) return fields;
  try {
    const content = JSON.parse(String(text));
    const pages = Array.isArray(content.pages)
      ? {
        pages: content.pages.map((page: unknown) =>
          isObject(page) ? { ...page, pageType: page.pageType ?? "PAGE_TYPE_CANVAS" } : page
        ),
      }
      : {};
    return { ...fields, serialized_dashboard: `${JSON.stringify({ ...content, ...pages })}\n` };
  } catch {
    throw invalid("serialized_dashboard is not JSON");
  }
}
