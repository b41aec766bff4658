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
  /** True when a lost answer may be followed by the same call again. A create is not repeatable. */
  readonly repeatable: boolean;
  /** The name of the array that a paged list answers with, when the endpoint is paged by `page_token`. */
  readonly items?: string;
  /** The query parameter that takes the next page's token; `page_token` without it. */
  readonly pageToken?: string;
  /**
   * Fields of the input that hold secrets, or their paths (`azure_service_principal.client_secret`): they are taken out of
   * what Databricks answers when it refuses the call.
   */
  readonly secrets?: readonly string[];
  /** Fields of the input that go into the query although the call has a body: `["update_mask"]`. */
  readonly query?: readonly string[];
  /** The field of the body that holds the input, where the API wraps it: `{"query": {…}}`. */
  readonly wrap?: string;
  /** Fields of the input that stand beside `wrap` in the body: `["update_mask"]`. */
  readonly beside?: readonly string[];
  /** Refusals of this endpoint that mean something other than their status and code say. */
  readonly errors?: readonly Quirk[];
}

/** A refusal that means something other than its status and code say. Every condition that is present must hold. */
export interface Quirk {
  readonly why: string;
  readonly status?: number;
  readonly code?: RegExp;
  readonly message?: RegExp;
  /**
   * `absent`: what the call names does not exist; `taken`: the name or path is in use; `busy`: the resource's state does
   * not allow the call yet, so the operator waits and repeats it; `parent`: what it is to be made in does not exist, or
   * not yet; `refused`: nothing but a change helps.
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
 * The `update_mask` of an update: the top-level fields of the paths that differ.
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

/** The input of a call: path parameters, query (GET, DELETE, and what the endpoint says) or JSON body (others). */
export type CallInput = Record<string, unknown>;

/** The part of a workspace client that declarations use. */
export interface Workspace {
  /** The address of the workspace, as an origin: `https://adb-1.azuredatabricks.net`. */
  readonly host: string;
  /** The version of the Jobs API that is in use: `"2.2"` or `"2.1"`. */
  readonly jobsApiVersion: string;
  /** Calls an endpoint once (repeating it only where that is safe) and returns the parsed answer. */
  call(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown>>;
  /** Like `call`, but `undefined` where Databricks says that what the call names does not exist. */
  tryCall(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown> | undefined>;
  /** Follows `next_page_token` and yields the pages' items; throws when a page token comes back again. */
  pages(endpoint: Endpoint, input?: CallInput): AsyncIterable<Record<string, unknown>[]>;
}

/**
 * An API of the plain sort: `create` answers with the id, `get`, `update` and `delete` take it, `list` holds all, and a
 * name is there once. The mock serves such an API from the declaration alone.
 */
export interface PlainApi {
  /** The field that holds the id: `policy_id`. */
  readonly id: string;
  /** The field that holds the name: `name`. Where it is the same as `id`, the name is the id. */
  readonly name: string;
  /**
   * The state of a resource that takes time to start: its field, its value while it starts, and when it has
   * started: `{ field: "status", starting: "PROVISIONING", started: "ACTIVE" }`.
   */
  readonly state?: { readonly field: string; readonly starting: string; readonly started: string };
}
