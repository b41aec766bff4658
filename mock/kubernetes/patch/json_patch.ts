/**
 * JSON patch (RFC 6902).
 *
 * @module
 */
import { isObject, type Json } from "../../../src/base/json.ts";
import { ApiError, badRequest } from "../errors.ts";
import { clone, equal } from "../values.ts";

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: Json;
}

/** @throws {ApiError} 400 if the patch is malformed, 422 if it cannot be applied. */
export function jsonPatch(target: Json, patch: unknown): Json {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  return patch.reduce<Json>((document, operation) => carryOut(document, operation), clone(target));
}

/** The operations; each returns the changed document. */
const operations: Record<string, (document: Json, operation: Operation) => Json> = {
  add: (document, { path, value }) => add(document, stepsOf(path), clone(required(value))),
  remove: (document, { path }) => remove(document, stepsOf(path)),
  replace: (document, { path, value }) => {
    const steps = stepsOf(path);
    if (steps.length === 0) return clone(required(value));
    read(document, steps);
    return add(remove(document, steps), steps, clone(required(value)));
  },
  move: (document, { from = "", path }) => {
    const value = read(document, stepsOf(from));
    return add(remove(document, stepsOf(from)), stepsOf(path), value);
  },
  copy: (document, { from = "", path }) => add(document, stepsOf(path), clone(read(document, stepsOf(from)))),
  test: (document, { path, value }) => {
    const found = lookUp(document, stepsOf(path));
    if (!equal(found ?? null, value ?? null)) throw refused();
    return document;
  },
};

function carryOut(document: Json, operation: Operation): Json {
  const run = isObject(operation) && Object.hasOwn(operations, operation.op) ? operations[operation.op] : undefined;
  if (!run || typeof operation.path !== "string") throw refused();
  return run(document, operation);
}

/** Creates the API server's error for a patch that does not fit its target. */
function refused(): ApiError {
  return new ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

function required(value: Json | undefined): Json {
  if (value === undefined) throw refused();
  return value;
}

function stepsOf(pointer: string): string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) throw refused();
  return pointer.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function lookUp(value: Json | undefined, steps: readonly string[]): Json | undefined {
  return steps.reduce<Json | undefined>((current, step) => {
    if (Array.isArray(current)) return current[indexIn(current, step)];
    return isObject(current) && Object.hasOwn(current, step) ? (current as Record<string, Json>)[step] : undefined;
  }, value);
}

function read(value: Json, steps: readonly string[]): Json {
  return required(lookUp(value, steps));
}

function indexIn(list: readonly unknown[], step: string): number {
  if (!/^-?\d+$/.test(step)) throw refused();
  const index = Number(step);
  return index < 0 ? list.length + index : index;
}

function add(document: Json, steps: readonly string[], value: Json): Json {
  const last = steps.at(-1);
  if (last === undefined) return value;
  const parent = read(document, steps.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : indexIn(parent, last);
    if (index > parent.length || index < 0) throw refused();
    parent.splice(index, 0, value);
  } else if (isObject(parent)) (parent as Record<string, Json>)[last] = value;
  else throw refused();
  return document;
}

function remove(document: Json, steps: readonly string[]): Json {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const parent = read(document, steps.slice(0, -1));
  if (lookUp(parent, [last]) === undefined) throw refused();
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last), 1);
  else delete (parent as Record<string, Json>)[last];
  return document;
}
