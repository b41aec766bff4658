/**
 * `/api/2.0/permissions/{type}/{id}`, of jobs, Git folders, folders, notebooks and files.
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

/** What the Permissions API works on. */
export interface PermissionsContext {
  jobs: Jobs;
  repos: Repos;
  files: WorkspaceFiles;
  permissions: Permissions;
  doubts: Doubts;
}

/** What the API calls the type of an object, by its path. */
const objectTypes: Record<string, string> = {
  jobs: "job",
  repos: "repo",
  directories: "directory",
  notebooks: "notebook",
  files: "file",
};

function answer({ type, id }: Holder, list: readonly Access[]): Record<string, unknown> {
  const direct = list.map(({ permission_level, ...principal }) => ({
    ...principal,
    // A person's or application's name as the web application shows it; groups have none.
    ...(principal.group_name === undefined && {
      display_name: principal.user_name ?? principal.service_principal_name,
    }),
    all_permissions: [{ permission_level, inherited: false }],
  }));
  // Workspace admins manage everything; they inherit it, so no request can take it from them.
  const inherited = { permission_level: "CAN_MANAGE", inherited: true, inherited_from_object: [`/${type}/`] };
  const admins = { group_name: "admins", all_permissions: [inherited] };
  const access_control_list = [...direct, admins];
  return { object_id: `/${type}/${id}`, object_type: objectTypes[type], access_control_list };
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

/** What a path names, or the API's 404. */
function find(context: PermissionsContext, { params }: Call): Holder {
  const { type = "", id: given } = params;
  const id = readId(given, "id");
  if (type === "jobs") return jobHolder(context, id);
  const { repos, files } = context;
  const exists = type === "repos" ? repos.get(id) !== undefined : files.holds(id) || repos.hasFolder(id);
  if (!Object.hasOwn(levelsOf, type)) throw notFound(`Object type ${type} does not exist.`);
  if (!exists) throw notFound(`${objectTypes[type]} ${id} does not exist.`);
  return { type, id, creator: repos.get(id)?.creator ?? repos.user };
}

/** Where a Git folder's creator gets no permission of its own, all comes from the folder above. */
function handedDown({ doubts }: PermissionsContext, { type }: Holder, answer: Record<string, unknown>) {
  if (type !== "repos" || doubts.repoCreatorPermission === "direct") return answer;
  const list = answer.access_control_list as { all_permissions: { inherited: boolean }[] }[];
  for (const { all_permissions } of list) for (const permission of all_permissions) permission.inherited = true;
  return answer;
}

/** The handlers of the Permissions API. */
export function permissionsHandlers(context: PermissionsContext): HttpHandler[] {
  const { lists } = context.permissions;
  const path = "/api/2.0/permissions/:type/:id";
  const withHolder = (change: (holder: Holder, call: Call) => void): Answer => (call) => {
    const holder = find(context, call);
    change(holder, call);
    return handedDown(context, holder, answer(holder, lists.get(holder)));
  };
  const levels: Answer = (call) => {
    const { type } = find(context, call);
    const all = levelsOf[type] ?? [];
    return { permission_levels: all.map((permission_level) => ({ permission_level, description: permission_level })) };
  };
  return [
    endpoint("get", `${path}/permissionLevels`, levels),
    endpoint("get", path, withHolder(() => {})),
    endpoint("put", path, withHolder((holder, { body }) => lists.set(holder, readList(body)))),
    endpoint("patch", path, withHolder((holder, { body }) => lists.merge(holder, readList(body)))),
  ];
}
