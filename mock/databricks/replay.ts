/**
 * Earlier answers of reads, for faults that return a stale one.
 *
 * @module
 */

interface Answer {
  status: number;
  headers: [string, string][];
  body: string;
}

interface Remembered {
  latest: Answer;
  /** The number of writes before `latest`. */
  writes: number;
  /** The answer before the last write that preceded `latest`. */
  former: Answer;
}

/** The maximum number of remembered URLs; the oldest is forgotten first. */
const capacity = 500;

/** The answers of one workspace to reads. */
export class Replay {
  readonly #answers = new Map<string, Remembered>();
  #writes = 0;

  /** Records the answer of a read, or counts a write. */
  async record(request: Request, response: Response): Promise<void> {
    if (request.method !== "GET") {
      this.#writes++;
      return;
    }
    const latest = { status: response.status, headers: [...response.headers], body: await response.clone().text() };
    const known = this.#answers.get(request.url);
    const former = known === undefined ? latest : known.writes < this.#writes ? known.latest : known.former;
    this.#answers.delete(request.url);
    this.#answers.set(request.url, { latest, writes: this.#writes, former });
    if (this.#answers.size > capacity) this.#answers.delete(this.#answers.keys().next().value!);
  }

  /** Returns the URL's answer before the latest write; `undefined` if it was never read. */
  stale(request: Request): Response | undefined {
    const known = this.#answers.get(request.url);
    if (request.method !== "GET" || !known) return undefined;
    const { status, headers, body } = known.writes < this.#writes ? known.latest : known.former;
    return new Response(body, { status, headers });
  }
}
