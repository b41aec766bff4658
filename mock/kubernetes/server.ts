/**
 * An embedded Kubernetes API, in memory.
 *
 * Each instance has its own state and nothing is global, so that tests run in parallel. Its answers match those of a
 * real kube-apiserver: the cases in tests/conformance run on both. The README lists what is missing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { EmbeddedKubernetes } from "./server.ts";
 *
 * const api = new EmbeddedKubernetes();
 * const headers = { authorization: `Bearer ${api.token}` };
 * const answer = await api.fetch(new Request("http://kubernetes/api/v1/namespaces/default", { headers }));
 * assert.equal((await answer.json()).status.phase, "Active");
 * assert.equal(api.requests.count({ verb: "get", resource: "namespaces" }), 1);
 * ```
 *
 * @module
 */
import { inject } from "../injection.ts";
import { Access, actionOf, authorize, type PolicyRule, type User } from "./access.ts";
import { Controllers } from "./controllers/controllers.ts";
import { answerInquiry } from "./discovery/discovery.ts";
import { ApiError, asApiError, noSuchPath } from "./errors.ts";
import { KubernetesFaults } from "./faults.ts";
import { customResourceDefinitions, specOf } from "./kinds/custom_resource_definition.ts";
import { namespaces, PERMANENT } from "./kinds/namespace.ts";
import { Ledger, type RequestRecord } from "./ledger.ts";
import { lineOf, readBody, recordOf } from "./requests/incoming.ts";
import { timestamp } from "./metadata.ts";
import { Objects } from "./objects.ts";
import { Registry } from "./registry.ts";
import { errorAnswer, formOf, Writer } from "./requests/answer.ts";
import { handle } from "./requests/handlers.ts";
import { selectorOf } from "./requests/list.ts";
import { type Asked, managerOf, type Place, placeOf, typeAt, verbOf, writeOptions } from "./requests/request.ts";
import { Watch } from "./requests/watch.ts";
import { storageName } from "./resource_type.ts";
import { Store } from "./store.ts";
import { Yesterday } from "./yesterday.ts";

/** Options of an API; all have defaults. */
export interface EmbeddedOptions {
  /** The clock (ms); by default Date.now. */
  readonly now?: () => number;
  /** The token of the user `admin`, who may do everything. */
  readonly token?: string;
  /** The interval of bookmarks (ms); by default 5000. */
  readonly bookmarkMs?: number;
}

const MAX_BODY = 3 * 1024 * 1024;

/** An embedded Kubernetes API. */
export class EmbeddedKubernetes {
  /** The token of the user `admin`. */
  readonly token: string;
  /** The received requests. */
  readonly requests: Ledger = new Ledger();
  readonly faults: KubernetesFaults = new KubernetesFaults();
  readonly #access = new Access();
  readonly #store = new Store();
  readonly #registry = new Registry();
  readonly #objects: Objects;
  readonly #controllers: Controllers;
  readonly #yesterday: Yesterday;
  readonly #watches = new Set<Watch>();
  readonly #now: () => number;
  readonly #bookmarkMs: number;
  /** The registry's edition at the last check that all watched kinds are served. */
  #edition = 0;

  constructor({ now = Date.now, token = "admin", bookmarkMs = 5000 }: EmbeddedOptions = {}) {
    this.token = token;
    this.#now = now;
    this.#bookmarkMs = bookmarkMs;
    this.#objects = new Objects(this.#store, now);
    this.#controllers = new Controllers(this.#objects, this.#registry);
    this.#yesterday = new Yesterday(this.#store, now);
    this.#access.add(token, { name: "admin" });
    for (const name of PERMANENT) {
      this.#objects.create(namespaces, { metadata: { name } }, { manager: "kube-apiserver" });
    }
    this.#controllers.run();
  }

  /** Accepts a user's token. Actions that no rule allows are forbidden (403); without rules, everything is allowed. */
  addUser(token: string, rules?: readonly PolicyRule[], name: string = token): void {
    this.#access.add(token, { name, rules });
  }

  /** Copies another API's CRDs. They are already validated, which is the most expensive step. */
  adoptDefinitions(other: EmbeddedKubernetes, isMeant: (kind: string) => boolean = () => true): void {
    const all = other.#store.collection(storageName(customResourceDefinitions)).all();
    for (const crd of all.filter((crd) => isMeant(specOf(crd).names.kind))) {
      const metadata = { ...crd.metadata, uid: crypto.randomUUID(), creationTimestamp: timestamp(this.#now()) };
      this.#objects.put(customResourceDefinitions, { ...crd, metadata });
    }
    this.#controllers.run();
  }

  /** Refuses a token from now on (401). */
  revoke(token: string): void {
    this.#access.revoke(token);
  }

  /** Forgets all history: watches and pages that start from an earlier version are answered with 410. */
  compact(): void {
    this.#store.compact();
  }

  /** The number of open watches. */
  get openWatches(): number {
    return this.#watches.size;
  }

  /** Ends all open watches. */
  endWatches(): void {
    for (const watch of [...this.#watches]) watch.end();
  }

  /**
   * Answers a request to any host.
   *
   * @throws {TypeError} if a fault cuts the connection; the signal's reason if the caller gave up.
   */
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const place = placeOf(url.pathname);
    const record = recordOf(request, { url, place, at: this.#now() });
    this.requests.all.push(record);
    const { headers, body } = await readBody(request);
    const incoming = { method: request.method, headers, url, place, body };
    const handle = () => Promise.resolve(this.#answer(incoming, record));
    const fault = this.faults.strike(lineOf(record));
    if (fault) record.fault = fault.name;
    const stale = () => place && this.#yesterday.answer(this.#asked(incoming, place));
    const { signal } = request;
    const response = await (fault ? inject(fault.rule, { request, signal, handle, stale }) : handle());
    record.status = response.status;
    return response;
  }

  #answer(incoming: Incoming, record: RequestRecord): Response {
    try {
      const user = this.#access.userOf(incoming.headers, this.#now());
      record.user = user.name;
      authorize(user, actionOf(record));
      if (incoming.body.length > MAX_BODY) throw tooBig(incoming.body.length);
      return this.#route(incoming, user);
    } catch (error) {
      const known = asApiError(error);
      if (!(error instanceof ApiError)) console.error("The embedded Kubernetes API failed", error);
      return errorAnswer(known);
    } finally {
      this.#controllers.run();
      this.#endUnserved();
    }
  }

  /** Ends the watches of kinds that are no longer served. */
  #endUnserved(): void {
    if (this.#edition === this.#registry.edition) return;
    this.#edition = this.#registry.edition;
    for (const watch of [...this.#watches]) {
      const { group, version, plural } = watch.type;
      if (this.#registry.find(group, version, plural) === undefined) watch.end();
    }
  }

  #route(incoming: Incoming, user: User): Response {
    const { url, place } = incoming;
    const other = answerInquiry(this.#registry, { ...incoming, path: url.pathname, user });
    if (other) return other;
    if (!place) throw noSuchPath();
    const asked = this.#asked(incoming, place);
    return asked.verb === "watch" ? this.#watch(asked) : handle(this.#objects, asked);
  }

  #asked({ method, headers, body, url }: Incoming, place: Place): Asked {
    const query = url.searchParams;
    const type = typeAt(place, this.#registry, method);
    const options = method === "GET" ? { dryRun: false, validation: "Warn" as const } : writeOptions(method, query);
    const verb = verbOf(method, place, query);
    return { ...place, ...options, verb, type, query, headers, body, manager: managerOf(query, headers) };
  }

  #watch(asked: Asked): Response {
    const { type, query, headers } = asked;
    const form = formOf(headers, query);
    const writer = new Writer(type, form, this.#now);
    const watch = new Watch({
      store: this.#store,
      type,
      query,
      isMeant: selectorOf(asked),
      write: (object) => writer.object(object),
      bookmarkMs: this.#bookmarkMs,
      fault: (event, object) => this.faults.strikeEvent(event, storageName(type), object),
    });
    this.#watches.add(watch);
    watch.onEnd = () => void this.#watches.delete(watch);
    return new Response(watch.body, { headers: { "content-type": "application/json" } });
  }
}

/** A parsed request. */
interface Incoming {
  readonly method: string;
  readonly headers: Headers;
  readonly url: URL;
  readonly place: Place | undefined;
  readonly body: string;
}

function tooBig(size: number): ApiError {
  return new ApiError(413, "RequestEntityTooLarge", `limit is ${MAX_BODY}, got ${size}`);
}
