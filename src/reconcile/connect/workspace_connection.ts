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

/** The fields of a status that describe the connection. */
interface Shown {
  connection?: string;
  principal?: string;
}

/** The reason why there is no connection. */
export interface Blocked {
  readonly reason: FailureReason & `${"Settings" | "Credentials"}${string}`;
  /** Names the object, the key and the remedy. */
  readonly message: string;
}

/** Shows in an object's status which connection it uses, and which principal signs in. */
export function showConnection(status: Shown, shown: Shown): void {
  delete status.connection;
  delete status.principal;
  Object.assign(status, shown);
}

/** True if a state is a connection. */
export function isConnected(state: WorkspaceConnection | Blocked): state is WorkspaceConnection {
  return "workspace" in state;
}

/**
 * A message that names the Secret of a connection, in place of the "API Secret" of layers that do not know its name.
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
