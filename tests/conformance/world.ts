/**
 * The world of the cases: a separate namespace and a separate kind on the API server under test.
 *
 * @module
 */
import assert from "node:assert/strict";
import { stringifyJson } from "../../src/base/json.ts";
import { type Answer, type Asked, type Body, type Target, types, type Watch } from "./target.ts";
import { widgetDefinition } from "./widget.ts";

/** One behaviour of the API, stated by its name. */
export interface Case {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
}

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** A namespace, a group, and short methods for requests. */
export class World implements AsyncDisposable {
  readonly target: Target;
  readonly id = crypto.randomUUID().slice(0, 8);
  readonly namespace = `conf-${this.id}`;
  readonly group = `g${this.id}.conformance.example.com`;
  readonly #namespaces: string[] = [];
  readonly #definitions: string[] = [];

  private constructor(target: Target) {
    this.target = target;
  }

  /** Creates a namespace, and the kind Widget. */
  static async on(target: Target): Promise<World> {
    const world = new World(target);
    try {
      await world.addNamespace(world.namespace);
      await world.define(widgetDefinition(world.group));
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The path of Widgets, in the world's namespace or another. */
  widgets(namespace: string = this.namespace): string {
    return `/apis/${this.group}/v1/namespaces/${namespace}/widgets`;
  }

  /** The path of a core kind's objects. */
  core(plural: string, namespace: string = this.namespace): string {
    return `/api/v1/namespaces/${namespace}/${plural}`;
  }

  /** A Widget. */
  widget(name: string, spec: Body = { size: 1 }, metadata: Body = {}): Body {
    return { apiVersion: `${this.group}/v1`, kind: "Widget", metadata: { name, ...metadata }, spec };
  }

  /** Creates a Widget, and fails if that is refused. */
  async create(name: string, spec?: Body, metadata?: Body): Promise<Body> {
    return ok(await this.post(this.widgets(), this.widget(name, spec, metadata)));
  }

  /** Creates a ConfigMap, and fails if that is refused. */
  async configMap(name: string, data: Record<string, string> = {}, metadata: Body = {}): Promise<Body> {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
    return ok(await this.post(this.core("configmaps"), object));
  }

  get(path: string, query: Asked["query"] = {}): Promise<Answer> {
    return this.target.call("GET", path, { query });
  }

  post(path: string, body: Body, query: Asked["query"] = {}): Promise<Answer> {
    return this.target.call("POST", path, { body, query });
  }

  put(path: string, body: Body): Promise<Answer> {
    return this.target.call("PUT", path, { body });
  }

  merge(path: string, body: Body, query: Asked["query"] = {}): Promise<Answer> {
    return this.target.call("PATCH", path, { body, query, type: types.merge });
  }

  patch(path: string, body: Body): Promise<Answer> {
    return this.target.call("PATCH", path, { body, type: types.patch });
  }

  strategic(path: string, body: Body): Promise<Answer> {
    return this.target.call("PATCH", path, { body, type: types.strategic });
  }

  /** Applies on the server side. */
  apply(path: string, body: Body, manager: string, query: Asked["query"] = {}): Promise<Answer> {
    return this.target.call("PATCH", path, { body, type: types.apply, query: { fieldManager: manager, ...query } });
  }

  delete(path: string, body?: Body, query: Asked["query"] = {}): Promise<Answer> {
    return this.target.call("DELETE", path, { query, ...body !== undefined && { body } });
  }

  watch(path: string, query: Asked["query"] = {}): Promise<Watch> {
    return this.target.watch(path, { timeoutSeconds: 30, ...query });
  }

  /** Creates a namespace that is deleted with the world. */
  async addNamespace(name: string): Promise<string> {
    ok(await this.post("/api/v1/namespaces", { metadata: { name } }));
    this.#namespaces.push(name);
    await this.until(`namespace ${name} has its ServiceAccount`, async () => {
      const { status } = await this.get(`/api/v1/namespaces/${name}/serviceaccounts/default`);
      const { status: root } = await this.get(`/api/v1/namespaces/${name}/configmaps/kube-root-ca.crt`);
      return status === 200 && root === 200;
    });
    return name;
  }

  /** Installs a CRD that is deleted with the world, and waits until its objects can be created. */
  async define(definition: Body): Promise<void> {
    ok(await this.post(DEFINITIONS, definition));
    const { name } = definition.metadata;
    this.#definitions.push(name);
    const { group, names, versions } = definition.spec;
    const version = versions.find(({ served }: Body) => served).name;
    await this.until(`${name} is served`, async () => {
      const { status } = await this.get(`/apis/${group}/${version}/${names.plural}`);
      return status === 200;
    });
  }

  /** The path of a CRD. */
  definition(name: string): string {
    return `${DEFINITIONS}/${name}`;
  }

  /** Waits until a condition is true; a real control plane does some things later. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + 30_000; performance.now() < end;) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Waited in vain until ${what}`);
  }

  /** Waits until there is nothing at a path. */
  async gone(path: string): Promise<void> {
    await this.until(`${path} is gone`, async () => (await this.get(path)).status === 404);
  }

  /** Deletes everything that was created. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#namespaces) await this.delete(`/api/v1/namespaces/${namespace}`);
    for (const name of this.#definitions) await this.delete(this.definition(name));
  }
}

/** Returns the answer's body; fails if the answer is an error. */
export function ok({ status, body }: Answer): Body {
  assert.ok(status < 300, `${status}: ${stringifyJson(body)}`);
  return body;
}

/** Fails unless an answer is an error with this status and reason, and a matching message. */
export function refused({ status, body }: Answer, code: number, reason: string, message?: RegExp | string): void {
  assert.equal(status, code, stringifyJson(body));
  assert.equal(body.reason, reason);
  if (typeof message === "string") assert.ok(body.message.includes(message), `${body.message} should say ${message}`);
  else if (message) assert.match(body.message, message);
}

/** The names of a list's items. */
export function namesOf({ items }: Body): string[] {
  return items.map(({ metadata }: Body) => metadata.name);
}
