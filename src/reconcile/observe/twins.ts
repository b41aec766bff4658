/**
 * Twins: resources that carry the ownership tag of an object that holds another one. Whatever their origin (a create
 * that succeeded after all, a person who cloned a job with its tags), they are reported, and never written.
 *
 * @module
 */
import { isSameUser } from "../../databricks/current_user.ts";
import { DatabricksError } from "../../databricks/errors.ts";
import type { External, Resource, Workspace } from "../../resource.ts";
import type { WorkspaceConnection } from "../connect/workspace_connection.ts";
import { Noted, type Observations } from "./observations.ts";

/** The resource that an object holds. */
export interface Holding {
  readonly key: string;
  readonly id: string | undefined;
  readonly workspace: string | undefined;
  /** True while a create is in progress: a list may show it before the status does. */
  readonly isPending: boolean;
}

/** Options of {@link findTwins}. */
export interface TwinOptions {
  readonly resource: Resource;
  /** The key of the ownership tag. */
  readonly tag: string;
  /** The listed workspace. */
  readonly host: string;
  /** The resource that the object with a UID holds; `undefined` if there is no such object here. */
  readonly holding: (uid: string) => Holding | undefined;
  /** True if the operator wrote the resource after the list began. */
  readonly isStale: (id: string) => boolean;
}

/** The listed resources that carry the tag of an object that holds another one, by the object's UID. */
export function findTwins(listed: Iterable<External>, options: TwinOptions): Map<string, External[]> {
  const { resource, tag, host, holding, isStale } = options;
  const twins = new Map<string, External[]>();
  if (resource.ownerUid === undefined) return twins;
  for (const external of listed) {
    const uid = external instanceof Noted ? external.owner : resource.ownerUid(external.observed, tag);
    const holder = uid === undefined ? undefined : holding(uid);
    if (uid === undefined || holder?.id === undefined || holder.isPending || isStale(external.id)) continue;
    if (holder.id === external.id && holder.workspace === host) continue;
    twins.set(uid, [...twins.get(uid) ?? [], external]);
  }
  return twins;
}

/**
 * The ids of the twins that somebody else created: copies, which are ingested like any other resource. If the
 * operator's own user cannot be determined, there are none: a twin without an object does less harm than a failed list.
 */
export async function copiesAmong(
  twins: ReadonlyMap<string, readonly External[]>,
  { external: { self }, made }: Resource,
  workspace: Workspace,
): Promise<Set<string>> {
  if (twins.size === 0 || self === undefined) return new Set();
  const us = await self(workspace).catch(unknownUser);
  if (us === "") return new Set();
  const makers = [...twins.values()].flat().map(({ id, observed }) => ({ id, maker: made?.(observed).by }));
  return new Set(makers.filter(({ maker }) => maker !== undefined && !isSameUser(maker, us)).map(({ id }) => id));
}

function unknownUser(error: unknown): string {
  if (error instanceof DatabricksError) return "";
  throw error;
}

/** A list, and its context. */
export interface Sweep {
  readonly listed: Iterable<External>;
  /** The counter at its beginning, as in {@link Observations}. */
  readonly since: number;
  readonly connection: WorkspaceConnection;
  readonly observations: Observations;
}

/** The twins that the last sweeps saw. */
export class Twins {
  readonly #options: Pick<TwinOptions, "resource" | "holding">;
  /** The ids by object UID, for each list. Lists of one workspace differ with the rights of their credentials. */
  readonly #seen = new Map<object, ReadonlyMap<string, readonly string[]>>();

  constructor(options: Pick<TwinOptions, "resource" | "holding">) {
    this.#options = options;
  }

  /** The twins in a list. */
  among({ listed, since, connection, observations }: Sweep): Map<string, External[]> {
    return findTwins(listed, {
      ...this.#options,
      tag: connection.settings.ownershipTag,
      host: connection.workspace.host,
      isStale: (id) => observations.wroteAfter(id, since),
    });
  }

  /** Takes a sweep's list. @returns the keys of the objects whose twins have changed. */
  look(sweep: Sweep): string[] {
    const changed = this.replace(sweep.observations, this.among(sweep));
    return changed.flatMap((uid) => this.#options.holding(uid)?.key ?? []);
  }

  /**
   * Takes a sweep's findings.
   *
   * @returns the UIDs of the objects whose twins have changed.
   */
  replace(lister: object, found: ReadonlyMap<string, readonly External[]>): string[] {
    const before = this.#seen.get(lister) ?? new Map<string, string[]>();
    const now = new Map([...found].map(([uid, twins]) => [uid, twins.map(({ id }) => id).sort()]));
    if (now.size === 0) this.#seen.delete(lister);
    else this.#seen.set(lister, now);
    return [...new Set([...before.keys(), ...now.keys()])]
      .filter((uid) => before.get(uid)?.join() !== now.get(uid)?.join());
  }

  /** The ids of the twins of an object's resource. */
  of(uid: string): string[] {
    return [...new Set([...this.#seen.values()].flatMap((seen) => seen.get(uid) ?? []))].sort();
  }

  /** The number of twins. */
  get count(): number {
    const all = [...this.#seen.values()].flatMap((seen) =>
      [...seen].flatMap(([uid, ids]) => ids.map((id) => uid + id))
    );
    return new Set(all).size;
  }

  /** Forgets a sweeper that no longer lists. */
  forget(lister: object): void {
    this.#seen.delete(lister);
  }
}
