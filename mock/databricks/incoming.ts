/**
 * An incoming request, read once for the ledger and for the handlers.
 *
 * @module
 */
import { parseJson } from "../../src/base/json.ts";
import type { Call } from "./ledger.ts";

/** A request with its body read. */
export interface Incoming {
  /** The handlers' request: without the caller's signal, and without a doubled /api in its path. */
  request: Request;
  path: string;
  text: string;
}

/** Reads a request. Clients with a base URL that ends in /api may request /api/api/…, which is the same. */
export async function readIncoming(request: Request): Promise<Incoming> {
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/^(\/api)+(?=\/)/, "/api");
  // A file's bytes may not be text, so the handlers get them unchanged.
  const bytes = request.body ? await request.arrayBuffer() : new ArrayBuffer(0);
  const text = new TextDecoder().decode(bytes);
  const body = bytes.byteLength === 0 ? {} : { body: bytes };
  const { method, headers } = request;
  return { request: new Request(url, { method, headers, ...body }), path: url.pathname, text };
}

/** The ledger's entry for a request without an answer yet. */
export function callOf({ request, path, text }: Incoming, at: number): Call {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const userAgent = request.headers.get("user-agent") ?? "";
  return { at, method: request.method, path, query, body: parseBody(text), status: 0, userAgent };
}

function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
