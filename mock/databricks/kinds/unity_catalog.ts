/**
 * Unity Catalog of one workspace (API 2.1): one store for all types of securables.
 *
 * Names ignore case; lists are per parent, and their pages may be empty; a securable with contents is deleted only by
 * force; an isolated one does not exist for a workspace that it is not bound to.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, denied, invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";
import { insideOf, isReady, type Securable, told } from "./securable.ts";
import { parentFields, type SecurableType, securableTypes, typeNamed, typeOf } from "./securable_types.ts";

type Fields = Record<string, unknown>;

/** The number of rows on a page. */
const PAGE = 50;
/** The id of the workspace that receives all calls. */
const WORKSPACE_ID = 1234567890123456;

/**
 * Unity Catalog. It begins with catalog `main` and its schema `default`, like older metastores, and with storage
 * credential `metastore_default`.
 */
export class UnityCatalog {
  readonly #context: KindContext;
  #items: Securable[] = [];
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
    this.#make(typeOf("catalog"), "main", { name: "main" });
    this.#make(typeOf("storage_credential"), "metastore_default", {
      name: "metastore_default",
      aws_iam_role: { role_arn: "arn:aws:iam::123456789012:role/metastore" },
    });
    for (const securable of this.#items) {
      securable.fields.owner = "metastore-admins";
      securable.madeAt = -Infinity;
    }
  }

  /** Adds a securable, as a create does, and returns its full name. */
  add(type: string, fields: Fields): string {
    const { full_name, name } = this.#create(typeOf(type), fields);
    return String(full_name ?? name);
  }

  /** Adds a securable of a type that the mock does not serve, such as a table. */
  addOther(type: string, full: string): void {
    this.#put(type, full, {});
  }

  /** Changes fields, as a person does in the web application. */
  edit(full: string, fields: Fields): void {
    const securable = this.#named(full);
    securable.fields = { ...securable.fields, ...fields };
    this.#touch(securable);
  }

  /** Hides everything but a securable's existence from the caller. */
  hide(full: string): void {
    this.#named(full).isBrowseOnly = true;
  }

  /** Gives a securable another owner: the caller may change nothing but its owner until that is done. */
  disown(full: string, owner: string): void {
    this.edit(full, { owner });
    this.#named(full).isForeign = true;
  }

  /** A securable as a get returns it, even if this workspace does not see it; `undefined` if there is none. */
  get(full: string, type?: string): Fields | undefined {
    const securable = this.#items.find((one) => one.key === full.toLowerCase() && (type ?? one.type) === one.type);
    return securable === undefined ? undefined : told(securable, this.#context);
  }

  /** The full names of all securables of a type, in lower case. */
  names(type: string): string[] {
    return this.#items.flatMap((one) => one.type === type ? [one.key] : []);
  }

  /** Removes a securable with its contents. */
  remove(full: string): void {
    this.#drop(this.#named(full));
  }

  handlers(): HttpHandler[] {
    const root = "/api/2.1/unity-catalog";
    const assignment = { metastore_id: uuid(0), workspace_id: WORKSPACE_ID, default_catalog_name: "main" };
    return [
      endpoint("get", `${root}/current-metastore-assignment`, () => assignment),
      endpoint("patch", `${root}/bindings/:type/:full_name`, (call) => this.#bind(call)),
      ...securableTypes.flatMap((type) => {
        const all = `${root}/${type.path}`;
        const one = `${all}/:full_name`;
        return [
          endpoint("get", all, (call) => this.#list(type, call)),
          endpoint("post", all, ({ body }) => this.#create(type, body)),
          endpoint("get", one, (call) => told(this.#require(type, call), this.#context)),
          endpoint("patch", one, (call) => this.#update(type, call)),
          endpoint("delete", one, (call) => this.#delete(type, call)),
        ];
      }),
    ];
  }

  #put(type: string, full: string, fields: Fields): Securable {
    const { now, user } = this.#context;
    const at = now();
    const made = { created_at: at, created_by: user, updated_at: at, updated_by: user, owner: user };
    const all = { metastore_id: uuid(0), ...fields, full_name: full, ...made };
    const securable: Securable = { type, key: full.toLowerCase(), number: this.#count++, madeAt: at, fields: all };
    this.#items.push(securable);
    return securable;
  }

  #make(type: SecurableType, full: string, fields: Fields): Securable {
    const id = uuid(this.#count + 1);
    const securable = this.#put(type.name, full, {
      ...this.#spelt(fields),
      ...type.made?.(fields, id),
      ...(type.id === undefined ? {} : { [type.id]: id }),
    });
    if (type.name === "catalog") {
      const inside = { catalog_name: securable.fields.full_name };
      this.#make(typeOf("schema"), `${full}.default`, { name: "default", ...inside });
      this.#make(typeOf("schema"), `${full}.information_schema`, { name: "information_schema", ...inside });
    }
    return securable;
  }

  #create(type: SecurableType, body: Fields): Fields {
    const absent = type.required.find((field) => typeof body[field] !== "string" || body[field] === "");
    if (absent !== undefined) throw invalid(`Create${title(type)} ${absent} is missing`);
    const wrong = type.wrong?.(body);
    if (wrong !== undefined) throw invalid(wrong);
    const parents = parentFields(type).map((field) => String(body[field]));
    if (type.parent !== undefined) this.#find(typeOf(type.parent), parents.join("."));
    for (const [field, needed] of Object.entries(type.needs ?? {})) {
      if (body[field] !== undefined) this.#find(typeOf(needed), String(body[field]));
    }
    const full = [...parents, String(body.name)].join(".");
    if (this.get(full, type.name) !== undefined) throw this.#taken(type, full);
    const name = this.#context.doubts.securableNames === "lower case" ? full.toLowerCase() : full;
    return told(this.#make(type, name, pick(body, type.create)), this.#context);
  }

  #list(type: SecurableType, { query }: Call): Fields {
    const fields = parentFields(type);
    const missing = fields.find((field) => !query.text(field));
    if (missing !== undefined) throw invalid(`List${title(type)} ${missing} is missing`);
    const below = fields.map((field) => query.text(field)).join(".").toLowerCase();
    if (type.parent !== undefined) this.#find(typeOf(type.parent), below);
    const rows = this.#items.filter((one) =>
      one.type === type.name && (below === "" || one.key.startsWith(`${below}.`))
    )
      .sort(byFallingId(({ number }) => String(number)));
    const { doubts } = this.#context;
    const limit = Math.min(Number(query.text("max_results") ?? 0) || PAGE, PAGE);
    const request = { limit, token: query.text("page_token"), doubts };
    const page = paginate(rows, request, ({ number }) => String(number));
    const list = listAnswer(type.items ?? type.path, page.items.map((one) => this.#row(one)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #update(type: SecurableType, call: Call): Fields {
    const securable = this.#require(type, call);
    const changes = pick(call.body, type.update);
    const what = `${title(type)} '${call.params.full_name}'`;
    if (Object.keys(changes).length === 0) throw invalid(`Update${title(type)} Nothing to update`);
    this.#refuseWithout(type, changes);
    const isForeign = securable.isForeign === true && Object.keys(changes).some((field) => field !== "owner");
    if (securable.isBrowseOnly === true || isForeign) throw denied(`User is not an owner of ${what}`);
    for (const [field, needed] of Object.entries(type.needs ?? {})) {
      if (changes[field] !== undefined) this.#find(typeOf(needed), String(changes[field]));
    }
    if ("owner" in changes) securable.isForeign = false;
    const { properties } = changes;
    if (properties !== undefined && this.#context.doubts.securableProperties === "kept") {
      changes.properties = { ...securable.fields.properties as Fields, ...properties };
    }
    if (changes.options !== undefined && this.#context.doubts.connectionOptions === "kept") {
      changes.options = { ...securable.fields.options as Fields, ...changes.options };
    }
    const fields = { ...securable.fields, ...this.#spelt(changes) };
    securable.fields = { ...fields, ...pick(type.made?.(fields, String(fields[type.id ?? ""])) ?? {}, type.update) };
    this.#touch(securable);
    return told(securable, this.#context);
  }

  /** Refuses an update without its required fields; a doubt decides about an update of only the owner. */
  #refuseWithout({ name, always = [] }: SecurableType, changes: Fields): void {
    const isOwnerAlone = Object.keys(changes).join() === "owner";
    if (isOwnerAlone && this.#context.doubts.ownerWithoutOptions === "taken") return;
    const absent = always.find((field) => changes[field] === undefined);
    if (absent !== undefined) throw invalid(`Update${name} ${absent} is missing`);
  }

  #delete(type: SecurableType, call: Call): void {
    const securable = this.#require(type, call);
    const { doubts } = this.#context;
    const inside = insideOf(securable, this.#items).filter(({ key }) => {
      if (type.name !== "catalog") return true;
      return !key.endsWith(".information_schema") &&
        (doubts.defaultSchema === "prevents it" || !key.endsWith(".default"));
    });
    if (inside.length > 0 && !call.query.flag("force")) {
      const isTyped = doubts.fullSecurable === "NOT_EMPTY with the type";
      const code = isTyped ? `${type.name.toUpperCase()}_NOT_EMPTY` : "INVALID_STATE";
      const why = isTyped ? "is not empty. It has" : "cannot be deleted: it has dependent securables,";
      throw new ApiError(400, code, `${title(type)} '${securable.key}' ${why} ${inside.length}`);
    }
    this.#drop(securable);
  }

  #drop(securable: Securable): void {
    // The dependents of a location, credential or connection stay, although they no longer work.
    const takes = !["connection", "external_location", "storage_credential"].includes(securable.type);
    const gone = new Set([securable, ...(takes ? insideOf(securable, this.#items) : [])]);
    this.#items = this.#items.filter((one) => !gone.has(one));
  }

  #bind({ params, body }: Call): Fields {
    const type = typeNamed(String(params.type));
    if (type?.isolated === undefined) throw invalid(`There are no bindings of type ${params.type}`);
    const securable = this.#items.find((one) =>
      one.type === type.name && one.key === String(params.full_name).toLowerCase()
    );
    if (securable === undefined) throw this.#missing(type, String(params.full_name));
    const isOpen = securable.fields.isolation_mode !== type.isolated;
    if (isOpen && this.#context.doubts.openBinding === "refused") {
      throw invalid(`${title(type)} '${securable.key}' is not isolated, so it has no bindings`);
    }
    const ids = ((body.add ?? []) as Fields[]).map(({ workspace_id }) => Number(workspace_id));
    securable.bound = [...new Set([...securable.bound ?? [], ...ids])];
    const bindings = securable.bound.map((workspace_id) => ({ workspace_id, binding_type: "BINDING_TYPE_READ_WRITE" }));
    return { bindings };
  }

  #require(type: SecurableType, { params }: Call): Securable {
    return this.#find(type, String(params.full_name));
  }

  /** A securable that can be found. @throws {ApiError} if there is none. */
  #find(type: SecurableType, full: string): Securable {
    const securable = this.#items.find((one) => one.type === type.name && one.key === full.toLowerCase());
    if (securable === undefined || !isReady(securable, this.#context)) throw this.#missing(type, full);
    const isIsolated = type.isolated !== undefined && securable.fields.isolation_mode === type.isolated;
    if (isIsolated && securable.bound?.includes(WORKSPACE_ID) !== true) {
      throw denied(`${title(type)} '${full}' is not accessible in current workspace`);
    }
    return securable;
  }

  #named(full: string): Securable {
    const securable = this.#items.find((one) => one.key === full.toLowerCase());
    if (securable === undefined) throw new RangeError(`There is no securable ${full}`);
    return securable;
  }

  #missing(type: SecurableType, full: string): ApiError {
    const isPlain = this.#context.doubts.missingSecurable === "RESOURCE_DOES_NOT_EXIST";
    const code = isPlain ? "RESOURCE_DOES_NOT_EXIST" : `${type.name.toUpperCase()}_DOES_NOT_EXIST`;
    return new ApiError(404, code, `${title(type)} '${full}' does not exist.`);
  }

  #taken(type: SecurableType, full: string): ApiError {
    const isTyped = this.#context.doubts.takenSecurable === "400 and a code for each type";
    const message = `${title(type)} '${full}' already exists`;
    return isTyped
      ? new ApiError(400, `${type.name.toUpperCase()}_ALREADY_EXISTS`, message)
      : new ApiError(409, "RESOURCE_ALREADY_EXISTS", message);
  }

  #touch({ fields }: Securable): void {
    fields.updated_at = Math.max(this.#context.now(), Number(fields.updated_at) + 1);
    fields.updated_by = this.#context.user;
  }

  /** Fields in Unity Catalog's spelling. */
  #spelt(fields: Fields): Fields {
    const { securableNames, ownerCase, storageRootSlash } = this.#context.doubts;
    const spell = (field: string, value: string) => {
      const isName = field === "name" || field.endsWith("_name");
      if (isName && securableNames === "lower case") return value.toLowerCase();
      if (field === "owner" && ownerCase === "lower case") return value.toLowerCase();
      return field === "storage_root" && storageRootSlash === "no" ? value.replace(/\/+$/, "") : value;
    };
    return Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, typeof value === "string" ? spell(field, value) : value]),
    );
  }

  #row(securable: Securable): Fields {
    const whole = told(securable, this.#context);
    if (this.#context.doubts.securableRows === "yes") return whole;
    const { properties: _untold, storage_location: _neither, storage_root: _nor, ...rest } = whole;
    return rest;
  }
}

function title({ name }: SecurableType): string {
  return name.replace(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}
