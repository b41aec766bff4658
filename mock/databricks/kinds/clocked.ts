/**
 * A state that changes by the clock.
 *
 * @module
 */
import { steady } from "../steady.ts";

/** A state, and the one that follows it. */
export class Clocked<State extends string> {
  readonly #now: () => number;
  #state: State;
  #next: { readonly state: State; readonly at: number } | undefined;

  constructor(now: () => number, state: State) {
    this.#now = steady(now);
    this.#state = state;
  }

  /** The current state. */
  get state(): State {
    if (this.#next !== undefined && this.#now() >= this.#next.at) this.set(this.#next.state);
    return this.#state;
  }

  /** Sets the state, which then stays. */
  set(state: State): void {
    this.#state = state;
    this.#next = undefined;
  }

  /**
   * Sets a state that is replaced by another one after a time (ms).
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Clocked } from "./clocked.ts";
   *
   * let now = 0;
   * const clocked = new Clocked<"OFF" | "STARTING" | "ON">(() => now, "OFF");
   * clocked.pass("STARTING", { ms: 100, to: "ON" });
   * assert.equal(clocked.state, "STARTING");
   * now = 100;
   * assert.equal(clocked.state, "ON");
   * ```
   */
  pass(state: State, { ms, to }: { readonly ms: number; readonly to: State }): void {
    this.#state = state;
    this.#next = { state: to, at: this.#now() + ms };
  }
}
