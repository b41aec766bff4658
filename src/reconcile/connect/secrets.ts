/**
 * Reads the Secrets that objects and settings refer to, and reports their changes.
 *
 * Guarantees: an unreadable Secret delays only those that refer to it; a refusal is known at once; a Secret that nobody
 * refers to is not read.
 *
 * @module
 */
import { objectKey } from "../../base/object_key.ts";
import { Buffer } from "node:buffer";
import type { Clock, Timer } from "../../base/clock.ts";
import { type KubeClient, KubeError, type KubeObject } from "../../kubernetes/client.ts";
import { BlockedError } from "../object/outcome.ts";
import { NamespaceSecrets } from "./namespace_secrets.ts";

/** The timeout of the first answer about a Secret (ms). */
const FIRST_ANSWER = 10_000;

/** A valid name of a Secret. Other names have no Secret, and must not become part of a selector. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** The Secret is being read: the caller is notified when that is done, and can do other things meanwhile. */
export class SecretAwaitedError extends Error {
  override name = "SecretAwaitedError";
}

interface Used {
  readonly namespace: string;
  readonly name: string;
  readonly users: Set<string>;
  /** Runs until the first answer is late. */
  readonly timer: Timer;
  isLate: boolean;
}

/** Options of {@link Secrets}. */
export interface SecretsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `secrets`; ConfigMaps are read in the same way. */
  readonly plural?: "secrets" | "configmaps";
  /** Called with the users of a Secret when more is known about it. */
  readonly onChange: (users: readonly string[]) => void;
}

/** The Secrets that are in use. */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #namespaces = new Map<string, NamespaceSecrets>();
  readonly #secrets = new Map<string, Used>();
  /** The one Secret that each user refers to. */
  readonly #used = new Map<string, string>();
  /** Callers that wait for a first answer, by Secret. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /**
   * The Secret; `undefined` if there is none. From now on `user` is notified when it changes.
   *
   * @throws {SecretAwaitedError} when nothing is known yet: `user` is notified when that has changed, within 10 s.
   * @throws {BlockedError} when the operator may not read it, or the API server does not answer.
   */
  // deno-lint-ignore require-await -- what is wrong rejects
  async get(user: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.#get(user, namespace, name);
  }

  /**
   * The same for callers that have nothing else to do: waits until something is known.
   *
   * @throws {BlockedError} as above; the signal's reason if the operator stops before an answer.
   */
  async wait(user: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    while (true) {
      try {
        return this.#get(user, namespace, name);
      } catch (error) {
        if (!(error instanceof SecretAwaitedError)) throw error;
        await this.#known(objectKey(namespace, name));
      }
    }
  }

  #get(user: string, namespace: string, name: string): KubeObject | undefined {
    if (!NAME.test(name)) {
      this.release(user);
      return undefined;
    }
    const key = objectKey(namespace, name);
    const used = this.#use(user, key, { namespace, name });
    const { content, error } = this.#of(namespace).follow(name);
    if (content !== undefined) {
      used.timer.cancel();
      return content ?? undefined;
    }
    this.#options.signal.throwIfAborted();
    const what = `${this.#options.plural === "configmaps" ? "ConfigMap" : "Secret"} "${key}"`;
    // A refusal is known at once; a failure may be followed by an answer in a moment.
    if (!isRefused(error) && !used.isLate) throw new SecretAwaitedError(`${what} is being read`);
    const why = error === undefined ? "the API server does not answer" : error.message;
    throw new BlockedError("SecretUnreadable", `Cannot read ${what}: ${why}`, "retry");
  }

  /** Ends a user's interest. */
  release(user: string): void {
    const key = this.#used.get(user);
    this.#used.delete(user);
    const used = key === undefined ? undefined : this.#secrets.get(key);
    used?.users.delete(user);
    if (key === undefined || used === undefined || used.users.size > 0) return;
    this.#secrets.delete(key);
    used.timer.cancel();
    this.#tell(key, []);
    const { namespace, name } = used;
    const secrets = this.#namespaces.get(namespace);
    secrets?.leave(name);
    if (secrets?.size !== 0) return;
    this.#namespaces.delete(namespace);
    void secrets.stop();
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    for (const key of this.#waiting.keys()) this.#tell(key, []);
    for (const { timer } of this.#secrets.values()) timer.cancel();
    await Promise.all([...this.#namespaces.values()].map((namespace) => namespace.stop()));
  }

  #use(user: string, key: string, { namespace, name }: { namespace: string; name: string }): Used {
    if (this.#used.get(user) !== key) this.release(user);
    this.#used.set(user, key);
    const used: Used = this.#secrets.get(key) ??
      { namespace, name, users: new Set(), timer: this.#lateIn(key), isLate: false };
    this.#secrets.set(key, used);
    used.users.add(user);
    return used;
  }

  #lateIn(key: string): Timer {
    return this.#options.clock.setTimeout(() => {
      const used = this.#secrets.get(key);
      if (used === undefined) return;
      used.isLate = true;
      this.#changed(key);
    }, FIRST_ANSWER);
  }

  #of(namespace: string): NamespaceSecrets {
    const { client, clock, signal, plural = "secrets" } = this.#options;
    const onChange = (name: string) => this.#changed(objectKey(namespace, name));
    const secrets = this.#namespaces.get(namespace) ??
      new NamespaceSecrets({ client, clock, signal, plural, namespace, onChange });
    this.#namespaces.set(namespace, secrets);
    return secrets;
  }

  #changed(key: string): void {
    this.#tell(key, [...this.#secrets.get(key)?.users ?? []]);
  }

  #tell(key: string, users: readonly string[]): void {
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const go of waiting) go();
    if (users.length > 0) this.#options.onChange(users);
  }

  /** Resolves when more is known about a Secret, and when the operator stops. */
  #known(key: string): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      signal.addEventListener("abort", go);
      this.#waiting.set(key, [...this.#waiting.get(key) ?? [], go]);
    });
  }
}

function isRefused(error: Error | undefined): boolean {
  return error instanceof KubeError && [401, 403].includes(error.status);
}

/** The decoded data of a Secret. */
export function decodeData({ data = {} }: KubeObject): Record<string, Uint8Array> {
  return ofBase64(data);
}

/** The data of a ConfigMap as bytes: its texts, and its `binaryData`. */
export function decodeTexts({ data = {}, binaryData = {} }: KubeObject): Record<string, Uint8Array> {
  const texts = Object.entries(data).map(([key, text]) => [key, new TextEncoder().encode(text)]);
  return { ...Object.fromEntries(texts), ...ofBase64(binaryData as Record<string, string>) };
}

function ofBase64(data: Readonly<Record<string, string>>): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, "base64"))]),
  );
}
