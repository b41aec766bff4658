/**
 * The parts of `/api/2.0/workspace` that find Git folders and make the folders above them.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { invalid } from "../errors.ts";
import type { Repos } from "../repos.ts";
import { endpoint } from "./endpoint.ts";

function readPath(path: unknown): string {
  if (typeof path !== "string" || path === "") throw invalid("Missing required field: path");
  if (!path.startsWith("/")) throw invalid(`Path (${path}) doesn't start with '/'`);
  return path;
}

/** The handlers of get-status and mkdirs. */
export function workspaceHandlers(repos: Repos): HttpHandler[] {
  return [
    endpoint("get", "/api/2.0/workspace/get-status", ({ query }) => {
      const { object_id, ...rest } = repos.status(readPath(query.text("path")));
      return { ...rest, object_id: BigInt(object_id) };
    }),
    endpoint("post", "/api/2.0/workspace/mkdirs", ({ body }) => repos.addFolder(readPath(body.path))),
  ];
}
