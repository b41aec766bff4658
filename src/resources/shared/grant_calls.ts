/**
 * The Grants API of Unity Catalog (2.1): its endpoints for one type of securable, and the conversion of its requests
 * and answers.
 *
 * @module
 */
import {
  type CallInput,
  type Endpoint,
  endpoint,
  type ObservedPart,
  type PartChange,
  type Quirk,
  type Workspace,
} from "../../resource.ts";

/** The endpoints of one type of securable. */
export interface GrantEndpoints {
  readonly listGrants: Endpoint;
  readonly changeGrants: Endpoint;
  readonly [other: string]: Endpoint;
}

/** Privileges that ALL PRIVILEGES does not include (its documentation). */
const BESIDES_ALL = ["ALL_PRIVILEGES", "MANAGE", "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA"];
/**
 * Requests pages of the server's own size; without it, everything comes at once, which "will be deprecated soon"
 * (catalog.py).
 */
const PAGE = { max_results: 0 };

const gone: Quirk = {
  why: "Unity Catalog has a code for each type: SCHEMA_DOES_NOT_EXIST (databricks-sdk-go 0.175.0: apps.ErrorCode)",
  code: /^(?!METASTORE_|PRINCIPAL_)\w+_DOES_NOT_EXIST$|^NOT_FOUND$/,
  means: "absent",
};
const unknownPrincipal: Quirk = {
  why: '"Could not find principal with name x" (terraform-provider-databricks#1773)',
  message: /could not find principal|principal.*does not exist/i,
  means: "refused",
  remedy:
    "correct its name in spec.grants (a service principal goes by its application id), or add it to the account and " +
    "to this workspace",
};

/** The endpoints for securables of a type, such as `schema`. */
export function grantEndpoints(securable: string): GrantEndpoints {
  const path = `/api/2.1/unity-catalog/permissions/${securable}/{full_name}`;
  return {
    listGrants: endpoint(`GET ${path}`, { items: "privilege_assignments", errors: [gone] }),
    changeGrants: endpoint(`PATCH ${path}`, { errors: [unknownPrincipal, gone] }),
  };
}

/**
 * Privileges as one text, in a fixed order: Databricks returns them in any. ALL_PRIVILEGES replaces those that it
 * includes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { privilegesOf } from "./grant_calls.ts";
 *
 * assert.equal(privilegesOf(["use catalog", "SELECT"]), "SELECT, USE_CATALOG");
 * assert.equal(privilegesOf(["SELECT", "ALL_PRIVILEGES", "MANAGE"]), "ALL_PRIVILEGES, MANAGE");
 * ```
 */
export function privilegesOf(privileges: readonly string[]): string {
  const names = new Set(privileges.map((name) => name.trim().toUpperCase().replace(/[ -]+/g, "_")));
  const isAll = names.has("ALL_PRIVILEGES");
  return [...names].filter((name) => !isAll || BESIDES_ALL.includes(name)).sort().join(", ");
}

/** The grants of a securable, by principal; `undefined` if it does not exist. */
export async function readGrants(
  workspace: Workspace,
  { listGrants }: GrantEndpoints,
  input: CallInput,
): Promise<Record<string, ObservedPart> | undefined> {
  const held = new Map<string, string[]>();
  const seen = new Set<string>();
  for (let token: string | undefined = "";;) {
    const page = await workspace.tryCall(listGrants, {
      ...input,
      ...PAGE,
      ...token === "" ? {} : { page_token: token },
    });
    if (page === undefined) return undefined;
    const rows = (page.privilege_assignments ?? []) as { principal?: string; privileges?: string[] }[];
    for (const { principal = "", privileges = [] } of rows) {
      held.set(principal, [...held.get(principal) ?? [], ...privileges]);
    }
    // A page may be empty although more pages follow.
    token = page.next_page_token as string | undefined;
    if (!token || seen.has(token)) break;
    seen.add(token);
  }
  const granted = [...held].filter(([, privileges]) => privileges.length > 0);
  return Object.fromEntries(granted.map(([principal, privileges]) => [principal, { value: privilegesOf(privileges) }]));
}

/** The additions and removals of a request. Databricks refuses a privilege that is in both. */
export function changesOf({ wanted, held }: Pick<PartChange, "wanted" | "held">): Record<string, unknown>[] {
  const principals = [...new Set([...Object.keys(wanted), ...Object.keys(held)])];
  return principals.flatMap((principal) => {
    const [want, have] = [wanted[principal], held[principal]].map((value) => String(value ?? "").split(", "));
    const lacking = (of: readonly string[] = [], than: readonly string[] = []) =>
      of.filter((name) => name !== "" && !than.includes(name));
    const [add, remove] = [lacking(want, have), lacking(have, want)];
    if (add.length + remove.length === 0) return [];
    return [{ principal, ...add.length > 0 && { add }, ...remove.length > 0 && { remove } }];
  });
}
