/**
 * `/api/2.0/permissions/{type}/{id}`: for jobs, Git folders, folders, notebooks, files and other kinds' resources.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { type Access, type Holder, levelsOf } from "../access_lists.ts";
import type { Doubts } from "../doubts.ts";
import { malformed, notFound } from "../errors.ts";
import { readId } from "../ids.ts";
import type { Jobs } from "../jobs.ts";
import { holderOf, type Permissions } from "../permissions.ts";
import type { Repos } from "../repos.ts";
import type { WorkspaceFiles } from "../workspace_files.ts";
import { type Answer, type Call, endpoint } from "./endpoint.ts";

/** Options of the handlers of the Permissions API. */
export interface PermissionsContext {
  jobs: Jobs;
  repos: Repos;
  files: WorkspaceFiles;
  permissions: Permissions;
  doubts: Doubts;
}

/** The API's names of object types, by the type in the path. */
const objectTypes: Record<string, string> = {
  jobs: "job",
  repos: "repo",
  directories: "directory",
  notebooks: "notebook",
  files: "file",
  pipelines: "pipelines",
  warehouses: "warehouses",
  "cluster-policies": "cluster-policy",
  clusters: "cluster",
  "instance-pools": "instance-pool",
};

function answer({ type, id }: Holder, list: readonly Access[], doubts: Doubts): Record<string, unknown> {
  const direct = list.map(({ permission_level, ...principal }) => ({
    ...spelt(principal, doubts),
    // The display name of a person or application in the web application; groups have none.
    ...(principal.group_name === undefined && {
      display_name: principal.user_name ?? principal.service_principal_name,
    }),
    all_permissions: [{ permission_level, inherited: false }],
  }));
  // Workspace admins manage everything by inheritance, so no request can revoke it.
  const inherited = { permission_level: "CAN_MANAGE", inherited: true, inherited_from_object: [`/${type}/`] };
  const admins = { group_name: "admins", all_permissions: [inherited] };
  const access_control_list = [...direct, admins];
  return { object_id: `/${type}/${id}`, object_type: objectTypes[type] ?? type, access_control_list };
}

/** Spells a principal for an answer: people and applications as a doubt says; groups respect case. */
function spelt(principal: Omit<Access, "permission_level">, { permissionNames }: Doubts): typeof principal {
  if (permissionNames === "as written" || principal.group_name !== undefined) return principal;
  return Object.fromEntries(Object.entries(principal).map(([field, name]) => [field, name?.toLowerCase()]));
}

function readList(body: Call["body"]): Access[] {
  const list = body.access_control_list ?? [];
  if (!Array.isArray(list)) throw malformed("Could not parse request object: access_control_list is not an array");
  return list;
}

function jobHolder({ jobs, permissions, doubts }: PermissionsContext, id: string): Holder {
  permissions.checkVisible(id);
  const job = jobs.get(id) ?? (doubts.permissionsOfMissing === "404" ? undefined : jobs.former(id));
  if (!job) throw notFound(`Job ${id} does not exist.`);
  return holderOf(job);
}

/** The object of a path. @throws {ApiError} 404 if there is none. */
function find(context: PermissionsContext, { params }: Call): Holder {
  const { type = "", id: given } = params;
  if (!Object.hasOwn(levelsOf, type)) throw notFound(`Object type ${type} does not exist.`);
  const { repos, files, permissions } = context;
  const missing = () => notFound(`${objectTypes[type] ?? type} ${given} does not exist.`);
  const creatorOf = permissions.objects.get(type);
  if (creatorOf !== undefined) {
    const creator = creatorOf(String(given));
    if (creator === undefined) throw missing();
    return { type, id: String(given), creator };
  }
  const id = readId(given, "id");
  if (type === "jobs") return jobHolder(context, id);
  const exists = type === "repos" ? repos.get(id) !== undefined : files.holds(id) || repos.hasFolder(id);
  if (!exists) throw missing();
  return { type, id, creator: repos.get(id)?.creator ?? repos.user };
}

/** Marks a Git folder's permissions as inherited until a list is written, if a doubt says so. */
function handedDown({ doubts, permissions }: PermissionsContext, holder: Holder, answer: Record<string, unknown>) {
  if (holder.type !== "repos" || doubts.repoCreatorPermission === "direct") return answer;
  if (permissions.lists.isSet(holder)) return answer;
  const list = answer.access_control_list as { all_permissions: { inherited: boolean }[] }[];
  for (const { all_permissions } of list) for (const permission of all_permissions) permission.inherited = true;
  return answer;
}

/** The handlers of the Permissions API. */
export function permissionsHandlers(context: PermissionsContext): HttpHandler[] {
  const { permissions: { lists }, doubts } = context;
  const told = (holder: Holder, list: readonly Access[]) => handedDown(context, holder, answer(holder, list, doubts));
  const read: Answer = (call) => {
    const holder = find(context, call);
    return told(holder, lists.read(holder));
  };
  const change = (write: (holder: Holder, list: Access[]) => void): Answer => (call) => {
    const holder = find(context, call);
    write(holder, readList(call.body));
    return told(holder, lists.get(holder));
  };
  const levels: Answer = (call) => {
    const { type } = find(context, call);
    const all = levelsOf[type] ?? [];
    return { permission_levels: all.map((permission_level) => ({ permission_level, description: permission_level })) };
  };
  // Warehouses have two paths: databricks/cli and terraform-provider-databricks use the longer one.
  const paths = ["/api/2.0/permissions/:type/:id", "/api/2.0/permissions/sql/:type/:id"];
  return paths.flatMap((path) => [
    endpoint("get", `${path}/permissionLevels`, levels),
    endpoint("get", path, read),
    endpoint("put", path, change((holder, list) => lists.set(holder, list))),
    endpoint("patch", path, change((holder, list) => lists.merge(holder, list))),
  ]);
}
