/**
 * The secret scopes of one workspace.
 *
 * @module
 */
import { alreadyExists, ApiError, invalid, notFound } from "./errors.ts";

/** Who keeps a scope's secrets; those in an Azure Key Vault are read-only here. */
export type Backend = "DATABRICKS" | "AZURE_KEYVAULT";

/** What somebody may do with a scope. */
export type AclPermission = "READ" | "WRITE" | "MANAGE";

/** A scope as the API lists it. */
export interface Scope {
  name: string;
  backend_type: Backend;
  keyvault_metadata?: unknown;
}

/** A key and when its value was put; the list never shows values. */
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

/** The secret scopes of one workspace. */
export class Secrets {
  readonly #now: () => number;
  readonly #user: string;
  readonly #scopes = new Map<string, StoredScope>();
  #latest = 0;

  constructor(now: () => number, user: string) {
    this.#now = now;
    this.#user = user;
  }

  /** Adds a scope, which its creator (or `manager`) may manage. */
  addScope(name: string, options: { backend?: Backend; manager?: string; keyvault?: unknown } = {}): void {
    const { backend = "DATABRICKS", manager = this.#user, keyvault } = options;
    if (!/^[\w\-.@]{1,128}$/.test(name)) throw invalid(`Invalid scope name "${name}"`);
    if (this.#scopes.has(name)) throw alreadyExists(`Scope ${name} already exists!`);
    const scope: StoredScope = {
      name,
      backend_type: backend,
      secrets: new Map(),
      acls: new Map([[manager, "MANAGE"]]),
    };
    if (keyvault !== undefined) scope.keyvault_metadata = keyvault;
    this.#scopes.set(name, scope);
  }

  /** Removes a scope with all that is in it. */
  removeScope(name: string): void {
    this.#scope(name);
    this.#scopes.delete(name);
  }

  scopes(): Scope[] {
    return [...this.#scopes.values()].map(({ secrets: _secrets, acls: _acls, ...scope }) => scope);
  }

  /** Puts a value; the time of change rises with every put, also when the clock stands. */
  put(name: string, key: string, value: string | Uint8Array): void {
    const scope = this.#writable(name);
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
    if (!/^[\w\-.]{1,128}$/.test(key)) throw invalid(`Invalid secret key "${key}"`);
    if (bytes.length > maxValueBytes) throw invalid(`The value of secret ${key} exceeds ${maxValueBytes} bytes`);
    if (!scope.secrets.has(key) && scope.secrets.size >= 1000) {
      throw new ApiError(400, "RESOURCE_LIMIT_EXCEEDED", `Scope ${name} holds 1000 secrets already`);
    }
    this.#latest = Math.max(this.#now(), this.#latest + 1);
    scope.secrets.set(key, { key, value: bytes, last_updated_timestamp: this.#latest });
  }

  value(name: string, key: string): Uint8Array | undefined {
    return this.#scopes.get(name)?.secrets.get(key)?.value;
  }

  keys(name: string): SecretKey[] {
    return [...this.#scope(name).secrets.values()].map(({ value: _value, ...key }) => key);
  }

  remove(name: string, key: string): void {
    if (!this.#writable(name).secrets.delete(key)) throw notFound(`Failed to find secret ${key} in scope ${name}`);
  }

  acls(name: string): { principal: string; permission: AclPermission }[] {
    return [...this.#scope(name).acls].map(([principal, permission]) => ({ principal, permission }));
  }

  putAcl(name: string, principal: string, permission: AclPermission): void {
    const scope = this.#scope(name);
    if (!principal) throw invalid("Missing required field: principal");
    if (!permissions.includes(permission)) {
      throw invalid(`Invalid permission "${permission}": not one of ${permissions}`);
    }
    scope.acls.set(principal, permission);
  }

  removeAcl(name: string, principal: string): void {
    if (!this.#scope(name).acls.delete(principal)) throw notFound(`No ACL of ${principal} for scope ${name}`);
  }

  #scope(name: string): StoredScope {
    const scope = this.#scopes.get(name);
    if (!scope) throw notFound(`Scope ${name} does not exist!`);
    return scope;
  }

  #writable(name: string): StoredScope {
    const scope = this.#scope(name);
    if (scope.backend_type === "DATABRICKS") return scope;
    throw new ApiError(400, "BAD_REQUEST", `Scope ${name} is backed by Azure KeyVault and is read-only`);
  }
}
