/**
 * The secret scopes of one workspace.
 *
 * @module
 */
import type { Doubts } from "./doubts.ts";
import { alreadyExists, ApiError, invalid, notFound } from "./errors.ts";

/** The store of a scope's secrets; an Azure Key Vault is read-only here. */
export type Backend = "DATABRICKS" | "AZURE_KEYVAULT";

/** A permission on a scope. */
export type AclPermission = "READ" | "WRITE" | "MANAGE";

/** A scope as the API lists it. */
export interface Scope {
  name: string;
  backend_type: Backend;
  keyvault_metadata?: unknown;
}

/** A key and the time of its last put; the list never shows values. */
export interface SecretKey {
  key: string;
  last_updated_timestamp: number;
}

interface Secret extends SecretKey {
  value: Uint8Array;
}

interface StoredScope extends Scope {
  secrets: Map<string, Secret>;
  acls: Map<string, AclPermission>;
}

const permissions = ["READ", "WRITE", "MANAGE"];
const maxValueBytes = 128 * 1024;

/** The parts of a workspace that {@link Secrets} uses. */
export interface SecretsOptions {
  now: () => number;
  user: string;
  doubts: Doubts;
}

/** The secret scopes of one workspace. */
export class Secrets {
  readonly #now: () => number;
  readonly #user: string;
  readonly #doubts: Doubts;
  readonly #scopes = new Map<string, StoredScope>();
  #latest = 0;

  constructor({ now, user, doubts }: SecretsOptions) {
    this.#now = now;
    this.#user = user;
    this.#doubts = doubts;
  }

  /** Adds a scope that its creator (or `manager`) may manage. */
  addScope(name: string, options: { backend?: Backend; manager?: string; keyvault?: unknown } = {}): void {
    const { backend = "DATABRICKS", manager = this.#user, keyvault } = options;
    if (!/^[\w\-.@]{1,128}$/.test(name)) throw invalid(`Invalid scope name "${name}"`);
    if (this.#find(name)) throw alreadyExists(`Scope ${name} already exists!`, Number(this.#doubts.takenScope));
    const scope: StoredScope = {
      name,
      backend_type: backend,
      secrets: new Map(),
      acls: new Map([[manager, "MANAGE"]]),
    };
    if (keyvault !== undefined) scope.keyvault_metadata = keyvault;
    this.#scopes.set(name, scope);
  }

  /** Removes a scope with its contents. */
  removeScope(name: string): void {
    this.#scopes.delete(this.#scope(name).name);
  }

  scopes(): Scope[] {
    const scopes = [...this.#scopes.values()].map(({ secrets: _secrets, acls: _acls, ...scope }) => scope);
    if (this.#doubts.scopeNames !== "ignore case; listed in lower case") return scopes;
    return scopes.map((scope) => ({ ...scope, name: scope.name.toLowerCase() }));
  }

  /** Puts a value; the time of change increases with every put, even if the clock stands still. */
  put(name: string, key: string, value: string | Uint8Array): void {
    const scope = this.#writable(name);
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
    if (!/^[\w\-.]{1,128}$/.test(key)) throw invalid(`Invalid secret key "${key}"`);
    if (bytes.length > maxValueBytes) throw invalid(`The value of secret ${key} exceeds ${maxValueBytes} bytes`);
    const held = this.#key(scope, key) ?? key;
    if (!scope.secrets.has(held) && scope.secrets.size >= 1000) {
      throw new ApiError(400, "RESOURCE_LIMIT_EXCEEDED", `Scope ${name} holds 1000 secrets already`);
    }
    this.#latest = Math.max(this.#now(), this.#latest + 1);
    scope.secrets.set(held, { key: held, value: bytes, last_updated_timestamp: this.#latest });
  }

  value(name: string, key: string): Uint8Array | undefined {
    const scope = this.#find(name);
    return scope?.secrets.get(this.#key(scope, key) ?? "")?.value;
  }

  keys(name: string): SecretKey[] {
    return [...this.#scope(name).secrets.values()].map(({ value: _value, ...key }) => key);
  }

  remove(name: string, key: string): void {
    const scope = this.#writable(name);
    if (!scope.secrets.delete(this.#key(scope, key) ?? "")) {
      throw notFound(`Failed to find secret ${key} in scope ${name}`);
    }
  }

  acls(name: string): { principal: string; permission: AclPermission }[] {
    const isLower = this.#doubts.principals === "lower case";
    return [...this.#scope(name).acls].map(([principal, permission]) => ({
      principal: isLower ? principal.toLowerCase() : principal,
      permission,
    }));
  }

  putAcl(name: string, principal: string, permission: AclPermission): void {
    const scope = this.#scope(name);
    if (!principal) throw invalid("Missing required field: principal");
    if (!permissions.includes(permission)) {
      throw invalid(`Invalid permission "${permission}": not one of ${permissions}`);
    }
    scope.acls.set(this.#principal(scope, principal) ?? principal, permission);
  }

  removeAcl(name: string, principal: string): void {
    const { acls } = this.#scope(name);
    if (!acls.delete(this.#principal({ acls }, principal) ?? "")) {
      throw notFound(`No ACL of ${principal} for scope ${name}`);
    }
  }

  #scope(name: string): StoredScope {
    const scope = this.#find(name);
    if (!scope) throw notFound(`Scope ${name} does not exist!`);
    return scope;
  }

  #find(name: string): StoredScope | undefined {
    const ignoresCase = this.#doubts.scopeNames !== "respect case";
    return this.#scopes.get(alike(this.#scopes.keys(), name, ignoresCase) ?? "");
  }

  #key({ secrets }: StoredScope, key: string): string | undefined {
    return alike(secrets.keys(), key, this.#doubts.secretKeys === "ignore case");
  }

  #principal({ acls }: Pick<StoredScope, "acls">, principal: string): string | undefined {
    return alike(acls.keys(), principal, this.#doubts.principals === "lower case");
  }

  #writable(name: string): StoredScope {
    const scope = this.#scope(name);
    if (scope.backend_type === "DATABRICKS") return scope;
    throw new ApiError(400, "BAD_REQUEST", `Scope ${name} is backed by Azure KeyVault and is read-only`);
  }
}

/** The existing name that a name refers to. */
function alike(names: Iterable<string>, name: string, ignoresCase: boolean): string | undefined {
  const fold = (text: string) => ignoresCase ? text.toLowerCase() : text;
  return Array.from(names).find((one) => fold(one) === fold(name));
}
