/**
 * Faults that strike chosen requests: wrong answers, lost answers, slow answers, none at all.
 *
 * @module
 */

/** The name of a page of what stands between a client and Databricks. */
export type Gateway = "301" | "404" | "502" | "503" | "login" | "empty";

/** The answer of a gateway's page. */
export interface GatewayPage {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** Pages of what stands between a client and Databricks: a load balancer, a proxy, a login. */
export const gatewayPages: Readonly<Record<Gateway, GatewayPage>> = {
  /** Moved to where one logs in. */
  "301": { status: 301, body: page("301 Moved Permanently"), headers: { location: "https://login.example.com/" } },
  /** A path that the proxy does not know, which says nothing about what Databricks has. */
  "404": { status: 404, body: page("404 Not Found") },
  "502": { status: 502, body: page("502 Bad Gateway") },
  "503": { status: 503, body: page("503 Service Unavailable") },
  /** A login page, which is a success to HTTP. */
  login: { status: 200, body: page("Please log in") },
  /** Nothing, which is a success to HTTP. */
  empty: { status: 200, body: "" },
};

function page(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
}

/** A rule: which requests it strikes, and how. */
export interface FaultRule {
  /** On "METHOD /path" such as "POST /api/2.2/jobs/create": a pattern, or a part of it. */
  match: RegExp | string;
  /** The number of matching requests that pass first. */
  after?: number;
  /** The number of requests that are struck then; all, when it is left out. */
  times?: number;
  /** Only every so manyth matching request is struck; every one, when it is left out. */
  every?: number;
  /**
   * The time for which the rule is in force, by the workspace's clock (ms); until it is removed, when it is left out.
   */
  forMs?: number;
  /** Answer as something between client and Databricks does. */
  gateway?: Gateway;
  /** Answer with this status … */
  status?: number;
  /** … and this body: text as it is, an object as JSON. Without a status it is 200. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Wait first. */
  latencyMs?: number;
  /** "kept": the request takes effect, and only its answer is replaced, cut or withheld. */
  effect?: "none" | "kept";
  /** The connection is never made, or breaks. */
  cut?: "connect" | "before-headers" | "mid-body";
  /** Never answer; the caller has to give up. */
  hang?: boolean;
  /** Answer a read with what the same URL gave before the latest write. */
  stale?: boolean;
  /** Change the JSON of the true answer, at once or later. In-process only. */
  // deno-lint-ignore no-explicit-any -- a test edits any answer of any endpoint
  edit?: (body: any) => unknown;
  /** The rule's name in the ledger. */
  name?: string;
}

/** A rule in force. */
export interface Fault extends Disposable {
  readonly rule: FaultRule;
  readonly name: string;
  /** The number of requests that the rule struck. */
  readonly hits: number;
  remove(): void;
}

class ActiveFault implements Fault {
  readonly rule: FaultRule;
  readonly name: string;
  readonly #faults: Set<ActiveFault>;
  readonly #now: () => number;
  readonly #end: number;
  #seen = 0;
  hits = 0;

  constructor(rule: FaultRule, { faults, now }: { faults: Set<ActiveFault>; now: () => number }) {
    this.rule = rule.gateway === undefined ? rule : { ...gatewayPages[rule.gateway], ...rule };
    this.name = rule.name ?? describe(rule);
    this.#faults = faults;
    this.#now = now;
    this.#end = now() + (rule.forMs ?? Infinity);
  }

  strikes(line: string): boolean {
    const { match, after = 0, times = Infinity, every = 1 } = this.rule;
    const fits = typeof match === "string" ? line.includes(match) : line.search(match) >= 0;
    if (!fits || this.hits >= times || this.#now() >= this.#end) return false;
    this.#seen++;
    if (this.#seen <= after || (this.#seen - after) % every !== 0) return false;
    this.hits++;
    return true;
  }

  remove(): void {
    this.#faults.delete(this);
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

/** Says in a few words what a rule does. */
function describe({ gateway, status, body, cut, hang, stale, edit, latencyMs, effect }: FaultRule): string {
  const what = gateway
    ? `gateway ${gateway}`
    : cut
    ? `cut ${cut}`
    : hang
    ? "hang"
    : stale
    ? "stale"
    : edit
    ? "edit"
    : status ?? (body === undefined ? undefined : 200);
  const parts = [what, latencyMs && `${latencyMs} ms`, effect === "kept" && "effect kept"];
  return parts.filter((part) => part !== undefined && part !== 0 && part !== false).join(", ") || "headers";
}

/** The faults of one workspace. */
export class Faults {
  readonly #faults = new Set<ActiveFault>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Puts a rule in force, until it is removed (or its `using` ends). Earlier rules come first. */
  add(rule: FaultRule): Fault {
    const fault = new ActiveFault(rule, { faults: this.#faults, now: this.#now });
    this.#faults.add(fault);
    return fault;
  }

  /** The rule that strikes "METHOD /path", if any; it counts as a hit. */
  strike(line: string): Fault | undefined {
    for (const fault of this.#faults) if (fault.strikes(line)) return fault;
    return undefined;
  }

  all(): Fault[] {
    return [...this.#faults];
  }

  clear(): void {
    this.#faults.clear();
  }
}
