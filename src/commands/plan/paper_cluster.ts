/**
 * A Kubernetes API in memory, on which a plan runs the operator's own code without a cluster: it holds the objects, and
 * keeps whatever is written to it.
 *
 * It supports only the operator's requests: discovery, lists, watches, gets, merge patches with a precondition,
 * deletes, and Events, which it drops.
 *
 * @module
 */
import { parseJson, stringifyJson } from "../../base/json.ts";
import { applyMergePatch } from "../../base/merge_patch.ts";
import { KubeClient, type KubeObject } from "../../kubernetes/client.ts";
import { compareVersions } from "../../kubernetes/object.ts";
import { GROUP, VERSION } from "../../resource.ts";

/** An open watch. */
interface Watch {
  readonly matches: (plural: string, object: KubeObject) => boolean;
  readonly send: (type: string, object: KubeObject) => void;
}

/** A request for objects: `/api/v1/namespaces/team/secrets/api`. */
interface Asked {
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly isStatus: boolean;
  readonly query: URLSearchParams;
}

/** The verbs of each kind in the discovery document. */
const VERBS = ["create", "delete", "get", "list", "patch", "watch"];
/** The address, to which no request is sent. */
const SERVER = "http://paper.invalid";

/** A cluster of objects in memory. */
export class PaperCluster implements Disposable {
  readonly client: KubeClient;
  readonly #plurals: readonly string[];
  readonly #objects = new Map<string, { readonly plural: string; readonly object: KubeObject }>();
  readonly #watches = new Set<Watch>();
  readonly #listeners = new Set<() => void>();
  #version = 1;

  /** @param plurals The kinds of the operator that are served. */
  constructor(plurals: readonly string[]) {
    this.#plurals = plurals;
    this.client = new KubeClient({ server: SERVER, fetch: (url, init) => this.#answer(new URL(url), init) });
  }

  /** Stores an object unchanged; an object with a resourceVersion keeps it. */
  put(plural: string, object: KubeObject): void {
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && compareVersions(resourceVersion, String(this.#version)) > 0) {
      this.#version = Number(resourceVersion) || this.#version;
    }
    const key = keyOf(plural, object.metadata.namespace, object.metadata.name);
    const isNew = !this.#objects.has(key);
    const stored = resourceVersion === undefined ? this.#versioned(object) : object;
    this.#objects.set(key, { plural, object: stored });
    this.#tell(isNew ? "ADDED" : "MODIFIED", plural, stored);
  }

  /** The current state of an object. */
  get(plural: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(plural, namespace, name))?.object;
  }

  /** Resolves with the next change of any object. */
  changed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listener = () => {
      this.#listeners.delete(listener);
      resolve();
    };
    this.#listeners.add(listener);
    return promise;
  }

  [Symbol.dispose](): void {
    this.client.close();
  }

  #versioned(object: KubeObject): KubeObject {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
  }

  #tell(type: string, plural: string, object: KubeObject): void {
    for (const watch of this.#watches) if (watch.matches(plural, object)) watch.send(type, object);
    for (const listener of [...this.#listeners]) listener();
  }

  async #answer(url: URL, init: RequestInit): Promise<Response> {
    if (url.pathname === `/apis/${GROUP}/${VERSION}`) return json({ resources: this.#discovered() });
    const asked = askedOf(url);
    if (asked === undefined) return failure(404, "NotFound");
    if (init.method === "GET" && asked.name === undefined) {
      return asked.query.get("watch") === "true" ? this.#watch(asked, init.signal) : this.#list(asked);
    }
    const body = init.body == null ? {} : parseJson(await new Response(init.body).text());
    if (init.method === "POST") return json(body, 201);
    return this.#one(asked, init.method ?? "GET", body as Record<string, unknown>);
  }

  #discovered() {
    return this.#plurals.flatMap((name) => [{ name, verbs: VERBS }, { name: `${name}/status`, verbs: VERBS }]);
  }

  #list(asked: Asked): Response {
    const items = [...this.#objects.values()].filter(({ plural, object }) => isAsked(asked, plural, object))
      .map(({ object }) => object);
    return json({ metadata: { resourceVersion: String(this.#version) }, items });
  }

  #one({ plural, namespace, name = "", isStatus }: Asked, method: string, patch: Record<string, unknown>): Response {
    const key = keyOf(plural, namespace, name);
    const object = this.#objects.get(key)?.object;
    if (object === undefined) return failure(404, "NotFound");
    if (method === "GET") return json(object);
    if (method === "DELETE") {
      this.#objects.delete(key);
      this.#tell("DELETED", plural, this.#versioned(object));
      return json({ kind: "Status", status: "Success" });
    }
    const { resourceVersion } = (patch.metadata ?? {}) as { resourceVersion?: string };
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      return failure(409, "Conflict");
    }
    const patched = applyMergePatch(object as Record<string, unknown>, patch) as unknown as KubeObject;
    const written = isStatus
      ? { ...object, ...patched.status && { status: patched.status } }
      : { ...patched, ...object.status && { status: object.status } };
    const stored = this.#versioned(written);
    this.#objects.set(key, { plural, object: stored });
    this.#tell("MODIFIED", plural, stored);
    return json(stored);
  }

  #watch(asked: Asked, signal: AbortSignal | null | undefined): Response {
    const since = asked.query.get("resourceVersion") ?? "0";
    const encoder = new TextEncoder();
    let watch: Watch;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const send = (type: string, object: KubeObject) =>
          controller.enqueue(encoder.encode(`${stringifyJson({ type, object })}\n`));
        watch = { matches: (plural, object) => isAsked(asked, plural, object), send };
        for (const { plural, object } of this.#objects.values()) {
          const isNewer = compareVersions(object.metadata.resourceVersion ?? "", since) > 0;
          if (isNewer && isAsked(asked, plural, object)) send("MODIFIED", object);
        }
        this.#watches.add(watch);
        signal?.addEventListener("abort", () => {
          if (this.#watches.delete(watch)) controller.error(signal.reason);
        });
      },
      cancel: () => void this.#watches.delete(watch),
    });
    return new Response(body);
  }
}

function keyOf(plural: string, namespace = "", name = ""): string {
  return `${plural}/${namespace}/${name}`;
}

function askedOf({ pathname, searchParams: query }: URL): Asked | undefined {
  const [, rest = ""] = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(.+)$/.exec(pathname) ?? [];
  const steps = rest.split("/").map(decodeURIComponent);
  const isNamespaced = steps[0] === "namespaces" && steps.length > 2;
  const [plural, name, subresource] = isNamespaced ? steps.slice(2) : steps;
  if (plural === undefined || plural === "") return undefined;
  return { namespace: isNamespaced ? steps[1] : undefined, plural, name, isStatus: subresource === "status", query };
}

function isAsked({ plural, namespace, query }: Asked, its: string, { metadata }: KubeObject): boolean {
  const [, name] = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "") ?? [];
  return its === plural && (namespace === undefined || namespace === metadata.namespace) &&
    (name === undefined || name === metadata.name);
}

function json(body: unknown, status = 200): Response {
  return new Response(stringifyJson(body), { status, headers: { "content-type": "application/json" } });
}

function failure(code: number, reason: string): Response {
  return json({ kind: "Status", status: "Failure", code, reason, message: reason }, code);
}
