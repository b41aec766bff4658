/**
 * `/api/2.0/workspace` and `/api/2.0/workspace-files`: folders, notebooks and files.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from "../../base64.ts";
import type { HttpHandler } from "msw/http";
import type { Doubts } from "../doubts.ts";
import { invalid, malformed } from "../errors.ts";
import type { Repos } from "../repos.ts";
import type { ObjectInfo, WorkspaceFiles } from "../workspace_files.ts";
import { type Answer, endpoint, rawEndpoint } from "./endpoint.ts";

const root = "/api/2.0/workspace";
/** The first line of a notebook's source: with it, an import with format AUTO creates a notebook. */
const NOTEBOOK_HEADER = /^\s*(#|--|\/\/) Databricks notebook source/;

const HEADERS: Readonly<Record<string, string>> = {
  PYTHON: "# Databricks notebook source\n",
  R: "# Databricks notebook source\n",
  SQL: "-- Databricks notebook source\n",
  SCALA: "// Databricks notebook source\n",
};

function readPath(path: unknown): string {
  if (typeof path !== "string" || path === "") throw invalid("Missing required field: path");
  if (!path.startsWith("/")) throw invalid(`Path (${path}) doesn't start with '/'`);
  return path;
}

function shown({ object_id, ...rest }: ObjectInfo): Record<string, unknown> {
  return { ...rest, object_id: BigInt(object_id) };
}

function decode(content: unknown): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64(String(content ?? ""));
  } catch {
    throw malformed("content is not base64");
  }
}

/** An import request, from JSON or from a form. */
interface Import {
  path?: unknown;
  content: Uint8Array<ArrayBuffer>;
  format?: string;
  language?: string;
  overwrite?: boolean;
}

function put(files: WorkspaceFiles, { path, content, format = "SOURCE", language, overwrite = false }: Import): void {
  const hasHeader = NOTEBOOK_HEADER.test(new TextDecoder().decode(content.subarray(0, 200)));
  const isNotebook = format === "AUTO" || format === "RAW" ? format === "AUTO" && hasHeader : true;
  const isSource = format === "SOURCE" && !language;
  if (isSource) throw invalid("Missing required field: language");
  files.put({ path: readPath(path), content, language, isNotebook, overwrite });
}

function importFile(files: WorkspaceFiles): Answer {
  return async ({ request }) => {
    if (!request.headers.get("content-type")?.startsWith("multipart/form-data")) {
      const { content, ...body } = await request.json().catch(() => ({}));
      return put(files, { ...body, content: decode(content) });
    }
    const form = await request.formData();
    const text = (name: string) => form.get(name)?.toString();
    const content = form.get("content");
    const bytes = content instanceof File ? new Uint8Array(await content.arrayBuffer()) : decode(content);
    const [format, language] = [text("format"), text("language")];
    put(files, {
      path: text("path"),
      content: bytes,
      ...(format !== undefined && { format }),
      ...(language !== undefined && { language }),
      overwrite: text("overwrite")?.toLowerCase() === "true",
    });
  };
}

function exportFile(files: WorkspaceFiles, doubts: () => Doubts): Answer {
  return ({ query }) => {
    const { content, object_type, language } = files.require(readPath(query.text("path")));
    if (query.flag("direct_download")) return new Response(new Uint8Array(content));
    const file_type = object_type === "FILE"
      ? "file"
      : ({ PYTHON: "py", SQL: "sql", SCALA: "scala", R: "r" })[language ?? ""];
    const isBare = object_type === "NOTEBOOK" &&
      !NOTEBOOK_HEADER.test(new TextDecoder().decode(content.subarray(0, 200)));
    const header = isBare && doubts().notebookHeader === "a header is added" ? HEADERS[language ?? ""] ?? "" : "";
    const bytes = new TextEncoder().encode(header);
    return { content: encodeBase64(new Uint8Array([...bytes, ...content])), file_type };
  };
}

/** The handlers of folders, notebooks and files. */
export function workspaceHandlers(repos: Repos, files: WorkspaceFiles, doubts: () => Doubts): HttpHandler[] {
  return [
    endpoint("get", `${root}/get-status`, ({ query }) => shown(files.status(readPath(query.text("path"))))),
    endpoint("post", `${root}/mkdirs`, ({ body }) => repos.addFolder(readPath(body.path))),
    endpoint("get", `${root}/list`, ({ query }) => {
      const objects = files.list(readPath(query.text("path"))).map(shown);
      return objects.length > 0 ? { objects } : {};
    }),
    endpoint("get", `${root}/export`, exportFile(files, doubts)),
    rawEndpoint("post", `${root}/import`, importFile(files)),
    endpoint("post", `${root}/delete`, ({ body }) => {
      files.remove(readPath(body.path), { recursive: body.recursive === true });
    }),
    rawEndpoint("post", "/api/2.0/workspace-files/import-file/*", async ({ request, query }) => {
      const { pathname } = new URL(request.url);
      const path = decodeURIComponent(pathname.replace(/^.*?\/import-file\/+/, "/"));
      const content = new Uint8Array(await request.arrayBuffer());
      put(files, { path, content, format: "AUTO", overwrite: query.flag("overwrite") });
    }),
  ];
}
