/**
 * Reads the Secrets that objects refer to, each by its name, and tells when one changes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Clock } from "../../base/clock.ts";
import type { KubeClient, KubeObject } from "../../kubernetes/client.ts";
import { Informer } from "../../kubernetes/informer.ts";
import { BlockedError } from "../object/outcome.ts";

/** How long a pass waits for the first answer about a Secret (ms). */
const FIRST_ANSWER = 10_000;

/** What a Secret can be called. Anything else has no Secret, and must not become part of a selector. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

interface Watched {
  readonly informer: Informer;
  readonly users: Set<string>;
  error?: Error;
}

/** What {@link Secrets} needs. */
export interface SecretsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told the users of a Secret that changed. */
  readonly onChange: (users: readonly string[]) => void;
}

/**
 * The Secrets that are in use. Every request to the API server names one Secret, so that access can be granted by name.
 */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #watched = new Map<string, Watched>();
  /** The one Secret that each user refers to. */
  readonly #used = new Map<string, string>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /**
   * The Secret, or `undefined` when there is none. From now on `user` is told when it changes.
   *
   * @throws {BlockedError} when the API server does not let us read it, or does not answer; the signal's reason when the
   * operator stops before an answer came.
   */
  async get(user: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    if (!NAME.test(name)) {
      this.release(user);
      return undefined;
    }
    const key = `${namespace}/${name}`;
    const watched = this.#use(user, key, namespace, name);
    if (!watched.informer.hasSynced) {
      const timer = new AbortController();
      await Promise.race([watched.informer.synced, this.#options.clock.sleep(FIRST_ANSWER, timer.signal)]);
      timer.abort();
    }
    if (watched.informer.hasSynced) return watched.informer.get(key);
    this.#options.signal.throwIfAborted();
    const why = watched.error === undefined ? "the API server does not answer" : watched.error.message;
    throw new BlockedError("SecretUnreadable", `Cannot read Secret "${key}": ${why}`, "retry");
  }

  /** Ends a user's interest. */
  release(user: string): void {
    const key = this.#used.get(user);
    this.#used.delete(user);
    const watched = key === undefined ? undefined : this.#watched.get(key);
    watched?.users.delete(user);
    if (key === undefined || watched === undefined || watched.users.size > 0) return;
    this.#watched.delete(key);
    void watched.informer.stop();
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ informer }) => informer.stop()));
  }

  #use(user: string, key: string, namespace: string, name: string): Watched {
    if (this.#used.get(user) !== key) this.release(user);
    this.#used.set(user, key);
    const watched = this.#watched.get(key) ?? this.#watch(key, namespace, name);
    watched.users.add(user);
    return watched;
  }

  #watch(key: string, namespace: string, name: string): Watched {
    const { client, clock, signal, onChange } = this.#options;
    const watched: Watched = {
      users: new Set(),
      informer: new Informer({
        client,
        clock,
        signal,
        path: { group: "", version: "v1", plural: "secrets", namespace },
        fieldSelector: `metadata.name=${name}`,
        onChange: () => onChange([...watched.users]),
        onError: (error) => watched.error = error,
      }),
    };
    this.#watched.set(key, watched);
    watched.informer.start();
    return watched;
  }
}

/** The decoded data of a Secret or of a ConfigMap's `binaryData`. */
export function decodeData(secret: KubeObject): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, "base64"))]),
  );
}
