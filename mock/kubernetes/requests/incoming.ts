/**
 * Parses incoming requests.
 *
 * @module
 */
import type { RequestRecord } from "../ledger.ts";
import { readProtobuf } from "../protobuf/read.ts";
import { type Place, verbOf } from "./request.ts";

/** Reads a body as text; protobuf is converted to JSON, or stays as it is (415) if its kind is not supported. */
export async function readBody(request: Request): Promise<{ headers: Headers; body: string }> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const headers = new Headers(request.headers);
  const protobuf = readProtobuf(bytes);
  if (protobuf.is !== "json") return { headers, body: new TextDecoder().decode(bytes) };
  headers.set("content-type", "application/json");
  return { headers, body: protobuf.text };
}

/** Creates the ledger's record of a request. */
export function recordOf(
  request: Request,
  { url, place, at }: { url: URL; place: Place | undefined; at: number },
): RequestRecord {
  const { method, headers } = request;
  const known = Object.entries({ ...place, resource: place?.plural }).filter(([, value]) => value !== undefined);
  const { plural: _p, version: _v, ...parts } = Object.fromEntries(known) as Partial<Place> & { resource?: string };
  // For access rules, a namespace is in itself.
  const namespace = parts.namespace ?? (place?.plural === "namespaces" && place.group === "" ? place.name : undefined);
  return {
    at,
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    verb: place ? verbOf(method, place, url.searchParams) : method.toLowerCase(),
    ...parts,
    ...namespace !== undefined && { namespace },
    userAgent: headers.get("user-agent") ?? "",
    user: "",
    status: 0,
  } as RequestRecord;
}

/** The text that fault rules match. */
export function lineOf({ verb, group, resource, subresource, namespace = "", name = "", path }: RequestRecord): string {
  if (resource === undefined) return `${verb} ${path}`;
  return `${verb} ${resource}${group ? `.${group}` : ""}${subresource ? `/${subresource}` : ""} ${namespace}/${name}`;
}
