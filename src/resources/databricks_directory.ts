/**
 * DatabricksDirectory: a folder of the workspace, which contains notebooks, files and experiments (Workspace API 2.0).
 *
 * Creating an existing folder succeeds silently, so a create reads first; and a list contains only the direct children
 * of a folder, so each object reads its own folder.
 *
 * @module
 */
import * as z from "zod";
import type { ObjectInfo } from "../databricks/types.ts";
import {
  commonColumns,
  defineResource,
  endpoint,
  isDuring,
  type Quirk,
  type Resource,
  type Workspace,
} from "../resource.ts";
import { withPermissions } from "./shared/permissions.ts";
import { alreadyThere } from "./shared/workspace_objects.ts";
import { isWorkspacePath, parentOf, withoutWorkspace } from "./shared/workspace_paths.ts";

const Directory = z.looseObject({
  path: z.string().describe("Its path: /Shared/etl. Parent folders are created. Cannot be changed."),
});

const Spec = z.looseObject({
  directory: Directory.describe("The folder, with the fields of the Workspace API"),
  force_destroy: z.boolean().describe(
    "Delete it with its contents. By default, only an empty folder is deleted",
  ).optional(),
});

interface Desired {
  readonly path: string;
  readonly force_destroy?: boolean | undefined;
}

const notEmpty: Quirk = {
  why: "Without recursive, a folder with contents is not deleted",
  code: /^DIRECTORY_NOT_EMPTY$/,
  means: "refused",
  remedy: "delete what is in it first; or set spec.force_destroy: true to delete all of it; or set annotation " +
    "databricks-operator/deletion-policy: retain to leave it in Databricks",
};

const endpoints = {
  get: endpoint("GET /api/2.0/workspace/get-status"),
  listBelow: endpoint("GET /api/2.0/workspace/list"),
  // Creating an existing folder succeeds silently.
  mkdirs: endpoint("POST /api/2.0/workspace/mkdirs", { repeatable: true }),
  delete: endpoint("POST /api/2.0/workspace/delete", { repeatable: true, errors: [notEmpty] }),
};

const directory = defineResource<z.infer<typeof Spec>, Desired, ObjectInfo>({
  kind: "DatabricksDirectory",
  plural: "databricksdirectories",
  singular: "databricksdirectory",
  shortNames: ["dbdir"],
  noun: "directory",
  description: "A folder of the workspace and its permissions",
  identity: "natural",
  spec: Spec,
  observed: z.custom<ObjectInfo>(),
  comparableSchema: Directory,
  statusFields: {
    object_id: z.string().describe("The id for permissions").optional(),
  },
  desiredPath: "spec.directory",
  fields: { immutable: ["path"], unread: ["force_destroy"], spelling: { path: withoutWorkspace } },
  endpoints,
  external: {
    observe,
    find: async (workspace, { desired: { path } }) => {
      const observed = await observe(workspace, withoutWorkspace(path));
      return observed === undefined ? [] : [{ id: withoutWorkspace(path), observed }];
    },
    // A folder that appeared during the create, and is empty, is the operator's or equivalent: it contains nothing to
    // lose.
    isOurs: async (workspace, { id, observed: { created_at: at } }, { attempt }) =>
      attempt.since !== undefined && (at === undefined || isDuring(Number(at), attempt)) &&
      (await below(workspace, id)).length === 0,
    isListed: async (workspace, id) =>
      (await below(workspace, parentOf(id))).some((one) => isDirectory(one) && one.path === id),
    create: async (workspace, { desired }) => {
      const path = withoutWorkspace(desired.path);
      if (await workspace.tryCall(endpoints.get, { path }) !== undefined) {
        throw alreadyThere(workspace, endpoints.mkdirs, `Path (${path}) already exists`);
      }
      await workspace.call(endpoints.mkdirs, { ...sent(desired), path });
      return path;
    },
    // A folder has no fields besides its path.
    steps: () => [],
    delete: async (workspace, id, intent) => {
      if (await observe(workspace, id) === undefined) return;
      const recursive = intent?.desired.force_destroy === true;
      await workspace.tryCall(endpoints.delete, { path: id, ...(recursive ? { recursive } : {}) });
    },
  },
  printerColumns: [
    { name: "Path", type: "string", jsonPath: ".spec.directory.path" },
    ...commonColumns,
  ],
  apiVersion: () => "2.0",
  naturalKey: ({ path = "" }) => withoutWorkspace(path),
  desired: ({ directory, force_destroy }) => ({
    ...directory,
    ...(force_destroy === undefined ? {} : { force_destroy }),
  }),
  validate: ({ directory: { path } }) => isWorkspacePath("spec.directory.path", path),
  comparable: ({ path }) => ({ path }),
  show: ({ object_id }) => ({ object_id: object_id?.toString() }),
  displayName: ({ path = "" }) => path,
  url: (host, id) => `${host}/#workspace${id.split("/").map(encodeURIComponent).join("/")}`,
  examples: [{
    title: "A folder of a team",
    spec: { directory: { path: "/Shared/etl" } },
    edited: { directory: { path: "/Shared/etl" }, force_destroy: true },
  }],
});

/** The declaration of kind DatabricksDirectory. Its permissions go by the id of the folder. */
export const databricksDirectory: Resource = withPermissions(directory, {
  type: "directories",
  idOf: async (workspace, path) => String((await observe(workspace, path))?.object_id ?? 0),
});

function isDirectory({ object_type }: ObjectInfo): boolean {
  return object_type === "DIRECTORY";
}

/** The direct children of a folder. */
async function below(workspace: Workspace, path: string): Promise<ObjectInfo[]> {
  const answer = await workspace.tryCall(endpoints.listBelow, { path });
  return (answer?.objects ?? []) as ObjectInfo[];
}

/** The folder at a path; anything else there does not count. */
async function observe(workspace: Workspace, path: string): Promise<ObjectInfo | undefined> {
  // Anything else is not a path, and is refused as such.
  if (!path.startsWith("/")) return undefined;
  const observed = await workspace.tryCall(endpoints.get, { path }) as ObjectInfo | undefined;
  return observed !== undefined && isDirectory(observed) ? observed : undefined;
}

function sent({ force_destroy: _later, ...directory }: Desired): Record<string, unknown> {
  return directory;
}
