/**
 * Keeps a token and renews it before it expires.
 *
 * Guarantees: at most one renewal is in progress; a caller waits only if there is no valid token; a failed renewal is
 * retried after a minute, and the old token serves as long as it is valid; without one, a temporary failure is
 * remembered for a second, so that a thousand callers do not send a thousand requests. There is one cache, and no
 * second one behind it: two with a lead time each hand out expired tokens (databricks/cli#4768).
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

/**
 * A token counts as expired this long before its end (ms): Azure refuses one with 30 s left (databricks-sdk-py#362).
 */
const MARGIN = 40_000;
/**
 * A renewal begins halfway through the lifetime, but no earlier than this long before the end (ms), as in the Go SDK.
 */
const LEAD = 20 * 60_000;
/** The pause after a failed renewal while the old token is valid (ms). */
const REST = 60_000;
/** How long a temporary failure is remembered if there is no token (ms): its callers come again. */
const FAILURE_HOLDS = 1000;

interface Held {
  readonly token: string;
  readonly endsAt: number;
  readonly renewAt: number;
}

/** A cached token. */
export class CachedToken {
  readonly #issue: () => Promise<Issued>;
  readonly #clock: Pick<Clock, "monotonic">;
  #held: Held | undefined;
  #renewal: Promise<string> | undefined;
  #restUntil = 0;
  #failed: { readonly error: unknown; readonly until: number } | undefined;

  /** @param issue Requests a new token. */
  constructor(issue: () => Promise<Issued>, clock: Pick<Clock, "monotonic">) {
    this.#issue = issue;
    this.#clock = clock;
  }

  /** A valid token. @throws the issuer's error if there is none. */
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

  /** Forgets a token that was refused; a newer one stays. */
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
      // The token is older than its answer, so its lifetime counts from the request.
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
