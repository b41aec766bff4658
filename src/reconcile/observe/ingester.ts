/**
 * Ingests for one kind: among the namespaces with one workspace, one creates the objects for listed resources without
 * an object.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { type KubeClient, KubeError } from "../../kubernetes/client.ts";
import type { External, Resource } from "../../resource.ts";
import type { WorkspaceConnection } from "../connect/workspace_connection.ts";
import type { Connections } from "../connect/connections.ts";
import type { KindState } from "../kind_state.ts";
import { placeOf } from "../object/place.ts";
import { statusOf } from "../object/status.ts";
import { ingest } from "./ingest.ts";
import { ingests } from "../connect/ingest_choice.ts";
import { copiesAmong } from "./twins.ts";
import { Wanted } from "./wanted.ts";

/** How long a namespace that accepts no objects is skipped (ms). */
const FULL = 600_000;

/** Options of an {@link Ingester}. */
export interface IngesterOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly state: KindState;
}

/** Decides which namespace ingests, and which resources of a list. */
export class Ingester {
  readonly #options: IngesterOptions;
  /** Namespaces in which the API server accepted no object at all, and until when they are skipped. */
  readonly #full = new Map<string, number>();

  constructor(options: IngesterOptions) {
    this.#options = options;
  }

  /** True while a namespace accepts no object, so that another one should ingest. */
  isFull(namespace: string): boolean {
    return (this.#full.get(namespace) ?? -Infinity) > this.#options.clock.monotonic();
  }

  /** Forgets what is known of a namespace. */
  forget(namespace: string): void {
    this.#full.delete(namespace);
  }

  /** Creates objects for listed resources without one, if the namespace is the one that ingests. */
  async ingest(listed: Map<string, External>, since: number, connection: WorkspaceConnection): Promise<void> {
    const { resource, client, clock, state } = this.#options;
    if (!ingests(connection.settings, resource) || !this.#isIngester(connection)) return;
    const { namespace, place, workspace: { host } } = connection;
    const { observations, refusals } = state.in(place);
    const twins = state.twins.among({ listed: listed.values(), since, connection, observations });
    const copies = await copiesAmong(twins, resource, connection.workspace.background());
    await ingest(listed.values(), {
      resource,
      client,
      connection,
      taken: () => {
        const held = state.claims.holders(host);
        // Most rows are held, so the manifests of objects without an id need not be read for them.
        let wanted: Wanted | undefined;
        return (external) => held.has(external.id) || (wanted ??= this.#wanted(host)).has(external);
      },
      locked: (section) => state.bindings.of(host).run(section),
      isStale: (id) => observations.wroteAfter(id, since),
      isCopy: (id) => copies.has(id),
      observeWrite: (object) => state.informers.observeWrite(object),
      refusals,
    }).catch((error) => {
      const isFull = error instanceof KubeError && [403, 404].includes(error.status);
      if (isFull) this.#full.set(namespace, clock.monotonic() + FULL);
      throw error;
    });
  }

  /**
   * Returns the resources that objects without an id request in a workspace. A create in progress may be in any
   * workspace while its namespace has no settings.
   */
  #wanted(host: string): Wanted {
    const { resource, connections, state } = this.#options;
    const wanted = new Wanted(resource);
    for (const key of state.claims.unbound()) {
      const object = state.get(key);
      if (object === undefined) continue;
      const { workspace, pending } = statusOf(object);
      const known = workspace ?? connections.lastKnown(placeOf(object))?.workspace.host;
      if (known === host || (known === undefined && pending !== undefined)) wanted.add(object);
    }
    return wanted;
  }

  /**
   * Among several places with one workspace, the first by name ingests, so that each resource gets one object. A place
   * that cannot list, or that accepts no objects, is skipped: it would ingest nothing, and prevent the others from it.
   */
  #isIngester({ place, workspace }: WorkspaceConnection): boolean {
    const same = this.#options.connections.connected().filter((other) =>
      other.workspace.host === workspace.host && ingests(other.settings, this.#options.resource) &&
      (other.place === place || !this.#cannotIngest(other))
    );
    return same.map((other) => other.place).sort()[0] === place;
  }

  #cannotIngest({ namespace, place }: WorkspaceConnection): boolean {
    const { state } = this.#options;
    const isStuck = state.knownIn(place)?.sweeper.isStuck ?? false;
    return isStuck || this.isFull(namespace) || !state.informers.isCurrent(namespace);
  }
}
