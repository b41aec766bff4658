/**
 * Faults for selected requests: wrong, lost, slow or missing answers.
 *
 * @module
 */

/** The name of a page from a gateway between a client and Databricks. */
export type Gateway = "301" | "404" | "502" | "503" | "login" | "empty";

/** The response of such a page. */
export interface GatewayPage {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** Pages from gateways between a client and Databricks: a load balancer, a proxy, a login. */
export const gatewayPages: Readonly<Record<Gateway, GatewayPage>> = {
  /** A redirect to a login page. */
  "301": { status: 301, body: page("301 Moved Permanently"), headers: { location: "https://login.example.com/" } },
  /** A path that the proxy does not know, which proves nothing about Databricks' resources. */
  "404": { status: 404, body: page("404 Not Found") },
  "502": { status: 502, body: page("502 Bad Gateway") },
  "503": { status: 503, body: page("503 Service Unavailable") },
  /** A login page with HTTP's status of success. */
  login: { status: 200, body: page("Please log in") },
  /** An empty answer with HTTP's status of success. */
  empty: { status: 200, body: "" },
};

function page(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
}

/** A rule: the requests that it matches, and the fault. */
export interface FaultRule {
  /** A pattern or a substring of "METHOD /path", such as "POST /api/2.2/jobs/create". */
  match: RegExp | string;
  /** The number of matching requests that pass first. */
  after?: number;
  /** The number of requests that then get the fault; by default all. */
  times?: number;
  /** Only every n-th matching request gets the fault; by default every one. */
  every?: number;
  /**
   * How long the rule is in force, by the workspace's clock (ms); by default until it is removed.
   */
  forMs?: number;
  /** Answer with the page of a gateway. */
  gateway?: Gateway;
  /** Answer with this status … */
  status?: number;
  /** … and this body: text unchanged, an object as JSON. The default status is 200. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Wait first (ms). */
  latencyMs?: number;
  /**
   * "kept": the request takes effect; only its answer is replaced, cut or withheld. A refusal is not replaced by a JSON
   * answer of success.
   */
  effect?: "none" | "kept";
  /** The connection fails, or breaks. */
  cut?: "connect" | "before-headers" | "mid-body";
  /** Never answer; the caller must give up. */
  hang?: boolean;
  /** Answer a read with the answer of the same URL before the latest write. */
  stale?: boolean;
  /** Change the JSON of the true answer, synchronously or asynchronously. In-process only. */
  // deno-lint-ignore no-explicit-any -- a test edits any answer of any endpoint
  edit?: (body: any) => unknown;
  /** The rule's name in the ledger. */
  name?: string;
}

/** A rule in force. */
export interface Fault extends Disposable {
  readonly rule: FaultRule;
  readonly name: string;
  /** The number of requests that the rule was applied to. */
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

/** Describes a rule briefly. */
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

  /** Adds a rule, which stays in force until it is removed (or its `using` ends). Earlier rules come first. */
  add(rule: FaultRule): Fault {
    const fault = new ActiveFault(rule, { faults: this.#faults, now: this.#now });
    this.#faults.add(fault);
    return fault;
  }

  /** The rule that applies to "METHOD /path", if any; this counts as a hit. */
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
