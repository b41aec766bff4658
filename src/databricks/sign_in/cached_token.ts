/**
 * Keeps a token and renews it before it ends.
 *
 * Guarantees: at most one renewal is under way; a caller waits only when there is no token that still holds; a failed
 * renewal is tried again after a minute, and the old token serves as long as it holds; where there is none, a failure
 * that passes counts for a second, so that a thousand callers do not ask a thousand times. There is one cache, and no second
 * one behind it: two with a lead time each hand out tokens that have ended (databricks/cli#4768).
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { DatabricksError } from "../errors.ts";

/** A token as it is issued. */
export interface Issued {
  readonly token: string;
  /** Its remaining lifetime (ms). */
  readonly lifetimeMs: number;
}

/** A token counts as ended so long before its end (ms): Azure refuses one with 30 s left (databricks-sdk-py#362). */
const MARGIN = 40_000;
/** A renewal begins half-way to the end, but no earlier than so long before it (ms), as the Go SDK's does. */
const LEAD = 20 * 60_000;
/** After a renewal that failed while the old token held (ms). */
const REST = 60_000;
/** The time for which a failure counts that passes, where there is no token (ms): its callers come again. */
const FAILURE_HOLDS = 1000;

interface Held {
  readonly token: string;
  readonly endsAt: number;
  readonly renewAt: number;
}

/** A token that is kept. */
export class CachedToken {
  readonly #issue: () => Promise<Issued>;
  readonly #clock: Pick<Clock, "monotonic">;
  #held: Held | undefined;
  #renewal: Promise<string> | undefined;
  #restUntil = 0;
  #failed: { readonly error: unknown; readonly until: number } | undefined;

  /** @param issue Asks for a new token. */
  constructor(issue: () => Promise<Issued>, clock: Pick<Clock, "monotonic">) {
    this.#issue = issue;
    this.#clock = clock;
  }

  /** A token that holds. @throws what the issuer throws, when there is none. */
  async get(): Promise<string> {
    const now = this.#clock.monotonic();
    const held = this.#held;
    if (held === undefined || now >= held.endsAt) {
      if (this.#failed !== undefined && now < this.#failed.until) throw this.#failed.error;
      return await this.#renew();
    }
    if (now >= held.renewAt && now >= this.#restUntil) void this.#renew().catch(() => {});
    return held.token;
  }

  /** Forgets a token that was refused; another one that was issued meanwhile stays. */
  drop(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  #renew(): Promise<string> {
    this.#renewal ??= this.#ask().finally(() => this.#renewal = undefined);
    return this.#renewal;
  }

  async #ask(): Promise<string> {
    const asked = this.#clock.monotonic();
    try {
      const { token, lifetimeMs } = await this.#issue();
      // It is older than its answer: its life counts from before the question.
      const endsAt = asked + lifetimeMs - Math.min(MARGIN, lifetimeMs / 2);
      this.#held = { token, endsAt, renewAt: asked + lifetimeMs - Math.min(lifetimeMs / 2, LEAD) };
      return token;
    } catch (error) {
      const now = this.#clock.monotonic();
      this.#restUntil = now + REST;
      if (error instanceof DatabricksError && error.transient) this.#failed = { error, until: now + FAILURE_HOLDS };
      throw error;
    }
  }
}
