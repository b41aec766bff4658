/**
 * Grants on the securables of Unity Catalog.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { ApiError, invalid } from "./errors.ts";
import { Journal } from "./journal.ts";

/** Privileges by principal. */
type Grants = ReadonlyMap<string, ReadonlySet<string>>;

/** One change of a request. */
export interface GrantChange {
  principal?: string;
  add?: string[];
  remove?: string[];
}

/** The parts of a workspace that {@link SecurableGrants} uses. */
export interface SecurableGrantsOptions {
  readonly now: () => number;
  readonly doubts: Doubts;
  /** How long reads lag behind writes, if they do (ms). */
  readonly lagMs: number;
}

const none: Grants = new Map();
/** The privileges that ALL_PRIVILEGES does not include. */
const BESIDES_ALL = ["ALL_PRIVILEGES", "MANAGE", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA"];

/** The grants of one workspace's metastore. */
export class SecurableGrants {
  /** Users, groups and applications that are unknown to the account. */
  readonly unknown: Set<string> = new Set();
  /** Functions that return true if a securable exists; each kind adds one for its own. */
  readonly securables: ((type: string, name: string) => boolean)[] = [];
  readonly #others = new Set<string>();
  readonly #grants = new Map<string, Grants>();
  readonly #journal: Journal<Grants>;
  readonly #doubts: Doubts;
  #turns = 0;

  constructor({ now, doubts, lagMs }: SecurableGrantsOptions) {
    this.#doubts = doubts;
    this.#journal = new Journal(now, lagMs);
  }

  /** Adds a securable of a type that the mock does not model, such as a table. */
  addSecurable(type: string, name: string): void {
    this.#others.add(keyOf(type, name));
  }

  /** Removes a securable that {@link addSecurable} added. */
  removeSecurable(type: string, name: string): void {
    this.#others.delete(keyOf(type, name));
    this.#grants.delete(keyOf(type, name));
  }

  /** The privileges of each principal, sorted. */
  of(type: string, name: string): Record<string, string[]> {
    const grants = this.#grants.get(keyOf(type, name)) ?? none;
    return Object.fromEntries([...grants].map(([principal, privileges]) => [principal, [...privileges].sort()]));
  }

  /** Grants and revokes privileges, as a person does in the web application. */
  change(type: string, name: string, changes: readonly GrantChange[]): void {
    this.#require(type, name);
    const key = keyOf(type, name);
    const before = this.#grants.get(key) ?? none;
    const grants = new Map(before);
    for (const { principal = "", add = [], remove = [] } of changes) {
      const known = this.#principal(grants, principal);
      const [adding, removing] = [add.map(plain), remove.map(plain)];
      if (adding.some((one) => removing.includes(one))) {
        throw invalid(`Duplicate privileges to add and delete for principal ${principal}`);
      }
      const kept = [...grants.get(known) ?? []].filter((one) => !removing.includes(one));
      const next = new Set([...kept, ...adding]);
      if (next.size === 0) grants.delete(known);
      else grants.set(known, next);
    }
    this.#journal.note(key, this.#grants.get(key));
    this.#grants.set(key, grants);
  }

  /** The assignments that a read returns: without the latest writes if reads lag. */
  read(type: string, name: string): { principal: string; privileges: string[] }[] {
    this.#require(type, name);
    const all = this.#doubts.grantLag === "none" ? this.#grants : this.#journal.before(this.#grants);
    const rows = [...all.get(keyOf(type, name)) ?? none].map(([principal, privileges]) => ({
      principal: this.#doubts.grantNames === "as written" || !principal.includes("@")
        ? principal
        : principal.toLowerCase(),
      privileges: this.#told(privileges),
    }));
    // The order varies between reads (databricks/cli's fake says that the cloud's is random).
    return this.#turns++ % 2 === 0 ? rows : rows.toReversed();
  }

  #told(privileges: ReadonlySet<string>): string[] {
    const isAll = privileges.has("ALL_PRIVILEGES") && this.#doubts.allPrivileges === "collapses";
    const names = [...privileges].filter((name) => !isAll || BESIDES_ALL.includes(name));
    return this.#turns % 2 === 0 ? names : names.toReversed();
  }

  #require(type: string, name: string): void {
    const exists = this.#others.has(keyOf(type, name)) || this.securables.some((knows) => knows(type, name));
    if (exists) return;
    const code = `${type.toUpperCase()}_DOES_NOT_EXIST`;
    throw new ApiError(404, code, `${type} '${name}' does not exist.`);
  }

  /** The principal, in the case of its existing grants if it has any. */
  #principal(grants: Grants, name: string): string {
    if (name === "") throw invalid("principal must be set");
    if (this.unknown.has(name)) {
      const message = `Could not find principal with name ${name}`;
      throw this.#doubts.unknownPrincipal === "404 RESOURCE_DOES_NOT_EXIST"
        ? new ApiError(404, "PRINCIPAL_DOES_NOT_EXIST", message)
        : invalid(message);
    }
    return [...grants.keys()].find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
  }
}

function keyOf(type: string, name: string): string {
  return `${type}/${name.toLowerCase()}`;
}

function plain(privilege: string): string {
  const name = privilege.toUpperCase().replaceAll(" ", "_");
  if (!/^[A-Z_]+$/.test(name)) throw invalid(`Privilege ${privilege} is not applicable to this entity`);
  return name;
}
