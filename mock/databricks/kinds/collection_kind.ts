/**
 * A kind whose answers are its stored fields: the methods for its tests and its handlers.
 *
 * @module
 */
import { Collection, type CollectionOptions } from "./collection.ts";
import type { KindContext } from "./context.ts";

type Fields = Record<string, unknown>;

/** A kind of resources in one {@link Collection}. */
export class CollectionKind {
  protected readonly context: KindContext;
  protected readonly items: Collection;

  constructor(context: KindContext, options: CollectionOptions) {
    this.context = context;
    this.items = new Collection(options);
  }

  /** Changes fields of a resource, as a person does in the web application. */
  edit(id: string, fields: Fields): void {
    this.items.edit(id, fields);
  }

  /** A resource as a get returns it; `undefined` if there is none. */
  get(id: string): Fields | undefined {
    return this.items.get(id);
  }

  all(): Fields[] {
    return this.items.all();
  }

  remove(id: string): void {
    this.items.remove(id);
  }

  /** Deletes a resource. @throws {ApiError} if there is none. */
  protected delete(id: string): void {
    this.items.require(id);
    this.remove(id);
  }
}
