/**
 * Deletion in a namespace that is being deleted, after its credentials are gone. They cannot be created again there, so
 * an object that waited for them would block the namespace forever.
 *
 * @module
 */
import type { KubeClient } from "../../../kubernetes/client.ts";
import { isNamespaceEnding } from "./surroundings.ts";
import { CredentialsError } from "../../../databricks/auth.ts";
import { UnauthenticatedError } from "../../../databricks/errors.ts";
import { causeOf } from "../../object/attempt.ts";
import { BlockedError } from "../../object/outcome.ts";
import { after, type Next } from "../next.ts";
import type { Pass } from "../pass.ts";

/** The interval at which credentials are searched for (ms). */
const RETRY = 1000;

/** Options of {@link withoutCredentials}. */
interface WithoutCredentialsOptions {
  /** How long to wait for credentials. */
  readonly waitMs: number;
  readonly client: Pick<KubeClient, "get">;
}

/**
 * Handles a deletion that failed without credentials in a namespace that is being deleted: returns the time to wait for
 * them (ms), or `"abandon"` to release the object.
 *
 * @throws the error itself, if it is a different one or the namespace is not being deleted.
 */
export async function withoutCredentials(
  pass: Pass,
  thrown: unknown,
  { waitMs, client }: WithoutCredentialsOptions,
): Promise<Next | "abandon"> {
  const error = causeOf(thrown);
  const isBlocked = error instanceof BlockedError && ["CredentialsMissing", "WorkspaceChanged"].includes(error.reason);
  if (!isBlocked && !(error instanceof UnauthenticatedError || error instanceof CredentialsError)) throw thrown;
  if (!await isNamespaceEnding(client, pass.namespace)) throw thrown;
  if (waitMs <= 0) return "abandon";
  const message = `Namespace "${pass.namespace}" is being deleted: waiting for the credentials to delete ${pass.label}`;
  pass.setReconciling("Deleting", message);
  // The earlier message may advise to create an object that Kubernetes refuses here.
  pass.set({ type: "Synced", status: "False", reason: "CredentialsMissing", message });
  return after(Math.min(waitMs, RETRY));
}

/** The message about the resource that stays in Databricks when an object is abandoned. */
export function leftBehind({ status, externalLabel, label, namespace }: Pass): string {
  const what = status.id === undefined ? `what was made for ${label}, if anything,` : externalLabel;
  const workspace = status.workspace ?? status.pending?.workspace;
  const where = workspace === undefined ? "" : ` in workspace "${workspace}"`;
  return `Left ${what} behind${where}: namespace "${namespace}" is being deleted, and no credentials that work are known; ` +
    `delete it there by hand`;
}
