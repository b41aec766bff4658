/**
 * Answers reads with the state before the latest write of a kind, like a server that lags behind.
 *
 * @module
 */
import { keyOf } from "../../src/kubernetes/object.ts";
import { viewOf } from "./objects.ts";
import { answer, formOf, Writer } from "./requests/answer.ts";
import { selectorOf } from "./requests/list.ts";
import type { Asked } from "./requests/request.ts";
import { storageName } from "./resource_type.ts";
import type { Store } from "./store.ts";

/** The state of a store before the latest write. */
export class Yesterday {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** A stale answer to a list, or to a get of an object that existed; `undefined` otherwise. */
  answer(asked: Asked): Response | undefined {
    const { type, query, headers, verb, namespace = "", name = "" } = asked;
    const collection = this.#store.collection(storageName(type));
    const [latest] = collection.since(collection.compacted).slice(-1);
    if (!latest || verb !== "get" && verb !== "list") return undefined;
    const revision = latest.revision - 1;
    const items = collection.at(revision).filter(selectorOf(asked)).map((object) => viewOf(object, type));
    const form = formOf(headers, query);
    const writer = new Writer(type, form, this.#now);
    if (verb === "list") return answer(writer.list({ items, metadata: { resourceVersion: String(revision) } }), form);
    const object = items.find((one) => keyOf(one) === `${namespace}/${name}`);
    return object && answer(writer.object(object), form);
  }
}
