/**
 * The network between the operator and both sides: a pool of parcels, of which one at a time arrives.
 *
 * A request, its answer and each frame of a watch are separate parcels. Anything that happens between two arrivals (an
 * edit, a crash, the passing of time) can therefore happen before a request takes effect, between the effect and the
 * answer, or after the answer.
 *
 * @module
 */
import { type FakeClock, settle } from "../../src/base/clock_fake.ts";
import type { FaultRule } from "../../mock/faults.ts";
import { inject } from "../../mock/injection.ts";
import { type Gated, gated } from "./gate.ts";
import type { Life } from "./life.ts";

/** The two sides that the operator talks to. */
export type Side = "Kubernetes" | "Databricks";

/** A parcel in flight. */
export interface Parcel {
  readonly side: Side;
  readonly what: "request" | "answer" | "frame";
  /** Method and path: `POST /api/2.2/jobs/create`. */
  readonly line: string;
  /** The process that sent it or waits for it. */
  readonly life: Life;
  readonly isWrite: boolean;
  readonly body: string;
  readonly arrive: () => void;
}

/** A fault that waits for its request. */
export interface Armed {
  readonly side: Side;
  readonly on: "write" | "read";
  readonly rule: Omit<FaultRule, "match">;
  /** The number of matching requests to let through first. */
  after: number;
  /** The number of consecutive requests that it strikes. */
  times: number;
  /** True if the fault may strike this request now; for faults that are not always credible. */
  readonly isCredible?: (request: Request) => boolean;
  /** The delay before the request takes effect (ms), even if its sender has given up or ended in the meantime. */
  readonly lateMs?: number;
}

/** Answers the requests to one side. */
export interface Server {
  handle(request: Request): Promise<Response>;
  /** Returns a slightly older answer to a read; `undefined` if there is none. */
  stale(request: Request): Response | undefined;
}

/** A moment of a write. */
export interface Moment {
  readonly side: Side;
  readonly when: "sent" | "took" | "answered";
}

/** Observes requests: when they are sent, end, or take effect. */
export interface Witness {
  sent(parcel: Parcel): void;
  ended(parcel: Parcel): void;
  took(parcel: Parcel, response: Response): Promise<void>;
}

/** The network of one simulation. */
export class Network {
  readonly #clock: FakeClock;
  readonly #servers: Record<Side, Server>;
  readonly #witness: Witness;
  #parcels: Parcel[] = [];
  /** The answers of Databricks to the current process, by address. */
  #answers = new Map<string, string>();
  #busy = 0;
  /** Faults that have not struck yet. */
  armed: Armed[] = [];
  /** The requests that arrived and the faults that struck, in words. */
  readonly story: string[] = [];

  constructor(clock: FakeClock, servers: Record<Side, Server>, witness: Witness) {
    this.#clock = clock;
    this.#servers = servers;
    this.#witness = witness;
  }

  /** Sends a request; the promise settles when its answer arrives. */
  send(life: Life, side: Side, request: Request, body: string): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    if (!life.isAlive) return promise;
    const url = new URL(request.url);
    const line = `${request.method} ${url.pathname}${url.searchParams.has("watch") ? "?watch" : ""}`;
    const parcel: Parcel = {
      side,
      what: "request",
      line,
      life,
      body,
      isWrite: request.method !== "GET",
      arrive: () => void this.#handle(parcel, request, { resolve, reject }),
    };
    this.#witness.sent(parcel);
    this.#park(parcel);
    request.signal.addEventListener("abort", () => {
      if (this.#remove(parcel)) reject(request.signal.reason);
    });
    void promise.catch(() => {}).then(() => this.#witness.ended(parcel));
    return promise;
  }

  /** Returns a watch's answer whose frames are parcels. */
  gate(life: Life, line: string, response: Response, end: Gated): Response {
    return gated(response, {
      ...end,
      life,
      line,
      park: (parcel) => this.#park(parcel),
      remove: (parcel) => this.#remove(parcel),
    });
  }

  /**
   * Drops the requests of a dead process or, with `late`, lets its writes still arrive; nobody waits for the answers.
   */
  bury(life: Life, { late }: { late: boolean }): void {
    this.#answers = new Map();
    this.#parcels = this.#parcels.filter((parcel) =>
      parcel.life !== life || (late && parcel.what === "request" && parcel.isWrite)
    );
  }

  /** Delivers up to `count` parcels in an order that `random` chooses; fewer if none is left. */
  async deliver(count: number, random: () => number): Promise<void> {
    for (let done = 0; done < count; done++) {
      await this.#quiet();
      if (this.#parcels.length === 0) return;
      this.#next(random).arrive();
    }
    await this.#quiet();
  }

  /**
   * Delivers parcels until a moment of a write to a side: it was `sent`, it `took` effect, or it was `answered`. Stops
   * after `most` parcels or ten seconds.
   */
  async deliverUntil({ side, when }: Moment, { most, random }: { most: number; random: () => number }): Promise<void> {
    const end = this.#clock.monotonic() + 10_000;
    for (let done = 0; done < most; done++) {
      await this.#quiet();
      const isSent = (parcel: Parcel) => parcel.side === side && parcel.isWrite && parcel.what === "request";
      if (when === "sent" && this.#parcels.some(isSent)) return;
      if (this.#parcels.length === 0) {
        const next = this.#clock.untilNext;
        if (next === undefined || this.#clock.monotonic() + next > end) return;
        await this.#clock.advance(next);
        continue;
      }
      const parcel = this.#next(random);
      parcel.arrive();
      const isIt = parcel.side === side && parcel.isWrite;
      if (isIt && parcel.what === (when === "took" ? "request" : "answer")) break;
    }
    await this.#quiet();
  }

  #next(random: () => number): Parcel {
    return this.#parcels.splice(Math.floor(random() * this.#parcels.length), 1)[0]!;
  }

  /** Lets time pass; parcels arrive meanwhile, and time stands still while one is in flight. */
  async pass(ms: number, random: () => number): Promise<void> {
    const end = this.#clock.monotonic() + ms;
    while (true) {
      await this.deliver(Infinity, random);
      const next = this.#clock.untilNext;
      const rest = end - this.#clock.monotonic();
      if (next === undefined || next > rest) return await this.#clock.advance(rest);
      await this.#clock.advance(next);
    }
  }

  /** True if a stale answer to a read of Databricks is available. */
  hasStale(request: Request): boolean {
    return this.#servers.Databricks.stale(request) !== undefined;
  }

  /** True if a matching request, or the answer to one, is in flight. */
  isUnderWay(line: RegExp): boolean {
    return this.#parcels.some((parcel) => line.test(parcel.line));
  }

  /** The parcels in flight. */
  get underWay(): string[] {
    return this.#parcels.map(({ what, line }) => `${what} ${line}`);
  }

  /** The last answer of Databricks at each address that the process requested. */
  get lastAnswers(): Record<string, string> {
    return Object.fromEntries(this.#answers);
  }

  /** The number of writes to Databricks that are in flight or await their answers. */
  get writesUnderWay(): number {
    return this.#parcels.filter(({ side, isWrite }) => side === "Databricks" && isWrite).length;
  }

  #park(parcel: Parcel): void {
    this.#parcels.push(parcel);
  }

  /** @returns false if it has already arrived. */
  #remove(parcel: Parcel): boolean {
    const index = this.#parcels.indexOf(parcel);
    if (index >= 0) this.#parcels.splice(index, 1);
    return index >= 0;
  }

  async #quiet(): Promise<void> {
    do await settle(); while (this.#busy > 0);
  }

  async #handle(parcel: Parcel, request: Request, waiting: Waiting): Promise<void> {
    const { side, line, life } = parcel;
    const server = this.#servers[side];
    const handle = async (asked = request) => {
      this.#busy++;
      try {
        const response = await server.handle(asked);
        await this.#witness.took(parcel, response);
        if (!response.ok) this.story.push(`  answered ${response.status}: ${await response.clone().text()}`);
        return response;
      } finally {
        this.#busy--;
      }
    };
    const fault = this.#strike(parcel, request);
    const told = fault === undefined ? "" : `, struck: ${JSON.stringify({ ...fault.rule, lateMs: fault.lateMs })}`;
    const seconds = (this.#clock.monotonic() / 1000).toFixed(1);
    this.story.push(`${seconds} s, process ${life.number}: ${line} ${parcel.body.slice(0, 600)}${told}`);
    const { signal } = request;
    const stale = () => server.stale(request);
    const late = fault?.lateMs;
    if (late !== undefined) signal.addEventListener("abort", () => waiting.reject(signal.reason));
    const answer = late !== undefined
      ? this.#after(late).then(() => handle(unaborted(request, parcel.body)))
      : fault === undefined
      ? handle()
      : inject({ match: "", ...fault.rule }, { request, signal, handle, stale });
    const arrive = (said: string, deliver: () => void) => {
      if (!life.isAlive) return;
      const back: Parcel = { ...parcel, what: "answer", arrive: deliver };
      this.#answers.set(`${line}${new URL(request.url).search}`, said);
      this.#park(back);
      signal.addEventListener("abort", () => {
        if (this.#remove(back)) waiting.reject(signal.reason);
      });
    };
    await answer.then(
      async (response) => arrive(await this.#said(side, response), () => waiting.resolve(response)),
      (error) => arrive(String(error), () => waiting.reject(error)),
    );
  }

  /** Returns an answer of Databricks as a text; none for Kubernetes, since the answer to a watch does not end. */
  async #said(side: Side, response: Response): Promise<string> {
    if (side === "Kubernetes") return "";
    return `${response.status} ${await response.clone().text().catch(String)}`;
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimeout(resolve, ms));
  }

  #strike({ side, isWrite, line }: Parcel, request: Request): Armed | undefined {
    if (line.endsWith("?watch") || line.includes("/events")) return undefined;
    for (const fault of this.armed) {
      if (fault.side !== side || (fault.on === "write") !== isWrite) continue;
      if (fault.isCredible?.(request) === false) continue;
      if (fault.after-- > 0) continue;
      fault.times--;
      if (fault.times <= 0) this.armed = this.armed.filter((one) => one !== fault);
      return fault;
    }
  }
}

/** The request without its signal, as seen by a server that does not notice that the client has given up. */
function unaborted({ url, method, headers }: Request, body: string): Request {
  return new Request(url, { method, headers, ...body !== "" && { body } });
}

interface Waiting {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}
