/**
 * Serves the page on loopback.
 *
 * Guarantees:
 * - only a client that knows the address with its random token gets anything; no other page, and no other user of the
 *   machine;
 * - a request for another host name is refused, so that a page whose name resolves to 127.0.0.1 can read nothing;
 * - it answers GET and HEAD only, and writes nothing anywhere;
 * - the browser runs the page's own script only, and sends requests to this server only (Content-Security-Policy).
 *
 * @module
 */
import { stringifyJson } from "../../base/json.ts";
import type { Board } from "./board.ts";
import { detailOf, repairsOf } from "./details.ts";
import { PAGE_FILES } from "./page_files.ts";
import { streamOf } from "./stream.ts";

/** Options of {@link serveBoard}. */
export interface UiServerOptions {
  readonly board: Board;
  /** The port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
}

/** A running server. */
export interface UiServer extends AsyncDisposable {
  /** The address with its token. Whoever knows it can read what the page shows. */
  readonly url: string;
}

const HOST = "127.0.0.1";

/** Nothing else may be loaded, run or contacted; and no page may show this one in a frame. */
const POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src", "img-src"].map((directive) => `${directive} 'self'`),
  ...["base-uri", "form-action", "frame-ancestors"].map((directive) => `${directive} 'none'`),
  "require-trusted-types-for 'script'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // The address contains the token, so no other site may learn it from a link.
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves a board. @throws the error of `Deno.listen` when the port is in use. */
export function serveBoard({ board, port }: UiServerOptions): UiServer {
  const token = randomToken();
  const stop = new AbortController();
  const server = Deno.serve({ hostname: HOST, port, onListen: () => {} }, (request) => {
    const refusal = refusalOf(request, server.addr.port);
    if (refusal !== undefined) return answer(refusal, { status: 403 });
    if (!["GET", "HEAD"].includes(request.method)) return answer("Only GET is served.\n", { status: 405 });
    return respond(board, pathBelow(request.url, token), { request, signal: stop.signal });
  });
  return {
    url: `http://${HOST}:${server.addr.port}/${token}/`,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.shutdown();
    },
  };
}

/** 128 random bits. */
function randomToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns the reason to refuse a request, whatever it asks for. */
function refusalOf({ headers }: Request, port: number): string | undefined {
  const own = [HOST, "localhost"].map((name) => `${name}:${port}`);
  if (!own.includes(headers.get("host") ?? "")) return `Only requests to ${HOST}:${port} are answered.\n`;
  const origin = headers.get("origin");
  const isForeign = origin !== null && !own.includes(origin.replace(/^http:\/\//, ""));
  const site = headers.get("sec-fetch-site") ?? "none";
  return isForeign || !["none", "same-origin"].includes(site)
    ? "Only this page's own requests are answered.\n"
    : undefined;
}

/** The path below the token; `undefined` if the token differs. The comparison takes constant time. */
function pathBelow(url: string, token: string): string | undefined {
  const [, first = "", ...rest] = new URL(url).pathname.split("/");
  let difference = first.length ^ token.length;
  for (let i = 0; i < token.length; i++) difference |= first.charCodeAt(i) ^ token.charCodeAt(i);
  return difference === 0 ? rest.join("/") : undefined;
}

function respond(
  board: Board,
  path: string | undefined,
  { request, signal }: { readonly request: Request; readonly signal: AbortSignal },
): Response {
  const key = new URL(request.url).searchParams.get("key") ?? "";
  switch (path) {
    case "changes":
      return answer(streamOf(board, signal), { type: "text/event-stream" });
    case "object": {
      const detail = detailOf(board, key);
      return json(detail ?? { gone: key }, detail === undefined ? 404 : 200);
    }
    case "repairs":
      return json(repairsOf(board));
  }
  const file = path === undefined ? undefined : PAGE_FILES.get(path);
  if (file === undefined) {
    return answer("There is nothing here: open the address that the command printed.\n", { status: 404 });
  }
  return answer(file.text, { type: file.type });
}

function json(value: unknown, status = 200): Response {
  return answer(stringifyJson(value), { status, type: "application/json" });
}

function answer(
  body: string | ReadableStream<Uint8Array>,
  { status = 200, type = "text/plain; charset=utf-8" }: { readonly status?: number; readonly type?: string } = {},
): Response {
  return new Response(body, { status, headers: { ...HEADERS, "content-type": type } });
}
