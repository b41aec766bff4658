/**
 * `/api/2.1/unity-catalog/permissions/{securable_type}/{full_name}`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Doubts } from "../doubts.ts";
import { malformed } from "../errors.ts";
import type { GrantChange, SecurableGrants } from "../grants.ts";
import { readOffset, writeOffset } from "../paging.ts";
import { type Answer, endpoint } from "./endpoint.ts";

/** The number of principals on a page. */
const PAGE = 150;

/** The handlers of the Grants API. */
export function grantsHandlers(grants: SecurableGrants, doubts: Doubts): HttpHandler[] {
  const path = "/api/2.1/unity-catalog/permissions/:type/:name";
  const read: Answer = ({ params: { type = "", name = "" }, query }) => {
    const rows = grants.read(type, decodeURIComponent(name));
    if (query.text("max_results") === undefined) return { privilege_assignments: rows };
    const token = query.text("page_token");
    // The first page may be empty even if more follow.
    const isEmpty = token === undefined && doubts.emptyPages === "sometimes" && rows.length > 0;
    const start = readOffset(token);
    const end = isEmpty ? start : start + PAGE;
    return {
      privilege_assignments: rows.slice(start, end),
      ...end < rows.length && { next_page_token: writeOffset(end) },
    };
  };
  const change: Answer = ({ params: { type = "", name = "" }, body: { changes = [] } }) => {
    if (!Array.isArray(changes)) throw malformed("Could not parse request object: changes is not an array");
    const full = decodeURIComponent(name);
    grants.change(type, full, changes as GrantChange[]);
    const now = Object.entries(grants.of(type, full));
    return { privilege_assignments: now.map(([principal, privileges]) => ({ principal, privileges })) };
  };
  return [endpoint("get", path, read), endpoint("patch", path, change)];
}
