/**
 * A door: a proxy that records all requests of the operator to one side, and can inject faults.
 *
 * @module
 */
import type { Sent } from "../oracles/evidence.ts";
import type { Strike, Striker } from "./plan.ts";
import { faultyWatch } from "./watch_stream.ts";

/** Options of a door. */
export interface DoorOptions {
  readonly side: Sent["side"];
  readonly pointOf: (method: string, url: URL) => string;
  /** The real server of this side. */
  readonly target: (request: Request) => Promise<Response>;
  readonly phase: () => string;
  readonly process: () => number;
  readonly striker: Striker;
  /** Kills the operator, and has it restarted. */
  readonly kill: () => Promise<void>;
  /** Inspects the world before and after a request takes effect. */
  readonly before?: (sent: Sent) => void;
  readonly after?: (sent: Sent, answer: string) => void;
}

/** The connection broke. */
class Broken extends Error {}

/** The proxy of one side. */
export class Door {
  readonly #options: DoorOptions;
  readonly sent: Sent[] = [];
  /** The first answer to each read, for stale reads. */
  readonly #first = new Map<string, Response>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Answers a request; throws if the connection is to break. */
  async fetch(request: Request): Promise<Response> {
    const { side, pointOf, phase, process, striker } = this.#options;
    const url = new URL(request.url);
    const body = await request.text();
    const sent: Sent = {
      side,
      at: performance.now(),
      phase: phase(),
      process: process(),
      method: request.method,
      path: url.pathname,
      point: pointOf(request.method, url),
      body,
      authorization: request.headers.get("authorization") ?? "",
      status: 0,
    };
    this.sent.push(sent);
    const { strike } = striker.at(sent);
    try {
      const response = await this.#answer(sent, request, strike);
      sent.status = response.status;
      const retryAfter = Number(response.headers.get("retry-after") ?? 0);
      if (retryAfter > 0) sent.retryAfter = retryAfter;
      return response;
    } finally {
      sent.ended = performance.now();
    }
  }

  async #answer(sent: Sent, request: Request, strike: Strike | undefined): Promise<Response> {
    const forward = () => this.#forward(sent, request);
    if (strike === undefined) return await forward();
    const { how } = strike;
    if (how === "kill-after" || how === "lost" || "kept" in strike) await forward();
    if (how === "kill-before" || how === "kill-after") await this.#options.kill();
    if (how === "kill-before" || how === "kill-after" || how === "lost") throw new Broken();
    if (how === "hang") return await new Promise((_, reject) => request.signal.addEventListener("abort", reject));
    if (how === "answer") return told(strike);
    if (how === "stale") return this.#first.get(keyOf(request))?.clone() ?? await forward();
    if (how === "slow") await new Promise((resolve) => setTimeout(resolve, strike.ms));
    if (how !== "truncated") return await forward();
    const text = await (await forward()).text();
    return new Response(text.slice(0, text.length / 2), { headers: { "content-type": "application/json" } });
  }

  async #forward(sent: Sent, request: Request): Promise<Response> {
    const { target, before, after, side, striker, phase } = this.#options;
    before?.(sent);
    const { method, headers, signal, url } = request;
    const init = { method, headers, signal, ...sent.body !== "" && { body: sent.body } };
    const response = await target(new Request(url, init));
    sent.effect = response.status;
    if (sent.point.startsWith("WATCH ") && response.body !== null && response.ok) {
      const point = sent.point.replace("WATCH", "EVENT");
      const strike = () => striker.at({ phase: phase(), side, point }).strike;
      return new Response(faultyWatch(response.body, strike), { status: response.status, headers: plain(response) });
    }
    const text = await response.text();
    after?.(sent, text);
    const answer = new Response(text, { status: response.status, headers: plain(response) });
    if (method === "GET" && response.ok && !this.#first.has(keyOf(request))) {
      this.#first.set(keyOf(request), answer.clone());
    }
    return answer;
  }
}

function keyOf({ method, url }: Request): string {
  return `${method} ${url}`;
}

/** Headers without those that describe the connection to the real server. */
function plain({ headers }: Response): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-length", "content-encoding", "transfer-encoding", "connection"]) kept.delete(name);
  return kept;
}

function told({ status, body, retryAfter }: Strike & { how: "answer" }): Response {
  const headers = new Headers({ "content-type": body.startsWith("<") ? "text/html" : "application/json" });
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  return new Response(body, { status, headers });
}
