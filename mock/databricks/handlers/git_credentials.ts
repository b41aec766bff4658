/**
 * `/api/2.0/git-credentials`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Credential, Credentials } from "../credentials.ts";
import { invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import { type Call, endpoint } from "./endpoint.ts";

function answer({ credential_id, ...rest }: Credential): Record<string, unknown> {
  return { credential_id: BigInt(credential_id), ...rest };
}

function idOf({ params }: Call): string {
  return readId(params.id, "credential_id");
}

/** The handlers of the Git credentials API. */
export function gitCredentialsHandlers(credentials: Credentials): HttpHandler[] {
  const path = "/api/2.0/git-credentials";
  return [
    endpoint("get", path, () => {
      const all = credentials.all().map(answer);
      return all.length > 0 ? { credentials: all } : {};
    }),
    endpoint("post", path, ({ body }) => answer(credentials.require(credentials.add(body)))),
    endpoint("get", `${path}/:id`, (call) => answer(credentials.require(idOf(call)))),
    endpoint("patch", `${path}/:id`, (call) => {
      credentials.require(idOf(call));
      if (!call.body.git_provider) throw invalid("Missing required field: git_provider");
      credentials.edit(idOf(call), call.body);
    }),
    endpoint("delete", `${path}/:id`, (call) => {
      credentials.remove(credentials.require(idOf(call)).credential_id);
    }),
  ];
}
