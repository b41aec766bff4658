/**
 * Sends requests to a workspace, for tests.
 *
 * @module
 */
import { parseJson, stringifyJson } from "../../src/base/json.ts";
import type { MockWorkspace } from "./workspace.ts";

/** An answer with its body parsed. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON, with integers beyond 2^53 as bigint; `undefined` if the text is not JSON. */
  // deno-lint-ignore no-explicit-any -- tests look into any answer
  body: any;
}

/** Sends "METHOD /path" with an optional JSON body. */
export type Ask = (line: string, body?: unknown, init?: { signal?: AbortSignal }) => Promise<Answer>;

/** A function that sends requests to a workspace with a token; an empty token is not sent. */
export function asker({ host, transport }: MockWorkspace, token = "token"): Ask {
  return async (line, body, init = {}) => {
    const [method = "GET", path = "/"] = line.split(" ");
    const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
    const text = typeof body === "string" ? body : stringifyJson(body);
    const request = new Request(host + path, { method, headers, ...(body !== undefined && { body: text }), ...init });
    return await readAnswer(await transport.send(request));
  };
}

/** Parses an answer. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, text, body: json ? parseJson(text) : undefined };
}
