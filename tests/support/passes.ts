/**
 * Passes over objects without an API server, for tests of the decisions in a pass.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { FakeClock } from "../../src/base/clock_fake.ts";
import { defaults, type Settings } from "../../src/reconcile/connect/settings.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import type { EventRecorder } from "../../src/kubernetes/events.ts";
import type { WorkspaceConnection } from "../../src/reconcile/connect/workspace_connection.ts";
import { type Managed, Pass } from "../../src/reconcile/pass/pass.ts";
import { FINALIZER, type Status } from "../../src/reconcile/object/status.ts";
import { GROUP, type Resource, VERSION } from "../../src/resource.ts";
import { clientOf } from "./clients.ts";

/** The UID of the objects that {@link object} builds. */
export const UID = "uid-1";

/** Builds an object of a kind: `object(repo, spec).finalized().annotated({ adopt: "true" })`. */
export class ObjectBuilder {
  readonly #resource: Resource;
  readonly #object: KubeObject;

  constructor(resource: Resource, spec: Record<string, unknown>) {
    this.#resource = resource;
    const metadata = { name: "etl", namespace: "team", uid: UID, resourceVersion: "7", generation: 1 };
    this.#object = { apiVersion: `${GROUP}/${VERSION}`, kind: resource.kind, metadata, spec };
  }

  /** Adds the operator's finalizer. */
  finalized(): this {
    return this.#finalizer(FINALIZER);
  }

  /** Adds the predecessor's finalizer. */
  fromPredecessor(): this {
    return this.#finalizer("databricks-operator/remote_api_resource");
  }

  /** Adds annotations with the prefix `databricks-operator/`. */
  annotated(values: Record<string, string>): this {
    const prefixed = Object.entries(values).map(([name, value]) => [`databricks-operator/${name}`, value]);
    this.#object.metadata.annotations = { ...this.#object.metadata.annotations, ...Object.fromEntries(prefixed) };
    return this;
  }

  /** Sets the status. */
  having(status: Status): this {
    this.#object.status = { ...this.#object.status, ...status };
    return this;
  }

  /** Returns a pass over the object, and the events that it records. */
  pass(): Pass & { readonly events: string[] } {
    const events: string[] = [];
    const record = (_object: KubeObject, _type: string, reason: string) => void events.push(reason);
    const pass = new Pass({
      key: "team/etl",
      object: this.#object,
      resource: this.#resource,
      client: {} as KubeClient,
      clock: new FakeClock(),
      events: { record } as unknown as EventRecorder,
      state: { expectStatus: () => {}, observeWrite: () => {} },
    });
    return Object.assign(pass, { events });
  }

  #finalizer(name: string): this {
    this.#object.metadata.finalizers = [...this.#object.metadata.finalizers ?? [], name];
    return this;
  }
}

/** Starts building an object. */
export function object(resource: Resource, spec: Record<string, unknown>): ObjectBuilder {
  return new ObjectBuilder(resource, spec);
}

/** The connection of namespace `team` to a mock workspace. */
export function connectionTo(workspace: MockWorkspace, settings: Partial<Settings> = {}): WorkspaceConnection {
  return {
    place: "team",
    namespace: "team",
    settings: { apiSecretName: "api", ...defaults, ...settings },
    workspace: clientOf(workspace),
  };
}

/** Returns the input of a pass whose manifest needs no Secret. */
export function managed(pass: Pass, connection: WorkspaceConnection): Managed {
  const spec = pass.resource.spec.parse(pass.object.spec) as Record<string, unknown>;
  const intent = {
    desired: pass.resource.desired(spec, { name: pass.name, namespace: pass.namespace }),
    owner: pass.owner(connection.settings.ownershipTag),
    values: {},
    changes: [],
  };
  return { spec, connection, values: undefined, intent };
}
