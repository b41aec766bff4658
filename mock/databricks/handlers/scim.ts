/**
 * `/api/2.0/preview/scim/v2/Me`: the caller's own user.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Auth } from "../auth.ts";
import { reply } from "../reply.ts";
import { endpoint } from "./endpoint.ts";

/** The workspace's id, by which the Go SDK and Terraform's provider identify it. */
export const WORKSPACE_ID = "4711000000000001";

/** The handler of the caller's own user. */
export function scimHandlers(auth: Auth): HttpHandler[] {
  return [
    endpoint("get", "/api/2.0/preview/scim/v2/Me", ({ request }) => {
      const userName = auth.user(request);
      const emails = [{ value: userName, primary: true }];
      const me = { id: "1", userName, displayName: userName, active: true, emails };
      return reply(me, { headers: { "x-databricks-org-id": WORKSPACE_ID } });
    }),
  ];
}
