/**
 * `/api/2.0/git-credentials`.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { Credential, Credentials } from "../credentials.ts";
import type { Doubts } from "../doubts.ts";
import { invalid } from "../errors.ts";
import { readId } from "../ids.ts";
import { type Call, endpoint, listAnswer } from "./endpoint.ts";

function answer({ credential_id, ...rest }: Credential): Record<string, unknown> {
  return { credential_id: BigInt(credential_id), ...rest };
}

function idOf({ params }: Call): string {
  return readId(params.id, "credential_id");
}

/** The handlers of the Git credentials API. */
export function gitCredentialsHandlers(credentials: Credentials, doubts: Doubts): HttpHandler[] {
  const path = "/api/2.0/git-credentials";
  return [
    endpoint("get", path, () => {
      const all = credentials.listed().map(answer);
      return listAnswer("credentials", all, doubts);
    }),
    endpoint("post", path, ({ body }) => answer(credentials.shown(credentials.require(credentials.add(body))))),
    endpoint("get", `${path}/:id`, (call) => answer(credentials.shown(credentials.require(idOf(call))))),
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
