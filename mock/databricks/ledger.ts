/**
 * The requests that a workspace received, in the order of arrival.
 *
 * @module
 */

/** One request and how it ended. */
export interface Call {
  /** Milliseconds of the workspace's clock at which it arrived. */
  at: number;
  method: string;
  /** The path without host and query. */
  path: string;
  query: Record<string, string>;
  /** The body: parsed when it is JSON, else the text; `undefined` when there is none. */
  body: unknown;
  /** The status that was answered; 0 while there is none, and for ever when the answer was cut or given up. */
  status: number;
  userAgent: string;
  /** The fault that struck it. */
  fault?: string;
}

/** The calls of one workspace. Control endpoints (`/_/`) are not among them. */
export class Ledger {
  readonly calls: Call[] = [];

  /**
   * Counts the calls that match.
   *
   * @param method such as "POST"; all when it is left out.
   * @param path a pattern, or how the path ends.
   */
  count(method?: string, path?: RegExp | string): number {
    return this.find(method, path).length;
  }

  /** The calls that match, as `count` counts them. */
  find(method?: string, path?: RegExp | string): Call[] {
    const fits = (call: Call) =>
      path === undefined || (typeof path === "string" ? call.path.endsWith(path) : call.path.search(path) >= 0);
    return this.calls.filter((call) => (method === undefined || call.method === method) && fits(call));
  }

  /** Everything but GET. */
  writes(): Call[] {
    return this.calls.filter((call) => call.method !== "GET");
  }

  /** Counts the calls by "METHOD path". */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, path } of this.calls) counts[`${method} ${path}`] = (counts[`${method} ${path}`] ?? 0) + 1;
    return counts;
  }

  clear(): void {
    this.calls.length = 0;
  }
}
