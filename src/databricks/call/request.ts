/**
 * The URL and the body of a call to an endpoint.
 *
 * @module
 */
import { stringifyJson } from "../../base/json.ts";
import type { CallInput, Endpoint, Workspace } from "../../resource.ts";

/**
 * The URL and the body of a call: each field of the input goes into the path, the query or the body.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { endpoint } from "../../resource.ts";
 * import { addressOf } from "./request.ts";
 *
 * const update = endpoint("PATCH /api/2.0/alerts/{id}", { query: ["update_mask"] });
 * const address = addressOf(update, { id: "7", update_mask: "name", name: "late" }, {
 *   host: "https://prod.example.com",
 *   jobsApiVersion: "2.2",
 * });
 * assert.equal(address.url, "https://prod.example.com/api/2.0/alerts/7?update_mask=name");
 * assert.equal(address.body, '{"name":"late"}');
 * ```
 */
export function addressOf(
  endpoint: Endpoint,
  input: CallInput,
  { host, jobsApiVersion }: Pick<Workspace, "host" | "jobsApiVersion">,
): { url: string; body?: string } {
  const rest = { ...input };
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    if (name === "jobs_api_version") return jobsApiVersion;
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const url = new URL(path, host);
  const hasBody = endpoint.method !== "GET" && endpoint.method !== "DELETE";
  const isQuery = (name: string) => !hasBody || endpoint.query?.includes(name) === true;
  for (const [name, value] of Object.entries(rest)) {
    if (isQuery(name) && value !== undefined) url.searchParams.set(name, String(value));
  }
  if (!hasBody) return { url: url.href };
  return {
    url: url.href,
    body: stringifyJson(wrapped(endpoint, Object.entries(rest).filter(([name]) => !isQuery(name)))),
  };
}

/** The body, where the API wraps the input in a field. */
function wrapped({ wrap, beside = [] }: Endpoint, fields: [string, unknown][]): Record<string, unknown> {
  if (wrap === undefined) return Object.fromEntries(fields);
  const isBeside = ([name]: [string, unknown]) => beside.includes(name);
  return {
    [wrap]: Object.fromEntries(fields.filter((field) => !isBeside(field))),
    ...Object.fromEntries(fields.filter(isBeside)),
  };
}
