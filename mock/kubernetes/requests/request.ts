/**
 * Parses a request's path and query.
 *
 * @module
 */
import { badRequest, invalid, noSuchPath } from "../errors.ts";
import { field } from "../field_errors.ts";
import type { FieldValidation } from "../decode.ts";
import type { Registry } from "../registry.ts";
import type { ResourceType } from "../resource_type.ts";

/** The location in a path, as far as the path's format shows it. */
export interface Place {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** A request about objects. */
export interface Asked extends Place {
  readonly verb: string;
  readonly type: ResourceType;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  /** The manager of the fields that it writes. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly validation: FieldValidation;
}

/** Parses a path below `/api` or `/apis`; `undefined` for other paths, and for those that are not about objects. */
export function placeOf(path: string): Place | undefined {
  const [root, ...rest] = path.split("/").filter((part) => part !== "").map(decodeURIComponent);
  if (root !== "api" && root !== "apis") return undefined;
  const [group, version, ...parts] = root === "api" ? ["", ...rest] : rest;
  if (group === undefined || version === undefined || parts.length === 0 || parts.length > 6) return undefined;
  const base = { group, version };
  if (
    parts[0] !== "namespaces" || parts.length < 3 || ["status", "finalize"].includes(parts[2]!) && parts.length === 3
  ) {
    const [plural = "", name, subresource, ...more] = parts;
    return more.length > 0 ? undefined : { ...base, plural, name, subresource };
  }
  const [, namespace, plural = "", name, subresource, ...more] = parts;
  return more.length > 0 ? undefined : { ...base, plural, namespace, name, subresource };
}

const ITEM_VERBS: Record<string, string> = {
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
  POST: "create",
};
const LIST_VERBS: Record<string, string> = { GET: "list", POST: "create", DELETE: "deletecollection" };

/** The verb of a request in access rules and audit logs. */
export function verbOf(method: string, place: Place, query: URLSearchParams): string {
  const isWatch = isTrue(query.get("watch"));
  if (method === "GET" && isWatch && place.name === undefined) return "watch";
  return (place.name === undefined ? LIST_VERBS : ITEM_VERBS)[method] ?? method.toLowerCase();
}

/** True if a flag in a query is set. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}

/** The kind of a location. @throws {ApiError} 404 or 405 if it is not served. */
export function typeAt(place: Place, registry: Registry, method: string): ResourceType {
  const type = registry.find(place.group, place.version, place.plural);
  if (!type) throw noSuchPath();
  const isAll = place.namespace === undefined && place.name === undefined;
  if (type.namespaced && place.namespace === undefined && !(isAll && method === "GET")) throw noSuchPath();
  if (!type.namespaced && place.namespace !== undefined) throw noSuchPath();
  if (place.name === undefined && ["PUT", "PATCH"].includes(method)) throw badRequest("name must be provided");
  return type;
}

const OPTIONS: Record<string, string> = { POST: "CreateOptions", PUT: "UpdateOptions", PATCH: "PatchOptions" };
const VALIDATIONS = ["", "Ignore", "Strict", "Warn"];

/** Parses the query of a write. @throws {ApiError} 422 if it is invalid. */
export function writeOptions(method: string, query: URLSearchParams) {
  const kind = OPTIONS[method] ?? "DeleteOptions";
  const [validation, dryRun] = [query.get("fieldValidation") || "Warn", query.getAll("dryRun")];
  const errors = [
    ...VALIDATIONS.includes(validation) ? [] : [field.unsupported("fieldValidation", validation, VALIDATIONS)],
    ...dryRun.every((value) => value === "All") ? [] : [field.unsupported("dryRun", dryRun, ["All"])],
  ];
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
  return { dryRun: dryRun.length > 0, validation: validation as FieldValidation };
}

/** The manager of a request's fields: the one in the query, or the name of the client program. */
export function managerOf(query: URLSearchParams, headers: Headers): string {
  return query.get("fieldManager") || headers.get("user-agent")?.split("/")[0] || "unknown";
}
