/**
 * DatabricksPermissions: permissions on an object that is not managed here, such as a notebook, a folder or a cluster.
 *
 * Several of them may name the same object. Each changes only the principals that it names; others keep their
 * permissions. It creates no object, and reads permissions only when they are due.
 *
 * @module
 */
import * as z from "zod";
import {
  commonColumns,
  defineResource,
  type Endpoint,
  endpoint,
  type PartChange,
  type SpecIssue,
  type Workspace,
} from "../resource.ts";
import { heldPermissions, permissionEndpoints, toAccessControl, unknownPrincipal } from "./shared/permission_calls.ts";
import { nameOf, type Permission, permissionIssues } from "./shared/permission_entries.ts";
import { completePermissions } from "./shared/permission_rules.ts";
import { LEVELS, partRules, permissionRules, permissionsSchema } from "./shared/permissions.ts";

/** Object types that the workspace reports for a path, with the types in the Permissions API. */
const TYPES_OF_PATHS: Readonly<Record<string, string>> = {
  NOTEBOOK: "notebooks",
  DIRECTORY: "directories",
  FILE: "files",
  REPO: "repos",
};
const ALL_LEVELS = [...new Set(Object.values(LEVELS).flat())];

const Spec = z.looseObject({
  object_type: z.string().describe(`The type of the object, for object_id: one of ${Object.keys(LEVELS).join(", ")}`)
    .optional(),
  object_id: z.string().describe(
    "The object's id; for apps and database instances, the name",
  ).optional(),
  path: z.string().describe("The path of a notebook, folder, file or Git folder, instead of object_type and object_id")
    .optional(),
  permissions: permissionsSchema(ALL_LEVELS, "One permission level per principal. Other principals keep theirs"),
});

const Target = z.object({
  object_type: z.string().optional(),
  object_id: z.string().optional(),
  path: z.string().optional(),
});
type Target = z.infer<typeof Target>;
type Spec = z.infer<typeof Spec>;

const { permissions, setPermissions } = permissionEndpoints("{object_type}");
const endpoints = {
  permissions,
  setPermissions,
  addPermissions: endpoint("PATCH /api/2.0/permissions/{object_type}/{object_id}", { errors: [unknownPrincipal] }),
  status: endpoint("GET /api/2.0/workspace/get-status"),
};

/** The declaration of kind DatabricksPermissions. */
export const databricksPermissions = defineResource<Spec, Target, Target>({
  kind: "DatabricksPermissions",
  plural: "databrickspermissions",
  singular: "databrickspermission",
  shortNames: ["dbperm"],
  noun: "object",
  description: "Permissions on an object of the workspace that is not managed here",
  identity: "natural",
  spec: Spec,
  observed: Target,
  comparableSchema: Target,
  desiredPath: "spec",
  passesOn: [],
  fields: { immutable: ["object_type", "object_id", "path"] },
  endpoints,
  external: {
    // Reading the permissions shows whether the object exists.
    observe: (_workspace, id) => Promise.resolve(targetOf(id)),
    find: (_workspace, { desired }) => Promise.resolve([{ id: idOf(desired), observed: desired }]),
  },
  parts: {
    ...partRules,
    exclusive: false,
    desired: (_intent, spec) => {
      const entries = (spec as Spec).permissions.map((entry) => [nameOf(entry as Permission), entry.level]);
      return Object.fromEntries(entries);
    },
    read: async (workspace, id) => {
      const object = await objectOf(workspace, id);
      const answer = object && await workspace.tryCall(endpoints.permissions, object);
      return answer && heldPermissions(answer, LEVELS[object?.object_type ?? ""] ?? []);
    },
    putAll: async (workspace, id, change) => {
      const object = await objectOf(workspace, id);
      if (object !== undefined) {
        await workspace.call(callFor(change), { ...object, access_control_list: listFor(change) });
      }
    },
    complete: async (workspace, change, id) => {
      const { object_type = "" } = await objectOf(workspace, id) ?? {};
      return await completePermissions(workspace, change, LEVELS[object_type] ?? []);
    },
    missing: "create it, or delete this object and apply it with another object_id or path; the operator tries again",
  },
  printerColumns: [
    { name: "Type", type: "string", jsonPath: ".spec.object_type" },
    { name: "Object", type: "string", jsonPath: ".spec.object_id" },
    { name: "Path", type: "string", jsonPath: ".spec.path" },
    ...commonColumns,
  ],
  rules: [
    {
      rule: "has(self.path) != has(self.object_id)",
      message: "path and object_id exclude each other, and one of them is needed",
    },
    {
      rule: "has(self.object_type) == has(self.object_id)",
      message: "object_id needs object_type, and path needs none",
    },
    ...permissionRules(ALL_LEVELS),
  ],
  apiVersion: () => "2.0",
  naturalKey: (target) => idOf(target),
  desired: ({ object_type, object_id, path }) => ({
    ...(object_type === undefined ? {} : { object_type }),
    ...(object_id === undefined ? {} : { object_id }),
    ...(path === undefined ? {} : { path: plainPath(path) }),
  }),
  validate,
  comparable: (target) => target,
  examples: [
    {
      title: "A folder that is not managed",
      spec: {
        path: "/Shared/reports",
        permissions: [{ group_name: "analysts", level: "CAN_READ" }, {
          user_name: "ann@example.com",
          level: "CAN_EDIT",
        }],
      },
      edited: { path: "/Shared/reports", permissions: [{ group_name: "analysts", level: "CAN_RUN" }] },
      needs: { calls: [{ line: "POST /api/2.0/workspace/mkdirs", body: { path: "/Shared/reports" } }] },
    },
    {
      title: "A cluster that is not managed",
      spec: {
        object_type: "clusters",
        object_id: "1129-101112-abcdefgh",
        permissions: [{ group_name: "analysts", level: "CAN_ATTACH_TO" }],
      },
      edited: {
        object_type: "clusters",
        object_id: "1129-101112-abcdefgh",
        permissions: [{ group_name: "analysts", level: "CAN_RESTART" }],
      },
      needs: { object: { type: "clusters", id: "1129-101112-abcdefgh" } },
    },
  ],
});

/** Databricks accepts paths with /Workspace at the beginning and slashes at the end. */
function plainPath(path: string): string {
  return path.replace(/^\/Workspace(?=\/)/, "").replace(/(?<=.)\/+$/, "");
}

/** A path is its own id, so that the permissions follow whatever object is there. */
function idOf({ object_type = "", object_id = "", path }: Partial<Target>): string {
  return path ?? `${object_type}/${object_id}`;
}

function targetOf(id: string): Target | undefined {
  if (id.startsWith("/")) return { path: id };
  const at = id.indexOf("/");
  return at <= 0 ? undefined : { object_type: id.slice(0, at), object_id: id.slice(at + 1) };
}

/** The object of an id; `undefined` if nothing is at its path. */
async function objectOf(workspace: Workspace, id: string): Promise<Target | undefined> {
  const { path, ...target } = targetOf(id) ?? {};
  if (path === undefined) return target;
  const status = await workspace.tryCall(endpoints.status, { path });
  const object_type = TYPES_OF_PATHS[String(status?.object_type)];
  return object_type === undefined ? undefined : { object_type, object_id: String(status?.object_id) };
}

/**
 * A PATCH does not interfere with concurrent changes by others; but it removes nothing, and does not change the owner.
 */
function isAddition({ deleted, put, wanted, held }: PartChange): boolean {
  return deleted.length === 0 && put.every((name) => wanted[name] !== "IS_OWNER") &&
    Object.entries(held).every(([name, level]) => put.includes(name) || wanted[name] === level);
}

function callFor(change: PartChange): Endpoint {
  return isAddition(change) ? endpoints.addPermissions : endpoints.setPermissions;
}

function listFor(change: PartChange): Record<string, unknown>[] {
  const { wanted, put } = change;
  if (!isAddition(change)) return toAccessControl(wanted);
  return toAccessControl(Object.fromEntries(put.map((name) => [name, wanted[name]])));
}

function validate(spec: Spec): SpecIssue[] {
  const { object_type, object_id, path } = spec;
  if ((path === undefined) === (object_id === undefined)) {
    return [{ path: "spec.path", message: "name the object by path, or by object_type and object_id" }];
  }
  if (path !== undefined && !path.startsWith("/")) {
    return [{ path: "spec.path", message: `"${path}" is no path: begin it with /, such as /Shared/reports` }];
  }
  const type = path === undefined ? object_type ?? "" : "directories";
  const levels = LEVELS[type];
  if (levels !== undefined) return permissionIssues(spec.permissions as Permission[], { type, levels });
  const known = Object.keys(LEVELS).join(", ");
  return [{ path: "spec.object_type", message: `"${type}" is no type of object: use one of ${known}` }];
}
