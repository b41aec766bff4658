/**
 * The requests that the API received, in the order of arrival.
 *
 * @module
 */

/** One request and its result. */
export interface RequestRecord {
  /** The time of arrival (ms, on the API's clock). */
  readonly at: number;
  readonly method: string;
  /** The path without host and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; otherwise the method. */
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly userAgent: string;
  /** The caller; empty if the token was unknown. */
  user: string;
  /** The answer's status; 0 while there is none. */
  status: number;
  /** The injected fault. */
  fault?: string;
}

/** A filter of the ledger's requests. */
export type Wanted = Partial<
  Pick<RequestRecord, "verb" | "group" | "resource" | "subresource" | "namespace" | "name" | "user" | "status">
>;

/** The requests to one API. */
export class Ledger {
  readonly all: RequestRecord[] = [];

  /** The requests that match. */
  find(wanted: Wanted = {}): RequestRecord[] {
    const parts = Object.entries(wanted) as [keyof RequestRecord, unknown][];
    return this.all.filter((record) => parts.every(([key, value]) => record[key] === value));
  }

  /** Counts the requests that match. */
  count(wanted: Wanted = {}): number {
    return this.find(wanted).length;
  }

  /** Returns the verbs by resource: `{ secrets: ["get", "list"], … }`, sorted. */
  verbs(user?: string): Record<string, string[]> {
    const used = new Map<string, Set<string>>();
    for (const { verb, group, resource, subresource, user: who } of this.all) {
      if (resource === undefined || user !== undefined && who !== user) continue;
      const name = `${resource}${group ? `.${group}` : ""}${subresource ? `/${subresource}` : ""}`;
      used.set(name, (used.get(name) ?? new Set()).add(verb));
    }
    return Object.fromEntries(
      [...used].sort(([a], [b]) => a < b ? -1 : 1).map(([name, verbs]) => [name, [...verbs].sort()]),
    );
  }

  clear(): void {
    this.all.length = 0;
  }
}
