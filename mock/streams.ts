/**
 * Counts the requests that are open on each HTTP/2 connection of a server.
 *
 * @module
 */

/** The open requests of a server, by connection. */
export class Streams {
  readonly #isCounted: (path: string) => boolean;
  readonly #open = new Map<object, number>();
  #most = 0;
  #mostConnections = 0;

  /** @param isCounted Selects requests by their path and query; by default all are counted. */
  constructor(isCounted: (path: string) => boolean = () => true) {
    this.#isCounted = isCounted;
  }

  /** Notes that a request begins on a connection; the returned function notes its end. */
  begin(connection: object, path: string): () => void {
    if (!this.#isCounted(path)) return () => {};
    this.#add(connection, 1);
    return () => this.#add(connection, -1);
  }

  /** The largest number of requests that were open on one connection at the same time. */
  get most(): number {
    return this.#most;
  }

  /** The largest number of connections that had open requests at the same time. */
  get mostConnections(): number {
    return this.#mostConnections;
  }

  #add(connection: object, difference: number): void {
    const size = (this.#open.get(connection) ?? 0) + difference;
    if (size > 0) this.#open.set(connection, size);
    else this.#open.delete(connection);
    this.#most = Math.max(this.#most, size);
    this.#mostConnections = Math.max(this.#mostConnections, this.#open.size);
  }
}
