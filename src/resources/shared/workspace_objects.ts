/**
 * Common rules of dashboards, queries and alerts: each is a file in a folder of the workspace, with a unique name
 * there.
 *
 * @module
 */
import { AlreadyExistsError } from "../../databricks/errors.ts";
import { isDuring, type Quirk, updateMask, type Workspace } from "../../resource.ts";
import { withoutWorkspace } from "./workspace_paths.ts";

/**
 * The refusal of a create in a folder that does not exist. @param field The manifest's: `spec.dashboard.parent_path`.
 */
export function folderMissing(field: string): Quirk {
  return {
    why: "databricks/cli's test server answers 404 \"Path (X) doesn't exist.\"",
    message: /(path|folder|directory|parent).*(doesn't|does not|not) (exist|found)/i,
    means: "parent",
    remedy:
      `create the folder, for example with a DatabricksDirectory, or correct ${field}; the operator tries again ` +
      "until it is there",
  };
}

/** The refusal of a name that is in use, which has several codes. */
export const nameTaken: Quirk = {
  why: "RESOURCE_ALREADY_EXISTS, ALREADY_EXISTS, or a 400 that says so",
  message: /already exists|conflicts with an existing/i,
  means: "taken",
};

/** The key of a file: its folder and its name. */
export function fileKey(parentPath: string, name: string): string {
  return `${withoutWorkspace(parentPath)}/${name}`;
}

/** A time of an answer (RFC 3339), in ms since the epoch; `undefined` for none. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** True for a resource that appeared (ms since the epoch) while a create was in progress. */
export function cameDuring(at: number | undefined, attempt: { readonly since?: number; readonly until?: number }) {
  return attempt.since !== undefined && at !== undefined && isDuring(at, attempt);
}

/** The creator of a query or an alert, which is its owner, and the time of creation (ms since the epoch). */
export function madeByOwner({ owner_user_name: by, create_time }: {
  readonly owner_user_name?: string | undefined;
  readonly create_time?: string | undefined;
}) {
  return { by, at: timeOf(create_time) };
}

/** The mask of an update, without the folder, which is not a field of it. */
export function maskWithoutFolder(changes: readonly string[]): string {
  return updateMask(changes.filter((path) => path !== "parent_path"));
}

/** The error for a name that is in use, if the API would create a second resource of that name. */
export function alreadyThere({ host }: Workspace, endpoint: { method: string; path: string }, message: string) {
  return new AlreadyExistsError({
    endpoint: `${endpoint.method} ${endpoint.path}`,
    status: 200,
    code: "RESOURCE_ALREADY_EXISTS",
    message,
    host: new URL(host).host,
  });
}
