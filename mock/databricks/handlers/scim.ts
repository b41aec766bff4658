/**
 * `/api/2.0/preview/scim/v2/Me`: who the caller is.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Auth } from "../auth.ts";
import { endpoint } from "./endpoint.ts";

/** The handler of the caller's own entry. */
export function scimHandlers(auth: Auth): HttpHandler[] {
  return [
    endpoint("get", "/api/2.0/preview/scim/v2/Me", ({ request }) => {
      const userName = auth.user(request);
      return { id: "1", userName, displayName: userName, active: true, emails: [{ value: userName, primary: true }] };
    }),
  ];
}
