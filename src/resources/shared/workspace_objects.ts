/**
 * Dashboards, queries and alerts: each is a file in a folder of the workspace, under a name that is there once.
 *
 * @module
 */
import { AlreadyExistsError } from "../../databricks/errors.ts";
import { isDuring, type Quirk, updateMask, type Workspace } from "../../resource.ts";
import { withoutWorkspace } from "./workspace_paths.ts";

/** The refusal of a create in a folder that is not there. @param field The manifest's: `spec.dashboard.parent_path`. */
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

/** The refusal of a name that is taken, which has more than one code. */
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

/** True for what came (ms since the epoch) while a create was under way. */
export function cameDuring(at: number | undefined, attempt: { readonly since?: number; readonly until?: number }) {
  return attempt.since !== undefined && at !== undefined && isDuring(at, attempt);
}

/** The owner of a query or an alert, who made it, and when (ms since the epoch). */
export function madeByOwner({ owner_user_name: by, create_time }: {
  readonly owner_user_name?: string | undefined;
  readonly create_time?: string | undefined;
}) {
  return { by, at: timeOf(create_time) };
}

/** The mask of an update, of which the folder is no field. */
export function maskWithoutFolder(changes: readonly string[]): string {
  return updateMask(changes.filter((path) => path !== "parent_path"));
}

/** The error for a name that is taken, where the API would make a second thing of that name. */
export function alreadyThere({ host }: Workspace, endpoint: { method: string; path: string }, message: string) {
  return new AlreadyExistsError({
    endpoint: `${endpoint.method} ${endpoint.path}`,
    status: 200,
    code: "RESOURCE_ALREADY_EXISTS",
    message,
    host: new URL(host).host,
  });
}
