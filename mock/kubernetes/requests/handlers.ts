/**
 * Answers requests for objects: one function per verb.
 *
 * @module
 */
import { type JsonObject, stringifyJson } from "../../../src/base/json.ts";
import { keyOf, type KubeObject } from "../../../src/kubernetes/object.ts";
import { decode, parseBody } from "../decode.ts";
import { type Deletion, remove } from "../deletion.ts";
import { badRequest, notAllowed, notFound, unknownFormat } from "../errors.ts";
import { type Objects, requireVersion, viewOf } from "../objects.ts";
import { verbsOf } from "../resource_type.ts";
import { answer, formOf, Writer } from "./answer.ts";
import { checkRevision, list, type Page } from "./list.ts";
import { patch } from "./patch.ts";
import type { Asked } from "./request.ts";
import { otherSubresource } from "./subresources.ts";

/** Answers a request for objects other than a watch. */
export function handle(objects: Objects, asked: Asked): Response {
  const handler = handlers[asked.verb];
  if (!handler || !verbsOf(asked.type).includes(asked.verb)) throw notAllowed();
  if (asked.subresource !== undefined && !["status", "finalize"].includes(asked.subresource)) {
    return otherSubresource(objects, asked);
  }
  if (asked.subresource !== undefined && !asked.type.subresources.includes(asked.subresource)) {
    throw notFound(asked.type, asked.name ?? "");
  }
  return handler(objects, asked);
}

const handlers: Record<string, (objects: Objects, asked: Asked) => Response> = {
  get(objects, asked) {
    checkRevision(asked.query.get("resourceVersion"), objects.store);
    return one(objects, asked, { object: objects.get(asked.type, keyAt(asked)) });
  },
  list(objects, asked) {
    checkRevision(asked.query.get("resourceVersion"), objects.store);
    return listAnswer(objects, asked, list(objects.store, asked));
  },
  create(objects, asked) {
    if (asked.name !== undefined) throw notAllowed();
    const { object, warnings } = decode(bodyOf(asked), asked.type, asked);
    const made = objects.create(asked.type, placed(object, asked), asked);
    return one(objects, asked, { object: made, warnings, status: 201 });
  },
  update(objects, asked) {
    const { object, warnings } = decode(bodyOf(asked), asked.type, asked);
    const next = placed(object, asked);
    const isNew = objects.find(asked.type, keyAt(asked)) === undefined;
    if (isNew && asked.type.rules.createsOnUpdate && !asked.subresource) {
      return one(objects, asked, { object: objects.create(asked.type, next, asked), warnings, status: 201 });
    }
    const updated = objects.update(asked.type, keyAt(asked), asked, () => {
      requireVersion(asked.type, next);
      return next;
    });
    return one(objects, asked, { object: updated, warnings });
  },
  patch(objects, asked) {
    return one(objects, asked, patch(objects, asked, keyAt(asked)));
  },
  delete(objects, asked) {
    const { object, isGone } = remove(objects, asked.type, keyAt(asked), deletionOf(asked));
    if (!isGone) return one(objects, asked, { object });
    const { name, uid } = object.metadata;
    const { group, plural: kind } = asked.type;
    const details = { name, ...group && { group }, kind, uid };
    const text = stringifyJson({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
    return answer(text, formOf(asked.headers, new URLSearchParams()));
  },
  deletecollection(objects, asked) {
    const page = list(objects.store, asked);
    const deletion = deletionOf(asked);
    const items = page.items.map((object) => remove(objects, asked.type, keyOf(object), deletion).object);
    return listAnswer(objects, asked, { ...page, items });
  },
};

const READABLE = ["application/json", "application/yaml"];

/** The key of the requested object. */
function keyAt({ namespace = "", name = "" }: Asked): string {
  return `${namespace}/${name}`;
}

function bodyOf({ body, headers, type }: Asked): JsonObject {
  const contentType = headers.get("content-type") ?? "application/json";
  if (!READABLE.some((known) => contentType.startsWith(known))) throw unknownFormat([...READABLE]);
  return parseBody(body, contentType, type.kind);
}

/** The object with the path's namespace. @throws {ApiError} 400 if the object names another one. */
function placed(object: KubeObject, { namespace, name }: Asked): KubeObject {
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  const { namespace: _, ...rest } = metadata;
  return {
    ...object,
    metadata: { ...rest, ...namespace !== undefined && { namespace }, ...name !== undefined && { name } },
  };
}

function deletionOf({ body, query, headers, dryRun }: Asked): Deletion {
  const options = body === "" ? {} : parseBody(body, headers.get("content-type") ?? "", "DeleteOptions");
  const { propagationPolicy, preconditions, orphanDependents } = options as Record<string, unknown>;
  const orphan = orphanDependents === true ? "Orphan" : undefined;
  return {
    propagation: query.get("propagationPolicy") ?? propagationPolicy as string ?? orphan,
    preconditions: preconditions as Deletion["preconditions"],
    dryRun: dryRun || Array.isArray(options.dryRun) && options.dryRun.length > 0,
  };
}

/** An answer with one object. */
function one(
  objects: Objects,
  { type, headers, query }: Asked,
  { object, ...options }: { object: KubeObject; warnings?: readonly string[]; status?: number },
): Response {
  const form = formOf(headers, query);
  return answer(new Writer(type, form, objects.now).object(viewOf(object, type)), form, options);
}

function listAnswer(objects: Objects, { type, headers, query }: Asked, page: Page): Response {
  const form = formOf(headers, query);
  return answer(new Writer(type, form, objects.now).list(page), form);
}
