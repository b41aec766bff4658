/**
 * The common rules of Unity Catalog's kinds: names that are ids, PATCH of the differences, owners, lists below a
 * parent.
 *
 * Guarantees:
 * - a name is the id, in lower case, since Unity Catalog ignores case and returns names in lower case;
 * - nothing is deleted together with its content unless the manifest says `force_destroy: true`;
 * - fields that the manifest does not name are left alone.
 *
 * @module
 */
import { currentUser } from "../../databricks/current_user.ts";
import { referenceName } from "../../databricks/references.ts";
import {
  type CallInput,
  type Endpoint,
  endpoint,
  type External,
  type ExternalOperations,
  type Quirk,
  type SpecIssue,
  type Workspace,
} from "../../resource.ts";
import { isOursBy } from "./made_by_us.ts";
import { hiding, type SecurableApi, securableSteps, without } from "./securable_steps.ts";

/** The fields that every answer of Unity Catalog has. */
export interface Told {
  readonly name?: string | undefined;
  readonly full_name?: string | undefined;
  readonly browse_only?: boolean | undefined;
  readonly created_at?: number | bigint | undefined;
  readonly created_by?: string | undefined;
  readonly updated_at?: number | bigint | undefined;
}

/** The endpoints of a kind of Unity Catalog. */
export type SecurableEndpoints = Record<"get" | "list" | "create" | "update" | "delete", Endpoint>;

// A workspace without a metastore answers METASTORE_DOES_NOT_EXIST, which says nothing about the resource.
const MISSING = /^(?!METASTORE_)\w+_DOES_NOT_EXIST$|^NOT_FOUND$/;

/** The refusal of a call whose subject does not exist. */
export const gone: Quirk = {
  why: "Unity Catalog has a code for each type: SCHEMA_DOES_NOT_EXIST (databricks-sdk-go 0.175.0: apps.ErrorCode)",
  code: MISSING,
  means: "absent",
};

/** Names and principals are compared case-insensitively. */
export const lower = (text: string): string => text.toLowerCase();

/** A URL without trailing slashes, which Unity Catalog removes. */
export const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** The full name in the form of an id; empty if a part is missing. */
export function fullName(parts: readonly (string | undefined)[]): string {
  return parts.every((part) => part !== undefined) ? lower(parts.join(".")) : "";
}

/** The natural key of a resource without a parent. */
export function keyOfName({ name }: { readonly name?: string | undefined }): string {
  return fullName([name]);
}

/** The desired state with `force_destroy`: the name in the settings defaults to metadata.name. */
export function withForce<Settings extends object>(
  name: string,
  settings: Settings,
  force_destroy: boolean | undefined,
): Settings & { name: string; force_destroy?: boolean } {
  return { name, ...settings, ...(force_destroy === undefined ? {} : { force_destroy }) };
}

/** The text for a kind's refusals in {@link securableEndpoints}. */
export interface SecurableWords {
  /** The last part of the path, if it differs from the field of the lists. */
  readonly path?: string;
  /** The fields of the manifest that name its parent, or what it needs. */
  readonly at: string;
  /** The missing parent to create: `the catalog`. */
  readonly parent: string;
  /** The children that prevent a deletion without force; empty if none do. */
  readonly children?: string;
  /** False for a kind without `force_destroy`. */
  readonly hasForce?: boolean;
  /** Fields whose values no message shows. */
  readonly secrets?: readonly string[];
}

/** The endpoints below `/api/2.1/unity-catalog/`; `items` is the field of the lists, and the last part of the path. */
export function securableEndpoints(
  items: string,
  { path = items, at, parent, children = "", hasForce = true, secrets = [] }: SecurableWords,
): SecurableEndpoints {
  const parentGone: Quirk = {
    why: "A create names its parent, which may not be found for seconds after its own create",
    code: MISSING,
    means: "parent",
    remedy: `create ${parent}, or correct ${at}; the operator tries again until it is there`,
  };
  const notEmpty: Quirk = {
    why: "Without force, a securable with contents is not deleted",
    means: "refused",
    remedy: `delete ${children} first; ${hasForce ? "or set spec.force_destroy: true to delete them too; " : ""}` +
      "or set annotation databricks-operator/deletion-policy: retain to leave all of it in Databricks",
  };
  const all = `/api/2.1/unity-catalog/${path}`;
  const one = `${all}/{full_name}`;
  return {
    get: endpoint(`GET ${one}`, { errors: [gone] }),
    list: endpoint(`GET ${all}`, { items, errors: [gone] }),
    create: endpoint(`POST ${all}`, { errors: [parentGone], secrets }),
    update: endpoint(`PATCH ${one}`, { errors: [gone], secrets }),
    delete: endpoint(`DELETE ${one}`, {
      errors: [gone, { ...notEmpty, code: /NOT_EMPTY$/ }, { ...notEmpty, message: /not empty|dependent/i }],
    }),
  };
}

/** Reads by the id, which is empty if a parent is named by its object and the name was not resolved. */
function observerOf<Observed>(get: Endpoint): (workspace: Workspace, id: string) => Promise<Observed | undefined> {
  return async (workspace, id) =>
    id === "" ? undefined : await workspace.tryCall(get, { full_name: id }) as Observed | undefined;
}

/** The operations on a kind of Unity Catalog. */
export function securableOperations<Desired extends object, Observed extends Told>(
  endpoints: SecurableEndpoints,
  api: SecurableApi<Desired>,
): ExternalOperations<Desired, Observed> {
  const late = ["owner", ...api.updateOnly ?? []];
  const observe = observerOf<Observed>(endpoints.get);
  // External locations have no full name.
  const idOf = (observed: Observed): string =>
    observed.full_name === undefined
      ? api.naturalKey(observed as unknown as Partial<Desired>)
      : lower(observed.full_name);
  return {
    observe,
    find: async (workspace, { desired }) => {
      const id = api.naturalKey(desired);
      const observed = await observe(workspace, id);
      return observed === undefined ? [] : [{ id, observed }];
    },
    isOurs: isOursBy<Observed>(({ created_by: by, created_at: at = 0 }) => ({ by, at: Number(at) })),
    create: async (workspace, intent) => {
      const { desired } = intent;
      const body = { ...without(desired, [...late, ...api.keptBack ?? []]), ...api.secrets?.(intent) };
      return idOf(await workspace.call(hiding(endpoints.create, api.secretPaths?.(intent)), body) as Observed);
    },
    steps: (intent) => securableSteps(endpoints.update, intent, api),
    delete: async (workspace, id, intent) => {
      const { force_destroy } = (intent?.desired ?? {}) as { force_destroy?: boolean };
      await workspace.tryCall(endpoints.delete, { full_name: id, ...(force_destroy === true ? { force: true } : {}) });
    },
    list: async function* (workspace, { parent } = {}): AsyncIterable<External<Observed>[]> {
      if (api.below !== undefined && parent === undefined) return;
      // Without max_results a list is not paged, which "will be deprecated soon" (databricks-sdk-py 0.162.0:
      // catalog.py).
      const input = { ...(parent === undefined ? {} : api.below?.(parent)), max_results: 0 };
      for await (const page of workspace.pages(endpoints.list, input)) {
        yield (page as Observed[]).map((observed) => ({
          id: idOf(observed),
          observed,
          partial: observed.browse_only === true,
        }));
      }
    },
    self: currentUser,
  };
}

/** A value that changes whenever a securable does. */
function stampOf({ updated_at }: Told): string | undefined {
  return updated_at?.toString();
}

/** The reason why a read returned only part of a securable. */
function cutOf({ browse_only }: Told): string | undefined {
  if (browse_only !== true) return undefined;
  return "the token's user may only browse it, so grant the user a privilege on it, or make the user its owner";
}

/** The creator of a securable, and the time of creation. */
function madeOf({ created_by, created_at }: Told): { by?: string | undefined; at?: number | undefined } {
  return { by: created_by, at: created_at === undefined ? undefined : Number(created_at) };
}

/** True if everything desired is present: Unity Catalog and people add properties. */
export function holdsAll(asked: unknown, answered: unknown): boolean {
  if (!isMap(asked)) return asked === answered;
  const held = isMap(answered) ? answered : {};
  return Object.entries(asked).every(([name, value]) => holdsAll(value, held[name]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Fields that are left alone unless the manifest names them. */
export function onlyIfAsked(...fields: string[]): Record<string, string[]> {
  return Object.fromEntries(fields.map((field) => [field, [field]]));
}

/** The parts of a declaration that are the same for all kinds of Unity Catalog. */
export const securable = {
  identity: "natural",
  apiVersion: () => "2.1",
  stamp: stampOf,
  cut: cutOf,
  made: madeOf,
  displayName: ({ full_name, name = "" }: Told) => full_name ?? name,
} as const;

/** The fields that name a resource in a schema. */
interface InSchema {
  readonly catalog_name?: string | undefined;
  readonly schema_name?: string | undefined;
  readonly name?: string | undefined;
}

/** The natural key of a resource in a schema. */
export function keyInSchema({ catalog_name, schema_name, name }: InSchema): string {
  return fullName([catalog_name, schema_name, name]);
}

/** The parents of a resource in a schema: the full name of the schema. */
export function schemaOf({ catalog_name, schema_name }: InSchema): string[] {
  return [fullName([catalog_name, schema_name])];
}

/** The input of a list of the resources in a schema. */
export function belowSchema(parent: string): CallInput {
  const [catalog_name, schema_name] = parent.split(".");
  return { catalog_name, schema_name };
}

/**
 * Finds errors in the name of a resource in a parent, and in the parent's: each must be given, or the name of its
 * object.
 */
export function inParentIssues(
  at: string,
  settings: Readonly<Record<string, unknown>>,
  parents: readonly string[],
): SpecIssue[] {
  const missing = parents.filter((field) => [field, referenceName({ id: field })].every((one) => !(one in settings)));
  const names = Object.fromEntries(["name", ...parents].map((field) => [field, settings[field] as string | undefined]));
  return [
    ...missing.map((field) => ({
      path: `${at}.${field}`,
      message: `is missing: give the name, or an object's in ${referenceName({ id: field })}`,
    })),
    ...nameIssues(at, names),
  ];
}

/** Finds errors in names: of the fields below `at`. */
export function nameIssues(at: string, fields: Readonly<Record<string, string | undefined>>): SpecIssue[] {
  return Object.entries(fields).flatMap(([field, name]) => {
    if (name === undefined || (/^[^./\s\p{Cc}]{1,255}$/u.test(name))) return [];
    return [{ path: `${at}.${field}`, message: `must be 1 to 255 characters without dots, slashes and spaces` }];
  });
}
