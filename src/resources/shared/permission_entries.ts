/**
 * Entries of `spec.permissions`: their names as parts, and their possible errors.
 *
 * @module
 */
import type { SpecIssue } from "../../resource.ts";

/** One entry of `spec.permissions`. */
export interface Permission extends Principal {
  readonly level: string;
}

/** The principal of a permission: one of the three fields. */
export interface Principal {
  readonly user_name?: string | undefined;
  readonly group_name?: string | undefined;
  readonly service_principal_name?: string | undefined;
}

/** The kinds of principals, by the prefix of a part's name. */
const KINDS = { user: "user_name", group: "group_name", service_principal: "service_principal_name" } as const;
type Kind = keyof typeof KINDS;

/** Workspace admins manage everything, and no request can change that. */
export const ADMINS = "group:admins";

/**
 * The name of an entry as a part.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nameOf, principalOf } from "./permission_entries.ts";
 *
 * assert.equal(nameOf({ group_name: "analysts" }), "group:analysts");
 * assert.deepEqual(principalOf("user:ann@example.com"), { user_name: "ann@example.com" });
 * ```
 */
export function nameOf(principal: Principal): string {
  const [kind = "", value = ""] = Object.entries(KINDS)
    .map(([kind, field]) => [kind, principal[field]] as const)
    .find(([, value]) => value !== undefined) ?? [];
  return `${kind}:${value}`;
}

/** The principal in the name of a part. */
export function principalOf(name: string): Principal {
  const at = name.indexOf(":");
  return { [KINDS[name.slice(0, at) as Kind]]: name.slice(at + 1) };
}

/** Users and service principals are case-insensitive (terraform-provider-databricks#5183); groups are not. */
export function spellingOf(name: string): string {
  return name.startsWith("group:") ? name : name.toLowerCase();
}

/** Finds errors in a list of permissions, including those that an older version's CRD permits. */
export function permissionIssues(
  list: readonly Permission[],
  { type, levels }: { readonly type: string; readonly levels: readonly string[] },
): SpecIssue[] {
  const seen = new Set<string>();
  let owners = 0;
  return list.flatMap((entry, index) => {
    const path = `spec.permissions[${index}]`;
    const given = Object.values(KINDS).filter((field) => entry[field] !== undefined);
    if (given.length !== 1 || entry[given[0]!] === "") {
      return [{ path, message: "name one of user_name, group_name and service_principal_name, and only one" }];
    }
    const name = nameOf(entry);
    const isAgain = seen.has(spellingOf(name));
    seen.add(spellingOf(name));
    if (entry.level === "IS_OWNER") owners++;
    const message = problemOf(entry, { name, type, levels, isAgain, isSecond: owners > 1 });
    return message === undefined ? [] : [{ path: `${path}.${message.field ?? given[0]}`, message: message.text }];
  });
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly levels: readonly string[];
  readonly isAgain: boolean;
  readonly isSecond: boolean;
}

function problemOf({ level }: Permission, entry: Entry): { field?: string; text: string } | undefined {
  const { name, type, levels, isAgain, isSecond } = entry;
  const who = name.slice(name.indexOf(":") + 1);
  if (!levels.includes(level)) {
    return { field: "level", text: `"${level}" is no level of ${type}: use one of ${levels.join(", ")}` };
  }
  if (name === ADMINS) return { text: "admins may do everything anyway, and nothing else can be set: take it out" };
  if (isAgain) return { text: `"${who}" is named twice, and can have one level only: keep one entry` };
  if (level !== "IS_OWNER") return undefined;
  if (name.startsWith("group:")) {
    return { field: "level", text: `a group cannot be the owner: give "${who}" CAN_MANAGE, or name a user` };
  }
  return isSecond ? { field: "level", text: "there can be only one IS_OWNER: give one of them CAN_MANAGE" } : undefined;
}
