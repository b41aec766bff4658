/**
 * The user of the operator's token, who is the creator of the operator's resources.
 *
 * @module
 */
import { endpoint, type Workspace } from "../resource.ts";
import { UnavailableError } from "./errors.ts";

const me = endpoint("GET /api/2.0/preview/scim/v2/Me");

/** The user name of the caller; of a service principal, its application id. */
export async function currentUser(workspace: Workspace): Promise<string> {
  return String((await workspace.call(me)).userName ?? "");
}

/**
 * {@link currentUser}, for callers that cannot continue without it.
 *
 * @throws {UnavailableError} when the answer names no user.
 */
export async function knownUser(workspace: Workspace): Promise<string> {
  const user = await currentUser(workspace);
  if (user !== "") return user;
  throw new UnavailableError({
    endpoint: `${me.method} ${me.path}`,
    status: 200,
    code: "",
    message: "the answer names no user",
    host: new URL(workspace.host).host,
  });
}

/** True when two names are the same principal; Databricks does not preserve the case of user names. */
export function isSameUser(one: unknown, other: string | undefined): boolean {
  return typeof one === "string" && other !== undefined && other !== "" && one.toLowerCase() === other.toLowerCase();
}
