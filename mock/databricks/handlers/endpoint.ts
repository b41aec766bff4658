/**
 * One endpoint as an MSW handler: it reads the request, calls a function, and answers with the result or the error.
 *
 * @module
 */
import { http, type HttpHandler } from "msw/http";
import { isObject, parseJson } from "../../../src/base/json.ts";
import type { Doubts } from "../doubts.ts";
import { invalid, malformed } from "../errors.ts";
import { reply, replyError } from "../reply.ts";

/** A parsed request. */
export interface Call {
  request: Request;
  params: Record<string, string>;
  query: Query;
  /** The parsed body; an empty object if there is none. */
  // deno-lint-ignore no-explicit-any -- requests are checked where their fields are used
  body: Record<string, any>;
}

/** Answers a call with JSON, or with its own Response. */
export type Answer = (call: Call) => unknown;

/** Reads query parameters. */
export class Query {
  readonly #values: URLSearchParams;

  constructor(url: string) {
    this.#values = new URL(url).searchParams;
  }

  text(name: string): string | undefined {
    return this.#values.get(name) ?? undefined;
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === "true";
  }

  /** An integer; `undefined` if the parameter is missing. */
  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text)) throw invalid(`Could not parse ${name}: not a number`);
    return Number(text);
  }
}

/** Reads a JSON object from a body. */
async function readBody(request: Request): Promise<Call["body"]> {
  const text = await request.text();
  if (text === "") return {};
  try {
    const body = parseJson(text);
    if (isObject(body)) return body;
  } catch {
    // Thrown below, with Databricks' message.
  }
  throw malformed("Invalid JSON given in the body of the request - expected a map");
}

type Method = "get" | "post" | "put" | "patch" | "delete";
type Params = Record<string, string | readonly string[] | undefined>;

async function run(request: Request, params: Params, answer: Answer): Promise<Response> {
  try {
    const body = request.method === "GET" ? {} : await readBody(request);
    const query = new Query(request.url);
    const result = await answer({ request, params: params as Record<string, string>, query, body });
    return result instanceof Response ? result : reply(result ?? {});
  } catch (error) {
    return replyError(error);
  }
}

/** An answer with a list, which is left out if it is empty, as in most of Databricks' answers. */
export function listAnswer(name: string, items: unknown[], { emptyLists }: Doubts): Record<string, unknown> {
  return items.length > 0 || emptyLists !== "left out" ? { [name]: items } : {};
}

/** An endpoint that reads the request's body itself, because it is not JSON. */
export function rawEndpoint(method: Method, path: string, answer: Answer): HttpHandler {
  return http[method](`*${path}`, async ({ request, params }) => {
    try {
      const query = new Query(request.url);
      const result = await answer({ request, params: params as Record<string, string>, query, body: {} });
      return result instanceof Response ? result : reply(result ?? {});
    } catch (error) {
      return replyError(error);
    }
  });
}

/** An endpoint at a path such as "/api/2.0/repos/:id", on any host. */
export function endpoint(method: Method, path: string, answer: Answer): HttpHandler {
  return http[method](`*${path}`, ({ request, params }) => run(request, params, answer));
}
