/**
 * The state of APIs of the plain sort (`PlainApi` in src/resource.ts), of which all is known from a kind's declaration.
 *
 * @module
 */
import type { PlainApi, Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { alreadyExists, invalid, notFound } from "./errors.ts";
import { IdSequence } from "./ids.ts";

type Fields = Record<string, unknown>;

/** What a workspace holds of one kind. */
export class PlainCollection {
  readonly #ids = new IdSequence(501234567890123456n);
  readonly #items = new Map<string, Fields>();
  readonly #api: PlainApi;
  readonly #noun: string;

  constructor({ noun }: Pick<Resource, "noun">, api: PlainApi) {
    this.#noun = noun;
    this.#api = api;
  }

  /** Adds one and returns its id. */
  add(fields: Fields): string {
    this.#check(fields);
    const id = this.#ids.next();
    this.#items.set(id, { ...fields, [this.#api.id]: id });
    return id;
  }

  /** Replaces the fields of one, as an edit of the API does. */
  replace(id: string, fields: Fields): void {
    this.require(id);
    this.#check(fields, id);
    this.#items.set(id, { ...fields, [this.#api.id]: id });
  }

  /** The fields with the id among them, or the API's 404. */
  require(id: string): Fields {
    const fields = this.#items.get(id);
    if (!fields) throw notFound(`${this.#noun} ${id} does not exist`);
    return fields;
  }

  /** True when there was such a one. */
  remove(id: string): boolean {
    return this.#items.delete(id);
  }

  all(): Fields[] {
    return [...this.#items.values()];
  }

  #check(fields: Fields, id?: string): void {
    const { id: idField, name: nameField } = this.#api;
    const name = fields[nameField];
    if (typeof name !== "string" || name === "") throw invalid(`Missing required field: ${nameField}`);
    if (this.all().some((other) => other[nameField] === name && other[idField] !== id)) {
      throw alreadyExists(`${this.#noun} "${name}" already exists`);
    }
  }
}

/** What a workspace holds of each kind of the plain sort. */
export class PlainCollections {
  readonly #collections = new Map(
    resources.flatMap((resource) =>
      resource.plain === undefined ? [] : [[resource.kind, new PlainCollection(resource, resource.plain)]]
    ),
  );

  /** What there is of a kind; `undefined` when its API is not of the plain sort. */
  of(kind: string): PlainCollection | undefined {
    return this.#collections.get(kind);
  }
}
