/**
 * Reads the code and message of a refusal from its body, in any form that Databricks uses.
 *
 * @module
 */
import { isObject, stringifyJson } from "../../base/json.ts";

/** The code and message of a refusal. */
export interface SaidError {
  /** The `error_code`, or "". */
  readonly code: string;
  readonly message: string;
}

/**
 * Reads a refusal: `{error_code, message}` of the REST API, `{detail, status}` of SCIM (RFC 7644, section 3.12),
 * `{error: {code, message}}` of newer APIs, `{error, error_description}` of OAuth, `{error}` of API 1.2. A SCIM error
 * has code `SCIM_<status>`, as in the Python SDK's errors/deserializer.py.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readError } from "./error_body.ts";
 *
 * const scim = { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], detail: "No such user", status: "404" };
 * assert.deepEqual(readError(scim), { code: "SCIM_404", message: "No such user" });
 * assert.deepEqual(readError({ error: { code: "BAD_REQUEST", message: "No" } }), { code: "BAD_REQUEST", message: "No" });
 * ```
 */
export function readError(body: Record<string, unknown>): SaidError {
  const { error_code, message, error, error_description, detail, status, scimType } = body;
  if (typeof detail === "string" && message === undefined) {
    return { code: `SCIM_${status ?? ""}`, message: [scimType, detail].filter(Boolean).join(" ") };
  }
  if (isObject(error)) {
    // `code` may be the HTTP status, with the code in words in `status`.
    const code = [error.error_code, error.code, error.status].find((one) => typeof one === "string");
    return { code: String(error_code ?? code ?? ""), message: textOf(error.message ?? message ?? error) };
  }
  const said = error !== undefined && error_description !== undefined ? `${error}: ${error_description}` : error;
  return { code: textOf(error_code), message: textOf(message ?? said) };
}

function textOf(value: unknown): string {
  return isObject(value) || Array.isArray(value) ? stringifyJson(value) : String(value ?? "");
}
