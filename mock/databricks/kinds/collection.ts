/**
 * Named resources with ids, the form of most of Databricks' APIs.
 *
 * @module
 */
import { alreadyExists, type ApiError, invalid, notFound } from "../errors.ts";

type Fields = Record<string, unknown>;

/** Options of a {@link Collection}. */
export interface CollectionOptions {
  /** The noun for errors: `SQL warehouse`. */
  readonly noun: string;
  /** The field of the id, and the one of the name; if they are the same, the name is the id. */
  readonly id: string;
  readonly name: string;
  /** Returns the next id; without it, names are ids. */
  readonly newId?: () => string;
  /** Creates the API's error for a taken name. */
  readonly taken?: (message: string) => ApiError;
  /** Creates the API's error for a missing resource. */
  readonly missing?: (message: string) => ApiError;
}

/** Resources by their ids. */
export class Collection<Item extends Fields = Fields> {
  readonly #items = new Map<string, Item>();
  readonly #options: CollectionOptions;

  constructor(options: CollectionOptions) {
    this.#options = options;
  }

  /** Adds a resource and returns its id. */
  add(fields: Omit<Item, string> & Fields): string {
    this.#check(fields);
    const { id: idField, name, newId = () => String(fields[name]) } = this.#options;
    const id = newId();
    this.#items.set(id, { ...fields, [idField]: id } as unknown as Item);
    return id;
  }

  /** Replaces the fields of a resource. */
  replace(id: string, fields: Fields): void {
    this.require(id);
    this.#check(fields, id);
    this.#items.set(id, { ...fields, [this.#options.id]: id } as unknown as Item);
  }

  /** Changes some fields of a resource, as a person does in the web application. */
  edit(id: string, fields: Fields): void {
    this.replace(id, { ...this.require(id), ...fields });
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** The resource. @throws {ApiError} if there is none. */
  require(id: string): Item {
    const { noun, missing = notFound } = this.#options;
    const item = this.#items.get(id);
    if (item === undefined) throw missing(`${noun} ${id} does not exist`);
    return item;
  }

  /** Removes a resource. @returns false if there was none. */
  remove(id: string): boolean {
    return this.#items.delete(id);
  }

  all(): Item[] {
    return [...this.#items.values()];
  }

  #check(fields: Fields, id?: string): void {
    const { id: idField, name: nameField, noun, taken = alreadyExists } = this.#options;
    const name = fields[nameField];
    if (typeof name !== "string" || name === "") throw invalid(`Missing required field: ${nameField}`);
    if (this.all().some((other) => other[nameField] === name && (id === undefined || other[idField] !== id))) {
      throw taken(`${noun} "${name}" already exists`);
    }
  }
}

/** The named fields, as far as they are present. */
export function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}
