/**
 * The requests that a workspace received, in the order of arrival.
 *
 * @module
 */

/** One request and its result. */
export interface Call {
  /** The time of its arrival (ms, on the workspace's clock). */
  at: number;
  method: string;
  /** The path without host and query. */
  path: string;
  query: Record<string, string>;
  /** The body: parsed if it is JSON, otherwise the text; `undefined` if there is none. */
  body: unknown;
  /** The answer's status; 0 while there is none, and for good if the answer was cut off or the caller gave up. */
  status: number;
  userAgent: string;
  /** The injected fault. */
  fault?: string;
}

/** The calls of one workspace, except those to control endpoints (`/_/`). */
export class Ledger {
  readonly calls: Call[] = [];

  /**
   * Counts the matching calls.
   *
   * @param method such as "POST"; by default all.
   * @param path a pattern, or the end of the path.
   */
  count(method?: string, path?: RegExp | string): number {
    return this.find(method, path).length;
  }

  /** The matching calls; see {@link count}. */
  find(method?: string, path?: RegExp | string): Call[] {
    const fits = (call: Call) =>
      path === undefined || (typeof path === "string" ? call.path.endsWith(path) : call.path.search(path) >= 0);
    return this.calls.filter((call) => (method === undefined || call.method === method) && fits(call));
  }

  /** All calls except GET. */
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
