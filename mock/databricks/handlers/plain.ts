/**
 * The plain APIs (`PlainApi` in src/resource.ts), served from the kinds' declarations.
 *
 * An update by PATCH changes only the given fields; other methods replace all of them.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Endpoint, Resource } from "../../../src/resource.ts";
import { resources } from "../../../src/resources/mod.ts";
import { invalid } from "../errors.ts";
import type { PlainCollection, PlainCollections } from "../plain.ts";
import { type Answer, type Call, endpoint } from "./endpoint.ts";

/** The handlers of all kinds with a plain API. */
export function plainHandlers(collections: PlainCollections): HttpHandler[] {
  return resources.flatMap((resource) => {
    const collection = collections.of(resource.kind);
    return collection === undefined ? [] : handlersOf(resource, collection);
  });
}

function handlersOf({ endpoints, plain }: Resource, collection: PlainCollection): HttpHandler[] {
  const field = plain?.id ?? "";
  const idOf = ({ params, query, body }: Call): string => {
    const id = params[field] ?? query.text(field) ?? body[field];
    if (id === undefined || id === "") throw invalid(`Missing required field: ${field}`);
    return String(id);
  };
  const answers: Record<string, Answer> = {
    get: (call) => collection.require(idOf(call)),
    list: () => ({ [endpoints.list?.items ?? "items"]: collection.all() }),
    create: ({ body }) => ({ [field]: collection.add(body) }),
    update: (call) => {
      const before = collection.require(idOf(call));
      collection.replace(idOf(call), endpoints.update?.method === "PATCH" ? { ...before, ...call.body } : call.body);
    },
    delete: (call) => {
      collection.require(idOf(call));
      collection.remove(idOf(call));
    },
  };
  return Object.entries(answers).flatMap(([name, answer]) => {
    const declared = endpoints[name];
    return declared === undefined ? [] : [handlerOf(declared, answer)];
  });
}

function handlerOf({ method, path }: Endpoint, answer: Answer): HttpHandler {
  const verb = method.toLowerCase() as Parameters<typeof endpoint>[0];
  return endpoint(verb, path.replace(/\{(\w+)\}/g, ":$1"), answer);
}
