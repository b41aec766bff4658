/**
 * Endpoints of the Databricks REST API as values, and the workspace interface that declarations use.
 *
 * @module
 */
import { topFields } from "./fields.ts";

/** One Databricks REST endpoint. */
export interface Endpoint {
  /** The HTTP method. */
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** The path; `{name}` is filled from the input, or from the workspace's parameters (`{jobs_api_version}`). */
  readonly path: string;
  /** True if the call may be sent again after a lost answer. A create is not repeatable. */
  readonly repeatable: boolean;
  /** The field of the answer that holds a list's items, for an endpoint that is paged by `page_token`. */
  readonly items?: string;
  /** The query parameter for the next page's token; by default `page_token`. */
  readonly pageToken?: string;
  /**
   * Fields of the input that hold secrets, or their paths (`azure_service_principal.client_secret`): they are redacted
   * from Databricks' refusals of the call.
   */
  readonly secrets?: readonly string[];
  /** Fields of the input that go into the query although the call has a body: `["update_mask"]`. */
  readonly query?: readonly string[];
  /** The field of the body that contains the input, if the API wraps it: `{"query": {…}}`. */
  readonly wrap?: string;
  /** Fields of the input beside `wrap` in the body: `["update_mask"]`. */
  readonly beside?: readonly string[];
  /** Refusals by this endpoint whose meaning differs from their status and code. */
  readonly errors?: readonly Quirk[];
}

/** A refusal whose meaning differs from its status and code. Every condition that is present must hold. */
export interface Quirk {
  readonly why: string;
  readonly status?: number;
  readonly code?: RegExp;
  readonly message?: RegExp;
  /**
   * `absent`: the call's subject does not exist; `taken`: the name or path is in use; `busy`: the resource's state does
   * not allow the call yet, so the operator waits and repeats it; `parent`: the parent of the resource to create does
   * not exist (yet); `refused`: only a change helps.
   */
  readonly means: "absent" | "taken" | "busy" | "parent" | "refused";
  /** The remedy, as the end of the message. */
  readonly remedy?: string;
}

/**
 * Declares an endpoint from its method and path; everything but `POST` is repeatable unless `options` says otherwise.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { endpoint } from "./endpoint.ts";
 *
 * assert.equal(endpoint("GET /api/2.0/secrets/scopes/list").repeatable, true);
 * assert.equal(endpoint("POST /api/2.0/secrets/scopes/create").repeatable, false);
 * ```
 */
export function endpoint(
  line: string,
  options: Partial<Omit<Endpoint, "method" | "path">> = {},
): Endpoint {
  const [method, path] = line.split(" ") as [Endpoint["method"], string];
  return { method, path, repeatable: method !== "POST", ...options };
}

/**
 * The `update_mask` of an update: the top-level fields of the changed paths.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { updateMask } from "./endpoint.ts";
 *
 * assert.equal(updateMask(["comment", "options.a", "options.b", "tags[x]"]), "comment,options,tags");
 * ```
 */
export function updateMask(changes: readonly string[]): string {
  return topFields(changes).join(",");
}

/**
 * The input of a call: path parameters, and the query (of a GET, of a DELETE, and of the endpoint's `query` fields) or
 * JSON body (of others).
 */
export type CallInput = Record<string, unknown>;

/** The part of a workspace client that declarations use. */
export interface Workspace {
  /** The address of the workspace, as an origin: `https://adb-1.azuredatabricks.net`. */
  readonly host: string;
  /** The version of the Jobs API in use: `"2.2"` or `"2.1"`. */
  readonly jobsApiVersion: string;
  /** Calls an endpoint once (repeating it only if that is safe) and returns the parsed answer. */
  call(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown>>;
  /** Like `call`, but `undefined` if Databricks answers that the call's subject does not exist. */
  tryCall(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown> | undefined>;
  /** Follows `next_page_token` and yields the pages' items; throws if a page token is repeated. */
  pages(endpoint: Endpoint, input?: CallInput): AsyncIterable<Record<string, unknown>[]>;
}

/**
 * An API of the plain form: `create` answers with the id, `get`, `update` and `delete` take it, `list` contains all,
 * and names are unique. The mock serves such an API from the declaration alone.
 */
export interface PlainApi {
  /** The field with the id: `policy_id`. */
  readonly id: string;
  /** The field with the name: `name`. If it equals `id`, the name is the id. */
  readonly name: string;
  /**
   * The state of a resource that takes time to start: its field, its value during the start, and its value after: `{
   * field: "status", starting: "PROVISIONING", started: "ACTIVE" }`.
   */
  readonly state?: { readonly field: string; readonly starting: string; readonly started: string };
}
