/**
 * A small client for the Kubernetes API.
 *
 * Guarantees:
 * - all calls share connections, and watches share others (over HTTP/2: one for calls, and one for each 75 watches);
 * - every call ends: after `timeoutMs`, or for a watch, after `idleMs` of silence, with {@link KubeConnectionError};
 * - an error answer becomes a {@link KubeError} that names the verb, the resource and the name;
 * - 64-bit integers stay exact in both directions, and every write names its field manager;
 * - a {@link KubeClient.fenced} client checks its fence right before it sends a write.
 *
 * A `resourceVersion` in a merge patch is a lock: the API server answers 409 when the object has changed since.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import type { Fence } from "../http/write_fence.ts";
import { parseJson } from "../base/json.ts";
import { type Call, Connection } from "./connection.ts";
import { errorFromAnswer, errorFromStatus, KubeConnectionError, KubeError, KubeSilenceError } from "./errors.ts";
import { FIELD_MANAGER, type KubeList, type KubeObject, type WatchEvent } from "./object.ts";
import type {
  CallOptions,
  DeleteOptions,
  KubeClientOptions,
  ListOptions,
  PatchOptions,
  RequestOptions,
  WatchOptions,
  WriteOptions,
} from "./client_options.ts";
import { describeResource, groupPath, type ResourcePath, resourcePath } from "./paths.ts";

export { KubeConnectionError, KubeError, KubeSilenceError };
export type { KubeList, KubeObject, ResourcePath, WatchEvent };
export type { ObjectMeta } from "./object.ts";
export type * from "./client_options.ts";

const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** A client for one API server. */
export class KubeClient {
  /** The API server's URL. */
  readonly server: string;
  readonly #options: KubeClientOptions;
  readonly #connection: Connection;
  readonly #fence: Fence | undefined;
  readonly #timeoutMs: number;
  readonly #fieldManager: string;

  constructor(options: KubeClientOptions, shared: { connection?: Connection; fence?: Fence } = {}) {
    const { timeoutMs = 30_000, fieldManager = FIELD_MANAGER, userAgent = FIELD_MANAGER, clock = systemClock } =
      options;
    this.server = options.server;
    this.#options = options;
    this.#connection = shared.connection ?? new Connection({ ...options, userAgent, clock });
    this.#fence = shared.fence;
    this.#timeoutMs = timeoutMs;
    this.#fieldManager = fieldManager;
  }

  /** The same client behind a fence. It shares the connections, which {@link close} closes for both. */
  fenced(fence: Fence): KubeClient {
    return new KubeClient(this.#options, { connection: this.#connection, fence });
  }

  /** A client for the same API server with its own connections, so that a stalled client cannot delay it. */
  separate(): KubeClient {
    return new KubeClient(this.#options);
  }

  /** Reads one object. */
  async get(path: ResourcePath, name: string, options?: CallOptions): Promise<KubeObject> {
    const what = `get ${describeResource(path, name)}`;
    return await this.#call({ ...options, method: "GET", path: resourcePath(path, name), what }) as KubeObject;
  }

  /** Reads one page of objects; all of them without `limit`. Without `resourceVersion` it returns the newest state. */
  async list(path: ResourcePath, options: ListOptions = {}): Promise<KubeList> {
    const { signal, timeoutMs, isMetadataOnly, ...query } = options;
    const what = `list ${describeResource(path)}`;
    const accept = isMetadataOnly ? METADATA_LIST : undefined;
    const call = { method: "GET", path: resourcePath(path), query, signal, timeoutMs, what, accept };
    const list = await this.#call(call) as unknown as KubeList;
    // The items of a built-in kind's list lack `kind` and `apiVersion`.
    const kind = list.kind?.replace(/List$/, "");
    const type = { ...list.apiVersion && { apiVersion: list.apiVersion }, ...kind && { kind } };
    return { ...list, items: (list.items ?? []).map((item) => ({ ...type, ...item })) };
  }

  /** Creates an object; 409 `AlreadyExists` if its name is taken. */
  async create(path: ResourcePath, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { name, generateName } = object.metadata;
    const what = `create ${describeResource(path, name ?? `${generateName}*`)}`;
    const call = { ...this.#write(options), method: "POST", path: resourcePath(path), body: object, what };
    return await this.#call({ ...call, contentType: "application/json" }) as KubeObject;
  }

  /** Replaces an object; 409 `Conflict` if its UID or version differs from `metadata`. */
  async replace(path: ResourcePath, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { name = "" } = object.metadata;
    const what = `update ${describeResource(path, name)}`;
    const call = { ...this.#write(options), method: "PUT", path: resourcePath(path, name), body: object, what };
    return await this.#call({ ...call, contentType: "application/json" }) as KubeObject;
  }

  /** Changes an object, or its status only. */
  async patch(path: ResourcePath, name: string, patch: unknown, options: PatchOptions = {}): Promise<KubeObject> {
    const { type = "merge", subresource, force } = options;
    const what = `patch ${describeResource(path, name)}`;
    const write = this.#write(options);
    const query = { ...write.query, ...force && { force } };
    const contentType = `application/${type === "apply" ? "apply-patch+yaml" : `${type}-patch+json`}`;
    const url = resourcePath(path, name, subresource);
    return await this.#call({
      ...write,
      query,
      method: "PATCH",
      path: url,
      body: patch,
      contentType,
      what,
    }) as KubeObject;
  }

  /** Deletes an object; an absent one is not an error. A failed precondition is: 409. */
  async delete(path: ResourcePath, name: string, options: DeleteOptions = {}): Promise<void> {
    const { preconditions, ...rest } = options;
    const body = { apiVersion: "v1", kind: "DeleteOptions", ...preconditions && { preconditions } };
    const what = `delete ${describeResource(path, name)}`;
    const call = { ...rest, method: "DELETE", path: resourcePath(path, name), body, what };
    try {
      await this.#call({ ...call, contentType: "application/json" });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
  }

  /** Yields the events after a resourceVersion, including bookmarks, until the API server ends the watch. */
  async *watch(path: ResourcePath, options: WatchOptions): AsyncGenerator<WatchEvent, void, void> {
    const { signal, idleMs, onActivity, isMetadataOnly, ...selection } = options;
    const what = `watch ${describeResource(path)}`;
    const query = { ...selection, watch: true, allowWatchBookmarks: true };
    const url = resourcePath(path);
    const timeoutMs = Math.min(idleMs, this.#options.idleMs ?? Infinity);
    const accept = isMetadataOnly ? METADATA : undefined;
    const call = { method: "GET", path: url, query, signal, timeoutMs, what, accept, fence: this.#fence };
    for await (const line of this.#connection.lines(call, onActivity)) {
      const event = this.#parse(line, what) as unknown as { type: string; object: unknown };
      if (event.type === "ERROR") throw errorFromStatus(what, event.object, { status: 500 });
      yield event as WatchEvent;
    }
  }

  /**
   * Returns the resources that the API server serves for a group and version, including subresources such as
   * `jobs/status`, with the verbs of each; empty if it does not know the group or version.
   */
  async discover(
    group: string,
    version: string,
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const what = `discover ${group}/${version}`;
    try {
      const answer = await this.#call({ ...options, method: "GET", path: groupPath(group, version), what });
      const resources = (answer.resources ?? []) as { name: string; verbs?: string[] }[];
      return new Map(resources.map(({ name, verbs = [] }) => [name, verbs]));
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return new Map();
      throw error;
    }
  }

  /** Sends any request to a percent-encoded path and returns the parsed answer. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Record<string, unknown>> {
    const contentType = options.contentType ?? (options.body === undefined ? undefined : "application/json");
    return await this.#call({ ...options, contentType, method, path, what: `${method} ${path}` });
  }

  /**
   * Uses new connections from now on. Requests in flight keep theirs; watches end with {@link KubeConnectionError}. A
   * call that timed out has done this already, for connections that were silent meanwhile.
   */
  reset(): void {
    this.#connection.reset();
  }

  /** Closes the connections. The client cannot be used afterwards. */
  close(): void {
    this.#connection.close();
  }

  #write(options: WriteOptions): Pick<Call, "query" | "signal"> & { timeoutMs: number | undefined } {
    const { fieldManager = this.#fieldManager } = options;
    const query = { fieldManager, ...options.dryRun && { dryRun: "All" } };
    return { query, signal: options.signal, timeoutMs: options.timeoutMs };
  }

  async #call(call: Omit<Call, "timeoutMs"> & CallOptions): Promise<Record<string, unknown>> {
    const timeoutMs = call.timeoutMs ?? this.#timeoutMs;
    const answer = await this.#connection.send({ ...call, timeoutMs, fence: this.#fence });
    if (answer.status >= 400) throw errorFromAnswer(call.what, answer);
    return this.#parse(answer.text, call.what);
  }

  #parse(text: string, what: string): Record<string, unknown> {
    try {
      return parseJson(text) as Record<string, unknown>;
    } catch (error) {
      throw new KubeConnectionError(`Cannot ${what}: ${this.server} did not answer with JSON`, { cause: error });
    }
  }
}
