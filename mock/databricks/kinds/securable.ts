/**
 * One securable of Unity Catalog, and its format in answers.
 *
 * @module
 */
import { pick } from "./collection.ts";
import type { KindContext } from "./context.ts";
import { typeNamed } from "./securable_types.ts";

type Fields = Record<string, unknown>;

/** One securable. */
export interface Securable {
  /** The name of its type. */
  readonly type: string;
  /** Its full name, in lower case. */
  readonly key: string;
  readonly number: number;
  madeAt: number;
  fields: Fields;
  /** True if the caller may see that it exists, but nothing else. */
  isBrowseOnly?: boolean;
  /** True if the caller may change only its owner. */
  isForeign?: boolean;
  /** The workspaces that it is bound to. */
  bound?: number[];
}

/** How long a new securable is not found, if a doubt says so (ms). */
const FRESH_MS = 2000;
/** The delay after which Databricks adds its own properties, if it adds them later (ms). */
const LATER_MS = 1000;
const HOUR_MS = 3_600_000;
const MANAGED = { "unity.catalog.managed.schema.defaults.delta.enableRowTracking": "true" };

/** True if a securable can be found yet. */
export function isReady({ madeAt }: Securable, { doubts, now }: KindContext): boolean {
  return doubts.freshSecurable !== "after seconds" || now() - madeAt >= FRESH_MS;
}

/** A securable as a get returns it. */
export function told({ fields, madeAt, isBrowseOnly, type }: Securable, context: KindContext): Fields {
  const { doubts: { addedProperties, addedOptions, toldUser }, now } = context;
  if (isBrowseOnly === true) {
    return { ...pick(fields, ["name", "full_name", "catalog_name", "schema_name"]), browse_only: true };
  }
  const { hasFullName, secrets = {} } = typeNamed(type) ?? {};
  const shown = Object.fromEntries(
    Object.entries(fields).filter(([field]) => field !== "full_name" || hasFullName !== false).map(([field, value]) => {
      const hidden = secrets[field];
      return [field, hidden === undefined ? value : without(value as Fields, hidden)];
    }),
  );
  if (type === "connection") {
    const options = without(shown.options as Fields, toldUser === "returned" ? [] : ["user"]);
    const expiry = addedOptions === "none"
      ? {}
      : { access_token_expiration: String(Number(fields.updated_at) + HOUR_MS) };
    return { ...shown, options: { ...options, ...expiry } };
  }
  const isAdded = addedProperties === "at creation" ||
    (addedProperties === "later" && now() - madeAt >= LATER_MS);
  if (type !== "schema" || !isAdded) return shown;
  return { ...shown, properties: { ...MANAGED, ...fields.properties as Fields } };
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** Returns the securables that are in a securable or depend on it. */
export function insideOf({ type, key, fields }: Securable, all: readonly Securable[]): Securable[] {
  if (type === "storage_credential") {
    return all.filter((one) => String(one.fields.credential_name).toLowerCase() === key);
  }
  if (type === "connection") {
    return all.filter(({ fields: { connection_name } }) => String(connection_name).toLowerCase() === key);
  }
  if (type !== "external_location") return all.filter((one) => one.key.startsWith(`${key}.`));
  return all.filter((one) => one.type === "volume" && String(one.fields.storage_location).startsWith(`${fields.url}/`));
}
