/**
 * Finds the kinds that the API server serves, by discovery, which needs no permission, unlike reading CRDs.
 *
 * Guarantees:
 * - one request covers all kinds. It is sent at the start, when a watch reports that its kind is not served, and while
 *   any kind is missing: every second at first, every ten seconds from the fifth request on;
 * - a served kind counts as missing only after its watch and discovery agree: one replica of the API server may lag
 *   behind another.
 *
 * @module
 */
import { backoffDelay, type Clock } from "../base/clock.ts";
import type { KubeClient } from "../kubernetes/client.ts";
import { logger } from "../telemetry/log.ts";
import { GROUP, VERSION } from "../resource.ts";

const log = logger("context");

const RENEW = "apply the CRDs of this version (crdgen | kubectl apply -f -)";
const POLL = { baseMs: 1000, maxMs: 10_000, jitter: 0 };

/** `outdated`: the CRD has no status subresource, so it is of another version. */
type State = "missing" | "outdated" | "served";

/** Options of {@link ServedKinds}. */
export interface ServedKindsOptions {
  readonly client: Pick<KubeClient, "discover">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The plurals of the required kinds. */
  readonly plurals: readonly string[];
  /** Further kinds, which alone give the operator nothing to do. */
  readonly besides?: readonly string[];
  /** Called when a kind is served that was not before. */
  readonly onServed: (plural: string) => void;
}

/** Callers that wait for one kind. */
interface Waiting extends PromiseWithResolvers<boolean> {
  /** True after discovery has confirmed that the kind is not served. */
  wasMissing: boolean;
}

/** Looks for kinds until all are served. */
export class ServedKinds {
  readonly #options: ServedKindsOptions;
  readonly #states: Map<string, State>;
  /** Callers that wait for kinds that a watch reported as not served. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #any = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #nap = new AbortController();
  #problem = "";

  constructor(options: ServedKindsOptions) {
    this.#options = options;
    const { plurals, besides = [] } = options;
    this.#states = new Map([...plurals, ...besides].map((plural) => [plural, "missing"]));
    options.signal.addEventListener("abort", () => this.#release());
  }

  /** Resolves when any kind is served, or when the search ends. */
  get any(): Promise<void> {
    return this.#any.promise;
  }

  /** Looks for the kinds until all are served. */
  start(): void {
    for (const plural of this.#states.keys()) log.info(`Waiting for CRD: ${plural}.${GROUP}`);
    this.#look();
  }

  /** True when a kind is served, as far as is known. */
  isServed(plural: string): boolean {
    return this.#states.get(plural) === "served";
  }

  /** Returns the reason why a kind is not served, and the remedy; `undefined` if it is served. */
  problem(plural: string): string | undefined {
    const state = this.#states.get(plural);
    if (state === undefined || state === "served") return undefined;
    const what = state === "missing" ? "is not installed" : "has no status subresource, so it is of another version";
    return `CRD ${plural}.${GROUP} ${what}: ${RENEW}`;
  }

  /**
   * Waits until a kind is served that a watch reported as not served.
   *
   * @returns whether discovery agreed that it was not.
   */
  async whenServed(plural: string): Promise<boolean> {
    if (this.#options.signal.aborted) return false;
    let waiting = this.#waiting.get(plural);
    if (waiting === undefined) {
      waiting = { ...Promise.withResolvers<boolean>(), wasMissing: false };
      this.#waiting.set(plural, waiting);
      this.#look();
    }
    return await waiting.promise;
  }

  /** Looks now, or again if a look is in progress. */
  #look(): void {
    this.#nap.abort();
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    const { clock, signal } = this.#options;
    for (let looks = 0; !signal.aborted; looks++) {
      this.#nap = new AbortController();
      if (await this.#discover()) looks = 0;
      if (this.#waiting.size === 0 && [...this.#states.values()].every((state) => state === "served")) return;
      await clock.sleep(backoffDelay(looks, POLL), AbortSignal.any([signal, this.#nap.signal]));
    }
  }

  /** @returns whether anything changed. */
  async #discover(): Promise<boolean> {
    const { client, signal } = this.#options;
    const suspects = new Set(this.#waiting.keys());
    try {
      const served = await client.discover(GROUP, VERSION, { signal });
      this.#problem = "";
      const kinds = [...this.#states.keys()];
      const changed = kinds.filter((plural) => this.#take(plural, stateIn(served, plural), suspects.has(plural)));
      if (this.#options.plurals.some((plural) => this.isServed(plural))) this.#any.resolve();
      return changed.length > 0;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // One line for each new problem, however long it lasts.
      if (!signal.aborted && text !== this.#problem) log.warning(text);
      this.#problem = text;
      return false;
    }
  }

  /** Takes over the state of one kind from discovery; true if it is new. */
  #take(plural: string, now: State, isSuspect: boolean): boolean {
    const before = this.#states.get(plural);
    const waiting = this.#waiting.get(plural);
    if (now === "served" && isSuspect) {
      this.#waiting.delete(plural);
      waiting?.resolve(waiting.wasMissing);
    }
    if (now !== "served" && waiting !== undefined && isSuspect) waiting.wasMissing = true;
    if (now === before || (before === "served" && !isSuspect)) return false;
    this.#states.set(plural, now);
    if (now === "served") this.#options.onServed(plural);
    else if (before === "served") log.warning(this.problem(plural) ?? "");
    else if (now === "outdated") log.error(this.problem(plural) ?? "");
    return true;
  }

  #release(): void {
    this.#any.resolve();
    for (const waiting of this.#waiting.values()) waiting.resolve(false);
    this.#waiting.clear();
  }
}

function stateIn(served: ReadonlyMap<string, unknown>, plural: string): State {
  if (!served.has(plural)) return "missing";
  return served.has(`${plural}/status`) ? "served" : "outdated";
}
