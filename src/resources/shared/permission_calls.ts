/**
 * The Permissions API: its endpoints for one type of object, and the conversion of its requests and answers.
 *
 * @module
 */
import { type Endpoint, endpoint, type ObservedPart, type Quirk } from "../../resource.ts";
import { ADMINS, nameOf, type Principal, principalOf } from "./permission_entries.ts";

/** The endpoints of one type of object. */
export interface PermissionEndpoints {
  readonly permissions: Endpoint;
  readonly setPermissions: Endpoint;
  readonly [other: string]: Endpoint;
}

/** A name that Databricks does not know. */
export const unknownPrincipal: Quirk = {
  why:
    '"Principal: ServicePrincipalName(etl) does not exist" (databricks/cli#4488, terraform-provider-databricks#1415)',
  message: /principal.*does not exist/i,
  means: "refused",
  remedy: "correct its name in spec.permissions (a service principal goes by its application id), or add it to the " +
    "workspace; if it is the owner and left, give IS_OWNER to somebody else",
};

/** The endpoints for objects of a type, such as `jobs`. */
export function permissionEndpoints(type: string): PermissionEndpoints {
  const path = `/api/2.0/permissions/${type}/{object_id}`;
  return {
    permissions: endpoint(`GET ${path}`),
    setPermissions: endpoint(`PUT ${path}`, { errors: [unknownPrincipal] }),
  };
}

/** An entry of an answer. */
interface Access extends Principal {
  readonly all_permissions?: readonly { readonly permission_level?: string; readonly inherited?: boolean }[];
}

/** The object's own permissions in an answer, by name, without inherited ones and those of admins. */
export function heldPermissions(
  answer: Record<string, unknown>,
  levels: readonly string[],
): Record<string, ObservedPart> {
  const list = (answer.access_control_list ?? []) as readonly Access[];
  return Object.fromEntries(list.flatMap((access) => {
    const own = (access.all_permissions ?? [])
      .filter(({ inherited, permission_level }) => inherited !== true && permission_level !== undefined)
      .map(({ permission_level = "" }) => permission_level);
    // A principal has one level; if an answer contains several, the highest counts.
    const [highest] = own.sort((a, b) => levels.indexOf(b) - levels.indexOf(a));
    const name = nameOf(access);
    return highest === undefined || name === ADMINS ? [] : [[name, { value: highest }]];
  }));
}

/** The list that a request sends. */
export function toAccessControl(permissions: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  return Object.entries(permissions).map(([name, level]) => ({ ...principalOf(name), permission_level: level }));
}
