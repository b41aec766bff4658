/**
 * The state of plain APIs (`PlainApi` in src/resource.ts), which a kind's declaration describes completely.
 *
 * @module
 */
import type { PlainApi, Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { IdSequence } from "./ids.ts";
import { Clocked } from "./kinds/clocked.ts";
import { Collection } from "./kinds/collection.ts";
import type { KindContext } from "./kinds/context.ts";

type Fields = Record<string, unknown>;

/** The resources of one plain kind. */
export class PlainCollection {
  readonly #context: KindContext;
  readonly #api: PlainApi;
  readonly #items: Collection;
  readonly #states = new Map<string, Clocked<string>>();

  constructor({ noun }: Pick<Resource, "noun">, api: PlainApi, context: KindContext) {
    const ids = new IdSequence(501234567890123456n);
    const newId = api.id === api.name ? {} : { newId: () => ids.next() };
    this.#context = context;
    this.#api = api;
    this.#items = new Collection({ noun, id: api.id, name: api.name, ...newId });
  }

  /** Adds a resource, which starts if its API has a state, and returns its id. */
  add(fields: Fields): string {
    const id = this.#items.add(fields);
    if (this.#api.state === undefined) return id;
    const { starting, started } = this.#api.state;
    const state = new Clocked<string>(this.#context.now, starting);
    state.pass(starting, { ms: this.#context.startMs, to: started });
    this.#states.set(id, state);
    return id;
  }

  /** Replaces the fields of a resource, as an edit by the API does. */
  replace(id: string, fields: Fields): void {
    this.#items.replace(id, fields);
  }

  /** The fields, including the id and the state. @throws {ApiError} 404 if there is none. */
  require(id: string): Fields {
    const state = this.#states.get(id)?.state;
    const { state: { field } = { field: "" } } = this.#api;
    return { ...this.#items.require(id), ...(state === undefined ? {} : { [field]: state }) };
  }

  /** Sets the state of a resource. */
  set(id: string, state: string): void {
    this.#states.get(id)?.set(state);
  }

  /** Removes a resource. @returns false if there was none. */
  remove(id: string): boolean {
    return this.#items.remove(id);
  }

  all(): Fields[] {
    return this.#items.all().map((fields) => this.require(String(fields[this.#api.id])));
  }
}

/** The resources of all plain kinds. */
export class PlainCollections {
  readonly #collections: ReadonlyMap<string, PlainCollection>;

  constructor(context: KindContext) {
    this.#collections = new Map(
      resources.flatMap((resource) =>
        resource.plain === undefined ? [] : [[resource.kind, new PlainCollection(resource, resource.plain, context)]]
      ),
    );
  }

  /** The resources of a kind; `undefined` if its API is not plain. */
  of(kind: string): PlainCollection | undefined {
    return this.#collections.get(kind);
  }
}
