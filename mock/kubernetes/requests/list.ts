/**
 * Lists of objects: selectors, pages, resourceVersions.
 *
 * @module
 */
import { keyOf, type KubeObject } from "../../../src/kubernetes/object.ts";
import { decodeBase64, encodeBase64 } from "../../base64.ts";
import { ApiError, badRequest, invalid, tooLarge } from "../errors.ts";
import { field, type FieldError } from "../field_errors.ts";
import { viewOf } from "../objects.ts";
import { type ResourceType, storageName } from "../resource_type.ts";
import { fieldSelector, labelSelector, type Selector } from "../selectors.ts";
import type { Collection, Store } from "../store.ts";
import { isTrue } from "./request.ts";

/** Objects, and their position in the whole list. */
export interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** The selection of a list or watch. */
export interface Selection {
  readonly type: ResourceType;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly query: URLSearchParams;
}

/** Parses the selectors of a query. */
export function selectorOf({ type, namespace, name, query }: Selection): Selector {
  const [labels, fields] = [query.get("labelSelector") ?? "", query.get("fieldSelector") ?? ""];
  const tests: Selector[] = [
    ...namespace === undefined ? [] : [({ metadata }: KubeObject) => metadata.namespace === namespace],
    ...name === undefined ? [] : [({ metadata }: KubeObject) => metadata.name === name],
    ...labels === "" ? [] : [labelSelector(labels)],
    ...fields === "" ? [] : [onView(fieldSelector(fields, type), type)],
  ];
  return (object) => tests.every((test) => test(object));
}

/** Applies a selector to objects in the requested version. */
function onView(selector: Selector, type: ResourceType): Selector {
  return type.rules.fromOther === undefined ? selector : (object) => selector(viewOf(object, type));
}

/** The objects that match a query, or one page of them. @throws {ApiError} 400, 410, 422 or 504. */
export function list(store: Store, selection: Selection): Page {
  const { type, query } = selection;
  checkListOptions(query);
  const collection = store.collection(storageName(type));
  const token = query.get("continue");
  const start = token ? readToken(token) : undefined;
  const isMeant = selectorOf(selection);
  const revision = start?.revision ?? exactRevision(query) ?? store.revision;
  const all = objectsAt(collection, { revision, start: start?.key });
  const matching = (start ? all.slice(firstAfter(all, start.key)) : all).filter(isMeant);
  const limit = Number(query.get("limit") ?? 0);
  const items = (limit > 0 ? matching.slice(0, limit) : matching).map((object) => viewOf(object, type));
  const rest = matching.length - items.length;
  const metadata = { resourceVersion: String(revision > 0 ? revision : store.revision) };
  if (rest === 0) return { items, metadata };
  const next = writeToken({ revision, key: keyOf(items.at(-1)!) });
  const isSelected = query.get("labelSelector") || query.get("fieldSelector");
  return { items, metadata: { ...metadata, continue: next, ...!isSelected && { remainingItemCount: rest } } };
}

function exactRevision(query: URLSearchParams): number | undefined {
  return query.get("resourceVersionMatch") === "Exact" ? Number(query.get("resourceVersion")) : undefined;
}

/** The revision of a token that continues with the present state, because the list's own was compacted away. */
const NOW = -1;

function objectsAt(
  collection: Collection,
  { revision, start }: { revision: number; start: string | undefined },
): readonly KubeObject[] {
  if (revision === NOW) return collection.all();
  try {
    return collection.at(revision);
  } catch (error) {
    if (start === undefined || !(error instanceof ApiError)) throw error;
    const message = "The provided continue parameter is too old to display a consistent list result. You can start a " +
      "new list without the continue parameter, or use the continue token in this response to retrieve the remainder " +
      "of the results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
      "modified, or deleted between the time the first chunk was returned and now may show up in the list.";
    throw new ExpiredToken(message, writeToken({ revision: NOW, key: start }));
  }
}

/** 410, with a token to continue from the present state. */
class ExpiredToken extends ApiError {
  readonly #next: string;

  constructor(message: string, next: string) {
    super(410, "Expired", message);
    this.#next = next;
  }

  override get status(): Record<string, unknown> {
    return { ...super.status, metadata: { continue: this.#next } };
  }
}

function firstAfter(objects: readonly KubeObject[], key: string): number {
  const index = objects.findIndex((object) => keyOf(object) > key);
  return index < 0 ? objects.length : index;
}

function writeToken({ revision, key }: { revision: number; key: string }): string {
  return encodeBase64(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `${key}\u0000` })).replace(/=+$/, "");
}

function readToken(token: string): { revision: number; key: string } {
  try {
    const { rv, start } = JSON.parse(new TextDecoder().decode(decodeBase64(token)));
    if (typeof rv !== "number" || typeof start !== "string") throw new TypeError("it has no position");
    return { revision: rv, key: start.slice(0, -1) };
  } catch (error) {
    throw badRequest(`invalid continue token: continue key is not valid: ${(error as Error).message}`);
  }
}

/** @throws {ApiError} if the resourceVersion is malformed, or has not been reached. */
export function checkRevision(version: string | null, store: Store): void {
  if (version === null || version === "") return;
  if (!/^\d+$/.test(version)) {
    const problem = `strconv.ParseUint: parsing "${version}": invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: "${version}": ${problem}`);
  }
  if (Number(version) > store.revision) throw tooLarge(version, store.revision);
}

function checkListOptions(query: URLSearchParams): void {
  const match = query.get("resourceVersionMatch");
  const version = query.get("resourceVersion");
  const path = "resourceVersionMatch";
  const errors: FieldError[] = [];
  if (isTrue(query.get("sendInitialEvents"))) {
    errors.push(field.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  } else if (match !== null) {
    if (!version) errors.push(field.forbidden(path, `${path} is forbidden unless resourceVersion is provided`));
    if (query.get("continue")) errors.push(field.forbidden(path, `${path} is forbidden when continue is provided`));
    if (match !== "Exact" && match !== "NotOlderThan") {
      errors.push(field.unsupported(path, match, ["Exact", "NotOlderThan", ""]));
    }
    if (match === "Exact" && version === "0") {
      errors.push(field.forbidden(path, `${path} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
}
