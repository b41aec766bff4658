/**
 * Watches the used Secrets of one namespace.
 *
 * Each has a watch by its name, so that access can be granted by name. Beyond a certain number, the others share one
 * watch of the metadata of all Secrets in the namespace, which shows when one changes; its content is then read by
 * name. If that watch is not allowed, they also have a watch by name.
 *
 * @module
 */
import { nameOf, objectKey } from "../../base/object_key.ts";
import { backoffDelay, type Clock } from "../../base/clock.ts";
import { type KubeClient, KubeError, type KubeObject } from "../../kubernetes/client.ts";
import { Informer } from "../../kubernetes/watch/informer.ts";
import { compareVersions } from "../../kubernetes/object.ts";

/** The number of Secrets with a watch by name. Roles grant access by name to a few, not to hundreds. */
const BY_NAME = 20;

const RETRY = { baseMs: 800, maxMs: 30_000 };

/** Options of {@link NamespaceSecrets}. */
export interface NamespaceSecretsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly plural: "secrets" | "configmaps";
  readonly namespace: string;
  /** Called when more is known about a Secret: it was created, changed or deleted, or cannot be read. */
  readonly onChange: (name: string) => void;
}

/** A Secret's content, `null` if it does not exist; and the reason why it cannot be read now. */
interface Known {
  content?: KubeObject | null;
  error?: Error;
}

interface Followed extends Known {
  readonly stopping: AbortController;
  /** The watch of this Secret alone. */
  informer?: Informer;
  isReading: boolean;
}

/** Follows Secrets of a namespace. */
export class NamespaceSecrets {
  readonly #options: NamespaceSecretsOptions;
  readonly #followed = new Map<string, Followed>();
  /** The watch of all Secrets' metadata, if there is one. */
  #metadata: Informer | undefined;
  /** True if that watch is not allowed. */
  #isByNameOnly = false;

  constructor(options: NamespaceSecretsOptions) {
    this.#options = options;
  }

  /** The number of followed Secrets. */
  get size(): number {
    return this.#followed.size;
  }

  /** Follows a Secret from now on, and returns what is known of it. */
  follow(name: string): Readonly<Known> {
    const known = this.#followed.get(name);
    if (known !== undefined) return known;
    const followed: Followed = { stopping: new AbortController(), isReading: false };
    this.#followed.set(name, followed);
    if (this.#isByNameOnly || this.#followed.size <= BY_NAME) {
      this.#watch(name, followed);
      return followed;
    }
    this.#metadata ??= this.#watchMetadata();
    if (this.#metadata.hasSynced) void this.#read(name, followed);
    return followed;
  }

  /** Stops following a Secret. */
  leave(name: string): void {
    const followed = this.#followed.get(name);
    this.#followed.delete(name);
    followed?.stopping.abort();
    void followed?.informer?.stop();
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    const informers = [this.#metadata, ...[...this.#followed.values()].map(({ informer }) => informer)];
    for (const name of [...this.#followed.keys()]) this.leave(name);
    await Promise.all(informers.map((informer) => informer?.stop()));
  }

  #watchMetadata(): Informer {
    const { client, clock, signal, plural, namespace } = this.#options;
    const informer: Informer = new Informer({
      client,
      clock,
      signal,
      path: { group: "", version: "v1", plural, namespace },
      isMetadataOnly: true,
      transform: ({ metadata: { name, uid, resourceVersion } }) => ({
        metadata: { namespace, ...name && { name }, ...uid && { uid }, ...resourceVersion && { resourceVersion } },
      }),
      onChange: (key) => this.#metadataChanged(nameOf(key)),
      onError: (error) => this.#metadataFailed(informer, error),
    });
    informer.start();
    void informer.synced.then(() => {
      for (const [name, followed] of this.#byMetadata()) void this.#read(name, followed);
    });
    return informer;
  }

  #metadataChanged(name: string): void {
    const followed = this.#followed.get(name);
    if (followed !== undefined && followed.informer === undefined) void this.#read(name, followed);
  }

  /** The Secrets that have no watch of their own. */
  #byMetadata(): [string, Followed][] {
    return [...this.#followed].filter(([, { informer }]) => informer === undefined);
  }

  /** Falls back to watches by name if only those are allowed. */
  #metadataFailed(informer: Informer, error: Error): void {
    if (!(error instanceof KubeError && error.status === 403) || this.#metadata !== informer) return;
    this.#metadata = undefined;
    this.#isByNameOnly = true;
    void informer.stop();
    for (const [name, followed] of this.#byMetadata()) this.#watch(name, followed);
  }

  #watch(name: string, followed: Followed): void {
    const { client, clock, signal, plural, namespace } = this.#options;
    const informer = new Informer({
      client,
      clock,
      signal,
      path: { group: "", version: "v1", plural, namespace },
      fieldSelector: `metadata.name=${name}`,
      onChange: (_key, { new: now }) => this.#learn(name, followed, { content: now ?? null }),
      onError: (error) => {
        if (followed.content === undefined) this.#learn(name, followed, { error });
      },
    });
    followed.informer = informer;
    informer.start();
    void informer.synced.then(() => {
      const content = informer.get(objectKey(namespace, name)) ?? null;
      if (informer.hasSynced && followed.content === undefined) this.#learn(name, followed, { content });
    });
  }

  #learn(name: string, followed: Followed, { content, error }: Known): void {
    if (this.#followed.get(name) !== followed) return;
    const isNews = content !== undefined || error?.message !== followed.error?.message;
    if (content !== undefined) {
      followed.content = content;
      delete followed.error;
    } else if (error !== undefined) followed.error = error;
    if (isNews) this.#options.onChange(name);
  }

  /** Reads a Secret until its known content is as new as its metadata. */
  async #read(name: string, followed: Followed): Promise<void> {
    if (followed.isReading) return;
    followed.isReading = true;
    const { clock } = this.#options;
    const { signal } = followed.stopping;
    for (let failures = 0; this.#isBehind(name, followed) && !signal.aborted;) {
      try {
        const told = this.#toldOf(name);
        // The metadata lags behind: the event of the deletion is on its way.
        if (await this.#readOnce(name, followed) === null && told === this.#toldOf(name)) break;
        failures = 0;
      } catch (error) {
        if (signal.aborted || this.#options.signal.aborted) break;
        this.#learn(name, followed, { error: error as Error });
        await clock.sleep(backoffDelay(failures++, RETRY), signal);
      }
    }
    followed.isReading = false;
  }

  /** True while the metadata shows a newer version of the Secret than the known one. */
  #isBehind(name: string, { content }: Followed): boolean {
    if (this.#metadata === undefined) return false;
    const told = this.#toldOf(name)?.metadata;
    if (told === undefined) return content !== null;
    if (content === undefined || content === null || content.metadata.uid !== told.uid) return true;
    return compareVersions(content.metadata.resourceVersion ?? "", told.resourceVersion ?? "") < 0;
  }

  #toldOf(name: string): KubeObject | undefined {
    return this.#metadata?.get(`${this.#options.namespace}/${name}`);
  }

  async #readOnce(name: string, followed: Followed): Promise<KubeObject | null> {
    const { client, plural, namespace, signal } = this.#options;
    const path = { group: "", version: "v1", plural, namespace };
    const list = this.#toldOf(name) !== undefined && await client.list(path, {
      fieldSelector: `metadata.name=${name}`,
      signal: AbortSignal.any([signal, followed.stopping.signal]),
    });
    const content = list ? list.items[0] ?? null : null;
    this.#learn(name, followed, { content });
    return content;
  }
}
