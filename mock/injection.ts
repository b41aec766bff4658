/**
 * Applies a fault to one request.
 *
 * @module
 */
import { parseJson } from "../src/base/json.ts";
import { codeOf } from "./databricks/errors.ts";
import type { FaultRule } from "./faults.ts";
import { reply } from "./databricks/reply.ts";
import { wait } from "./timing.ts";

/** The connection broke before an answer arrived; a real fetch also rejects with a TypeError then. */
export class ConnectionCut extends TypeError {
  override readonly name = "ConnectionCut";

  constructor() {
    super("error sending request: connection closed before message completed");
  }
}

/** The error of a fetch when nothing listens at the address. */
function refused(url: string): TypeError {
  const why = "client error (Connect): tcp connect error: Connection refused (os error 111)";
  return new TypeError("fetch failed", { cause: new Error(`error sending request for url (${url}): ${why}`) });
}

/** A request that a fault applies to. */
export interface Struck {
  request: Request;
  signal: AbortSignal;
  /** Handles the request normally. */
  handle: () => Promise<Response>;
  /** An earlier answer to the same read. */
  stale: () => Response | undefined;
}

/** The rule's own answer, if it has one. */
function told({ status, body, headers }: FaultRule): Response | undefined {
  if (status === undefined && body === undefined) return undefined;
  const options = { status: status ?? 200, headers: headers ?? {} };
  if (typeof body === "string") {
    // Over HTTP, an answer without content also has no content type.
    if (body === "") return new Response(null, options);
    const type = body.startsWith("<?xml") ? "application/xml" : body.startsWith("<") ? "text/html" : "text/plain";
    return new Response(body, { ...options, headers: { "content-type": type, ...headers } });
  }
  return reply(body ?? { error_code: codeOf(options.status), message: "Injected fault" }, options);
}

/** A body that sends some bytes and then fails. */
export function brokenBody(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let given = false;
  return new ReadableStream({
    pull(controller) {
      if (given || bytes.length === 0) return controller.error(new ConnectionCut());
      given = true;
      controller.enqueue(bytes);
    },
  }, { highWaterMark: 0 });
}

async function cutInBody(response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(brokenBody(bytes.slice(0, Math.ceil(bytes.length / 2))), { status: response.status, headers });
}

async function edited(response: Response, edit: (body: unknown) => unknown): Promise<Response> {
  const text = await response.text();
  const body = parseJson(text);
  return reply(await edit(body) ?? body, { status: response.status });
}

function withHeaders(response: Response, headers: Record<string, string>): Response {
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, headers: all });
}

/** The answer before it is cut: the rule's own, a stale one, or the true one, edited by the rule. */
async function answer(rule: FaultRule, { handle, stale }: Struck, done: Response | undefined): Promise<Response> {
  const own = told(rule) ?? (rule.stale ? stale() : undefined);
  // Nothing took effect: no server answers that with a success of its own.
  const isLie = own?.ok === true && typeof rule.body !== "string" && done?.ok === false;
  if (own && !isLie) return own;
  const real = done ?? await handle();
  if (rule.edit) return await edited(real, rule.edit);
  return rule.headers ? withHeaders(real, rule.headers) : real;
}

/** Answers a request according to a rule. */
export async function inject(rule: FaultRule, struck: Struck): Promise<Response> {
  const { signal, request, handle } = struck;
  if (rule.cut === "connect") throw refused(request.url);
  if (rule.latencyMs) await wait(rule.latencyMs, signal);
  const done = rule.effect === "kept" ? await handle() : undefined;
  if (rule.hang) await wait(undefined, signal);
  if (rule.cut === "before-headers") throw new ConnectionCut();
  if (rule.cut !== "mid-body") return await answer(rule, struck, done);
  // A write that must have no effect cannot be handled to get the body that is cut in half.
  const harmless = done !== undefined || request.method === "GET";
  return await cutInBody(harmless ? await answer(rule, struck, done) : told(rule) ?? reply({ lost: "answer" }));
}
