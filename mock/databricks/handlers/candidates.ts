/**
 * The handlers that may answer a request. MSW tries one handler after the other, and each parses the URL again; of two
 * hundred, the method and the start of the path leave only a few.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";

interface Candidate {
  /** The path before its first parameter. */
  readonly start: string;
  readonly handler: HttpHandler;
}

/** Handlers by method and by the first parts of their paths. */
export class Candidates {
  readonly #all: readonly Candidate[];
  /** The handlers by method and path prefix, such as `/api/2.2/jobs`. */
  readonly #known = new Map<string, readonly Candidate[]>();

  constructor(handlers: readonly HttpHandler[]) {
    this.#all = handlers.map((handler) => ({
      start: String(handler.info.path).replace(/^\*/, "").replace(/[:*].*$/, ""),
      handler,
    }));
  }

  /** The handlers that match a method and may match a path, in their order. */
  of(method: string, path: string): HttpHandler[] {
    return this.#near(method, path).filter(({ start }) => path.startsWith(start)).map(({ handler }) => handler);
  }

  #near(method: string, path: string): readonly Candidate[] {
    const beginning = path.split("/", 4).join("/");
    const key = `${method} ${beginning}`;
    const known = this.#known.get(key);
    if (known) return known;
    const near = this.#all.filter(({ start, handler }) =>
      handler.info.method === method && (start.startsWith(beginning) || beginning.startsWith(start))
    );
    if (near.length > 0) this.#known.set(key, near);
    return near;
  }
}
