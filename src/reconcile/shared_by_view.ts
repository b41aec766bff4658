/**
 * Shares state between places with the same view of a workspace: one sweep, one copy of the observations, one poll of
 * runs.
 *
 * @module
 */

import type { Place } from "./object/place.ts";

/** A value that places of one view can share. */
export interface Shareable<T> {
  /** Begins to work. */
  start(): void;
  /** Ends its work. */
  stop(): Promise<void>;
  /** Takes over from another value, which a place leaves, what must be remembered. */
  adopt(other: T): void;
}

/** Options of {@link SharedByView}. */
export interface SharedByViewOptions<T> {
  /** The name of a place's view. It may change at any time. */
  readonly viewOf: (place: Place) => string;
  /** Creates the value for places of one view; `places` returns their names. */
  readonly make: (places: () => readonly Place[]) => T;
}

interface Shared<T> {
  readonly value: T;
  readonly places: Set<Place>;
}

/** Values, each shared by the places of one view. */
export class SharedByView<T extends Shareable<T>> {
  readonly #options: SharedByViewOptions<T>;
  readonly #views = new Map<string, string>();
  readonly #shared = new Map<string, Shared<T>>();
  #isStopped = false;

  constructor(options: SharedByViewOptions<T>) {
    this.#options = options;
  }

  /** The value of a place as of the last call. */
  known(place: Place): T | undefined {
    return this.#shared.get(this.#views.get(place) ?? "")?.value;
  }

  /** The place's value: a different one if its view has changed. */
  of(place: Place): T {
    const view = this.#options.viewOf(place);
    const before = this.#views.get(place);
    const shared = this.#shared.get(view);
    if (before === view && shared !== undefined) return shared.value;
    const joined = shared ?? this.#add(view);
    joined.places.add(place);
    const old = this.known(place);
    if (old !== undefined) joined.value.adopt(old);
    this.#leave(place);
    this.#views.set(place, view);
    return joined.value;
  }

  /** The places that have a value. */
  places(): Place[] {
    return [...this.#views.keys()];
  }

  /** Removes a place's value. */
  forget(place: Place): void {
    this.#leave(place);
    this.#views.delete(place);
  }

  /** Stops all values; later ones are not started. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#shared.values()].map(({ value }) => value.stop()));
  }

  #add(view: string): Shared<T> {
    const places = new Set<Place>();
    const shared = { places, value: this.#options.make(() => [...places].sort()) };
    this.#shared.set(view, shared);
    // Started after the caller has joined it.
    if (!this.#isStopped) queueMicrotask(() => this.#isStopped || shared.value.start());
    return shared;
  }

  #leave(place: Place): void {
    const view = this.#views.get(place) ?? "";
    const shared = this.#shared.get(view);
    shared?.places.delete(place);
    if (shared === undefined || shared.places.size > 0) return;
    this.#shared.delete(view);
    void shared.value.stop();
  }
}
