/**
 * Unity Catalog of one workspace (API 2.1): one store for securables of all types, by full name.
 *
 * Names ignore case; lists are below a parent, and their pages may be empty; what something is in is deleted only by force.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { ApiError, denied, invalid } from "../errors.ts";
import { type Call, endpoint, listAnswer } from "../handlers/endpoint.ts";
import { byFallingId, paginate } from "../paging.ts";
import type { KindContext } from "./context.ts";
import { parentFields, type SecurableType, securableTypes } from "./securable_types.ts";

type Fields = Record<string, unknown>;

interface Securable {
  readonly type: string;
  readonly number: number;
  madeAt: number;
  fields: Fields;
  /** Who may see that it is there, and no more. */
  browseOnly?: boolean;
  /** Who may change nothing but its owner. */
  foreign?: boolean;
}

/** So many rows are on a page. */
const PAGE = 50;
/** For so long what was made is not found, where that is doubted (ms). */
const FRESH_MS = 2000;
/** When Databricks adds properties of its own, where it does so later (ms). */
const LATER_MS = 1000;
const MANAGED = { "unity.catalog.managed.schema.defaults.delta.enableRowTracking": "true" };

const catalog: Pick<SecurableType, "name"> = { name: "catalog" };

/** Unity Catalog. It has catalog `main` with schema `default`, as new metastores had. */
export class UnityCatalog {
  readonly #context: KindContext;
  readonly #items = new Map<string, Securable>();
  #count = 0;

  constructor(context: KindContext) {
    this.#context = context;
    this.#put(catalog, "main", { name: "main" });
    this.#put({ name: "schema" }, "main.default", { name: "default", catalog_name: "main" });
    for (const securable of this.#items.values()) {
      securable.fields.owner = "metastore-admins";
      securable.madeAt = -Infinity;
    }
  }

  /** Makes a securable as its create does, and returns its full name. */
  add(name: string, fields: Fields): string {
    return String(this.#create(typeOf(name), fields).full_name);
  }

  /** Makes something of a type that the mock does not serve, such as a table. */
  addOther(name: string, full: string): void {
    this.#put({ name }, full.toLowerCase(), {});
  }

  /** Changes fields as a person does in the webapp. */
  edit(full: string, fields: Fields): void {
    const securable = this.#items.get(full.toLowerCase());
    if (securable === undefined) throw new RangeError(`There is no securable ${full}`);
    securable.fields = { ...securable.fields, ...fields };
    this.#touch(securable);
  }

  /** Lets the caller see only that a securable is there. */
  hide(full: string): void {
    const securable = this.#items.get(full.toLowerCase());
    if (securable !== undefined) securable.browseOnly = true;
  }

  /** Lets the caller change nothing of a securable but its owner, until it is the caller. */
  disown(full: string, owner: string): void {
    this.edit(full, { owner });
    const securable = this.#items.get(full.toLowerCase());
    if (securable !== undefined) securable.foreign = true;
  }

  /** A securable as a get tells it; `undefined` when there is none. */
  get(full: string): Fields | undefined {
    const securable = this.#items.get(full.toLowerCase());
    return securable === undefined ? undefined : this.#told(securable);
  }

  /** The full names of all securables of a type. */
  names(name: string): string[] {
    return [...this.#items].flatMap(([full, { type }]) => type === name ? [full] : []);
  }

  /** Takes a securable away, with all that is in it. */
  remove(full: string): void {
    for (const name of [...this.#items.keys()]) {
      if (name === full.toLowerCase() || name.startsWith(`${full.toLowerCase()}.`)) this.#items.delete(name);
    }
  }

  handlers(): HttpHandler[] {
    return securableTypes.flatMap((type) => {
      const all = `/api/2.1/unity-catalog/${type.path}`;
      const one = `${all}/:full_name`;
      return [
        endpoint("get", all, (call) => this.#list(type, call)),
        endpoint("post", all, ({ body }) => this.#create(type, body)),
        endpoint("get", one, (call) => this.#told(this.#require(type, call))),
        endpoint("patch", one, (call) => this.#update(type, call)),
        endpoint("delete", one, (call) => this.#delete(type, call)),
      ];
    });
  }

  #put({ name: type }: Pick<SecurableType, "name">, full: string, fields: Fields): Securable {
    const { now, user } = this.#context;
    const number = this.#count++;
    const at = now();
    const made = { created_at: at, created_by: user, updated_at: at, updated_by: user, owner: user };
    const securable = {
      type,
      number,
      madeAt: at,
      fields: { metastore_id: uuid(0), ...fields, full_name: full, ...made },
    };
    this.#items.set(full.toLowerCase(), securable);
    return securable;
  }

  #create(type: SecurableType, body: Fields): Fields {
    const absent = type.required.find((field) => typeof body[field] !== "string" || body[field] === "");
    if (absent !== undefined) throw invalid(`Create${title(type)} ${absent} is missing`);
    const parents = parentFields(type).map((field) => String(body[field]));
    if (type.parent !== undefined) this.#find({ name: type.parent }, parents.join("."));
    const full = [...parents, String(body.name)].join(".");
    if (this.#items.has(full.toLowerCase())) throw this.#taken(type, full);
    const id = uuid(this.#count + 1);
    const fields = {
      ...this.#spelt(pick(body, type.create)),
      ...type.made?.(body, id),
      ...(type.id ? { [type.id]: id } : {}),
    };
    const told = this.#context.doubts.securableNames === "lower case" ? full.toLowerCase() : full;
    return this.#told(this.#put(type, told, fields));
  }

  #list(type: SecurableType, { query }: Call): Fields {
    const fields = parentFields(type);
    const parents = fields.map((field) => query.text(field));
    const missing = fields.find((field) => !query.text(field));
    if (missing !== undefined) throw invalid(`List${title(type)} ${missing} is missing`);
    const below = parents.join(".").toLowerCase();
    if (type.parent !== undefined) this.#find({ name: type.parent }, below);
    const rows = [...this.#items].filter(([full, one]) =>
      one.type === type.name && (below === "" || full.startsWith(`${below}.`))
    ).map(([, one]) => one).sort(byFallingId(({ number }) => String(number)));
    const limit = Number(query.text("max_results") ?? 0) || PAGE;
    const { doubts } = this.#context;
    const page = paginate(
      rows,
      { limit: Math.min(limit, PAGE), token: query.text("page_token"), doubts },
      ({ number }) => String(number),
    );
    const list = listAnswer(type.path, page.items.map((one) => this.#row(one)), doubts);
    return page.next === undefined ? list : { ...list, next_page_token: page.next };
  }

  #update(type: SecurableType, call: Call): Fields {
    const securable = this.#require(type, call);
    const changes = pick(call.body, type.update);
    if (Object.keys(changes).length === 0) throw invalid(`Update${title(type)} Nothing to update`);
    if (securable.browseOnly === true) throw denied(`User does not own ${title(type)} '${call.params.full_name}'`);
    if (securable.foreign === true && Object.keys(changes).some((field) => field !== "owner")) {
      throw denied(`User is not an owner of ${title(type)} '${call.params.full_name}'`);
    }
    if ("owner" in changes) securable.foreign = false;
    const { properties } = changes;
    if (properties !== undefined && this.#context.doubts.securableProperties === "kept") {
      changes.properties = { ...securable.fields.properties as Fields, ...properties };
    }
    securable.fields = { ...securable.fields, ...this.#spelt(changes) };
    this.#touch(securable);
    return this.#told(securable);
  }

  #delete(type: SecurableType, call: Call): void {
    this.#require(type, call);
    const full = String(call.params.full_name).toLowerCase();
    const inside = [...this.#items.keys()].filter((name) => name.startsWith(`${full}.`));
    if (inside.length > 0 && !call.query.flag("force")) {
      const isTyped = this.#context.doubts.fullSecurable === "NOT_EMPTY with the type";
      const code = isTyped ? `${type.name.toUpperCase()}_NOT_EMPTY` : "INVALID_STATE";
      throw new ApiError(400, code, `${title(type)} '${full}' is not empty. It has ${inside.length} securable(s)`);
    }
    this.remove(full);
  }

  #require(type: SecurableType, { params }: Call): Securable {
    return this.#find(type, String(params.full_name));
  }

  /** A securable that is found, or the API's error. */
  #find(type: Pick<SecurableType, "name">, full: string): Securable {
    const { doubts, now } = this.#context;
    const securable = this.#items.get(full.toLowerCase());
    const isFresh = doubts.freshSecurable === "after seconds" && now() - (securable?.madeAt ?? 0) < FRESH_MS;
    if (securable !== undefined && securable.type === type.name && !isFresh) return securable;
    const code = doubts.missingSecurable === "RESOURCE_DOES_NOT_EXIST"
      ? "RESOURCE_DOES_NOT_EXIST"
      : `${type.name.toUpperCase()}_DOES_NOT_EXIST`;
    throw new ApiError(404, code, `${title(type)} '${full}' does not exist.`);
  }

  #taken(type: SecurableType, full: string): ApiError {
    const isTyped = this.#context.doubts.takenSecurable === "400 and a code for each type";
    const message = `${title(type)} '${full}' already exists`;
    return isTyped
      ? new ApiError(400, `${type.name.toUpperCase()}_ALREADY_EXISTS`, message)
      : new ApiError(409, "RESOURCE_ALREADY_EXISTS", message);
  }

  #touch(securable: Securable): void {
    const { now, user } = this.#context;
    securable.fields.updated_at = Math.max(now(), Number(securable.fields.updated_at) + 1);
    securable.fields.updated_by = user;
  }

  /** Fields as Unity Catalog writes them. */
  #spelt(fields: Fields): Fields {
    const { securableNames, ownerCase, storageRootSlash } = this.#context.doubts;
    return Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        const isName = field === "name" || field.endsWith("_name");
        if (typeof value !== "string") return [field, value];
        if (isName && securableNames === "lower case") return [field, value.toLowerCase()];
        if (field === "owner" && ownerCase === "lower case") return [field, value.toLowerCase()];
        if (field === "storage_root" && storageRootSlash === "no") return [field, value.replace(/\/+$/, "")];
        return [field, value];
      }),
    );
  }

  #told({ fields, madeAt, browseOnly, type }: Securable): Fields {
    const { doubts: { addedProperties }, now } = this.#context;
    if (browseOnly === true) {
      return { ...pick(fields, ["name", "full_name", "catalog_name", "schema_name"]), browse_only: true };
    }
    const isAdded = addedProperties === "when it is made" ||
      (addedProperties === "some time later" && now() - madeAt >= LATER_MS);
    if (type !== "schema" || !isAdded) return fields;
    return { ...fields, properties: { ...MANAGED, ...fields.properties as Fields } };
  }

  #row(securable: Securable): Fields {
    const told = this.#told(securable);
    if (this.#context.doubts.securableRows === "yes") return told;
    const { properties: _untold, storage_location: _neither, storage_root: _nor, ...rest } = told;
    return rest;
  }
}

function typeOf(name: string): SecurableType {
  const type = securableTypes.find((one) => one.name === name);
  if (type === undefined) throw new RangeError(`The mock does not serve ${name}s`);
  return type;
}

function title({ name }: Pick<SecurableType, "name">): string {
  return name.replace(/(?:^|_)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}
