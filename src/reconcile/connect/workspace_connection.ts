/**
 * The connection of a place, or the reason why there is none.
 *
 * @module
 */
import type { WorkspaceClient } from "../../databricks/workspace.ts";
import type { FailureReason } from "../object/reasons.ts";
import type { Place } from "../object/place.ts";
import type { Settings } from "./settings.ts";

/** A place's connection to its workspace. */
export interface WorkspaceConnection {
  readonly place: Place;
  readonly namespace: string;
  readonly settings: Settings;
  readonly workspace: WorkspaceClient;
  /** The identity that acts in the workspace, for the log: see {@link nameOfPrincipal}. */
  readonly principal?: string;
}

/** The fields of a status that show the connection. */
interface Shown {
  connection?: string;
  principal?: string;
}

/** The reason why there is no connection. */
export interface Blocked {
  readonly reason: FailureReason & `${"Settings" | "Credentials"}${string}`;
  /** Names the object, the key and the way out. */
  readonly message: string;
}

/** Shows in an object's status which connection it uses, and as whom the operator signs in. */
export function showConnection(status: Shown, shown: Shown): void {
  delete status.connection;
  delete status.principal;
  Object.assign(status, shown);
}

/** True when a state is a connection. */
export function isConnected(state: WorkspaceConnection | Blocked): state is WorkspaceConnection {
  return "workspace" in state;
}

/**
 * A message that names the Secret of a connection where the layers below, which do not know it, say "the API Secret".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { namingSecret } from "./workspace_connection.ts";
 *
 * const blocked = { reason: "CredentialsMissing", message: "" } as const;
 * assert.equal(namingSecret("put a token into the API Secret", blocked), "put a token into the API Secret");
 * ```
 */
export function namingSecret(message: string, state: WorkspaceConnection | Blocked): string {
  const name = isConnected(state) ? state.settings.apiSecretName : undefined;
  if (!isConnected(state) || name === undefined) return message;
  return message.replaceAll("the API Secret", `Secret "${state.namespace}/${name}"`);
}
