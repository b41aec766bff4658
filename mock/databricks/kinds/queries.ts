/**
 * The queries and alerts of one workspace (Queries API 2.0, Alerts API 2.0 "v2").
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { invalid, notFound } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";
import { Filed, type FiledOptions, timeText } from "./filed.ts";

type Fields = Record<string, unknown>;

/** A kind of file whose updates list their fields in a mask. */
abstract class Masked {
  protected readonly context: KindContext;
  readonly files: Filed;
  protected abstract readonly fields: readonly string[];

  constructor(context: KindContext, options: FiledOptions) {
    this.context = context;
    this.files = new Filed(context, options);
  }

  /** Adds a file and returns its id. */
  add(fields: Fields): string {
    return this.files.add(pick(this.checked(fields), this.fields));
  }

  /** Changes fields of a file, as a person does in the web application. */
  edit(id: string, fields: Fields): void {
    this.files.edit(id, fields);
  }

  /** Moves a file to the trash. */
  remove(id: string): void {
    this.files.trash(id);
  }

  /** A file that is not in the trash; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    return this.files.any(id)?.isTrashed === false ? this.told(id) : undefined;
  }

  all(): Fields[] {
    return this.files.all().map(({ id }) => this.told(id));
  }

  protected abstract told(id: string): Fields;

  protected abstract checked(fields: Fields): Fields;

  /** Answers with a file; for one in the trash, a doubt decides. */
  protected answer(id: string): Fields {
    const file = this.files.any(id);
    if (file === undefined || (file.isTrashed && this.context.doubts.trashedQuery === "not found")) {
      throw notFound(`${id} does not exist.`);
    }
    return this.told(id);
  }

  /** Sets the fields of a mask to the values of the body; a field that the body lacks is cleared. */
  protected mask(id: string, mask: string, body: Fields): Fields {
    this.files.require(id);
    if (mask === "") throw invalid("update_mask is missing");
    const names = mask === "*" ? this.fields : mask.split(",").map((path) => path.split(".")[0] as string);
    const changes = Object.fromEntries(names.map((name) => [name, body[name]]));
    if (changes.parent_path !== undefined) throw invalid("parent_path cannot be updated");
    this.checked({ ...this.files.require(id).fields, ...changes });
    this.files.edit(id, changes);
    return this.told(id);
  }

  protected list(key: string, { query }: Call, row: (fields: Fields) => Fields): Fields {
    const { doubts } = this.context;
    const numberOf = ({ id }: { id: string }) => String(this.files.any(id)?.number);
    const limit = query.integer("page_size") ?? 20;
    const rows = this.files.all().sort(byFallingId(numberOf));
    const page = paginate(rows, { limit, token: query.text("page_token"), doubts }, numberOf);
    const list = listAnswer(key, page.items.map(({ id }) => row(this.told(id))), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }
}

/** The queries of one workspace. */
export class Queries extends Masked {
  /** SDK 0.162: sql.CreateQueryRequestQuery. */
  protected readonly fields = [
    "apply_auto_limit",
    "catalog",
    "description",
    "display_name",
    "parameters",
    "parent_path",
    "query_text",
    "run_as_mode",
    "schema",
    "tags",
    "warehouse_id",
  ];

  constructor(context: KindContext) {
    super(context, {
      noun: "Query",
      suffix: ".dbquery.ipynb",
      objectType: "FILE",
      firstId: 3_100_000_000,
      newId: (count) => `00000000-0000-4000-a000-${String(count).padStart(12, "0")}`,
    });
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/sql/queries";
    const idOf = ({ params }: Call) => params.id ?? "";
    const wrapped = ({ body }: Call) => (body.query ?? {}) as Fields;
    return [
      endpoint("get", path, (call) => this.list("results", call, ({ parent_path: _folder, ...row }) => row)),
      endpoint("post", path, (call) => this.told(this.add(wrapped(call)))),
      endpoint("get", `${path}/:id`, (call) => this.answer(idOf(call))),
      endpoint(
        "patch",
        `${path}/:id`,
        (call) => this.mask(idOf(call), String(call.body.update_mask ?? ""), wrapped(call)),
      ),
      endpoint("delete", `${path}/:id`, (call) => this.remove(idOf(call))),
    ];
  }

  protected told(id: string): Fields {
    const { fields, created, updated, isTrashed } = this.files.any(id) ?? this.files.require(id);
    return {
      apply_auto_limit: false,
      run_as_mode: "OWNER",
      ...fields,
      id,
      owner_user_name: this.context.user,
      last_modifier_user_name: this.context.user,
      create_time: timeText(created),
      update_time: timeText(updated),
      lifecycle_state: isTrashed ? "TRASHED" : "ACTIVE",
    };
  }

  protected checked(fields: Fields): Fields {
    if (typeof fields.query_text !== "string") throw invalid("query_text is missing");
    return fields;
  }
}

/** The alerts of one workspace. */
export class Alerts extends Masked {
  /** SDK 0.162: sql.AlertV2. */
  protected readonly fields = [
    "custom_description",
    "custom_summary",
    "custom_template_format",
    "display_name",
    "evaluation",
    "parameters",
    "parent_path",
    "query_text",
    "run_as",
    "schedule",
    "warehouse_id",
  ];

  constructor(context: KindContext) {
    super(context, {
      noun: "Alert",
      suffix: ".dbalert.json",
      objectType: "FILE",
      firstId: 3_200_000_000,
      newId: (count) => `00000000-0000-4000-b000-${String(count).padStart(12, "0")}`,
    });
  }

  handlers(): HttpHandler[] {
    const path = "/api/2.0/alerts";
    const idOf = ({ params }: Call) => params.id ?? "";
    return [
      endpoint("get", path, (call) => this.list("alerts", call, (row) => row)),
      endpoint("post", path, ({ body }) => this.told(this.add(body))),
      endpoint("get", `${path}/:id`, (call) => this.answer(idOf(call))),
      endpoint(
        "patch",
        `${path}/:id`,
        (call) => this.mask(idOf(call), call.query.text("update_mask") ?? "", call.body),
      ),
      endpoint("delete", `${path}/:id`, (call) => this.remove(idOf(call))),
    ];
  }

  protected told(id: string): Fields {
    const { fields, created, updated, isTrashed } = this.files.any(id) ?? this.files.require(id);
    const now = this.context.now();
    return {
      ...fields,
      id,
      // Alerts are evaluated every second.
      evaluation: { ...fields.evaluation as Fields, state: "OK", last_evaluated_at: timeText(now - now % 1000) },
      schedule: { pause_status: "UNPAUSED", ...fields.schedule as Fields },
      effective_run_as: fields.run_as ?? { user_name: this.context.user },
      owner_user_name: this.context.user,
      create_time: timeText(created),
      update_time: timeText(updated),
      lifecycle_state: isTrashed ? "DELETED" : "ACTIVE",
    };
  }

  protected checked(fields: Fields): Fields {
    for (const name of ["display_name", "query_text", "warehouse_id", "evaluation", "schedule"]) {
      if (fields[name] === undefined) throw invalid(`${name} is missing`);
    }
    return fields;
  }
}
