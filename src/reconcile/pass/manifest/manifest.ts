/**
 * Reads an object's manifest and the Secret that it references; errors in either are reported to its author.
 *
 * @module
 */
import { isDeeperThan } from "../../../base/json.ts";
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Runs, SecretReference, SpecIssue } from "../../../resource.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { BlockedError } from "../../object/outcome.ts";
import { hashOf } from "../../plan/fields.ts";
import { issuesOf } from "../../plan/spec_issues.ts";
import type { Managed, Pass } from "../pass.ts";
import { decodeData, type Secrets } from "../../connect/secrets.ts";
import { ownershipOf } from "../../object/status.ts";
import type { References } from "../../object/references.ts";
import { resolve, withoutReferences } from "./refer.ts";
import { MAX_LEVELS } from "./unknown_fields.ts";
import { sourceOf, type Values } from "./write_only.ts";

/**
 * Reads a manifest for a pass.
 *
 * @throws {BlockedError} that names the field and the way out.
 */
export async function readManifest(
  pass: Pass,
  connection: WorkspaceConnection,
  secrets: Secrets,
  user: string,
  references?: References,
): Promise<Managed> {
  const { resource } = pass;
  const isOwned = ownershipOf(pass.object) === "operator";
  const named = readSpec(pass);
  const { host } = connection.workspace;
  const spec = references === undefined || !isOwned ? named : resolve(pass, named, { references, host });
  if (isOwned) refuse(resource.validate?.(spec) ?? []);
  const reference = isOwned ? resource.reference?.(spec) : undefined;
  if (reference === undefined) secrets.release(user);
  const values = reference === undefined ? undefined : await readValues(pass, reference, secrets, user);
  return { spec, connection, values, intent: intentOf(pass, spec, connection, values) };
}

/** Reads a manifest as far as it goes without its Secret: for a deletion. */
export function readWithoutValues(pass: Pass, connection: WorkspaceConnection): Managed {
  const spec = withoutReferences(pass, readSpec(pass));
  return { spec, connection, values: undefined, intent: intentOf(pass, spec, connection, undefined) };
}

/** The same; `undefined` when the manifest cannot be read any more. */
export function readIfReadable(pass: Pass, connection: WorkspaceConnection): Managed | undefined {
  try {
    return readWithoutValues(pass, connection);
  } catch (error) {
    if (error instanceof BlockedError) return undefined;
    throw error;
  }
}

function intentOf(
  pass: Pass,
  spec: Record<string, unknown>,
  connection: WorkspaceConnection,
  values: Values | undefined,
) {
  const desired = pass.resource.desired(spec, { name: pass.name, namespace: pass.namespace });
  return {
    desired: { ...pass.status.baseline?.kept, ...desired },
    owner: pass.owner(connection.settings.ownershipTag),
    values: values?.values ?? {},
    changes: [],
  };
}

function readSpec(pass: Pass): Record<string, unknown> {
  if (isDeeperThan(pass.object.spec ?? {}, MAX_LEVELS)) {
    refuse([{ path: "spec", message: `is nested deeper than ${MAX_LEVELS} levels: nothing in Databricks is` }]);
  }
  // What Databricks wrote is not for us to refuse.
  if (ownershipOf(pass.object) === "api") return (pass.object.spec ?? {}) as Record<string, unknown>;
  const parsed = pass.resource.spec.safeParse(pass.object.spec ?? {});
  if (!parsed.success) refuse(issuesOf(parsed.error));
  return parsed.data as Record<string, unknown>;
}

function refuse(issues: readonly SpecIssue[]): void {
  if (issues.length === 0) return;
  const shown = issues.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : "";
  throw new BlockedError("InvalidSpec", shown.join("; ") + more);
}

async function readValues(pass: Pass, reference: SecretReference, secrets: Secrets, user: string): Promise<Values> {
  const name = `Secret "${pass.namespace}/${reference.name}"`;
  const secret = await secrets.get(user, pass.namespace, reference.name);
  if (secret === undefined) {
    throw new BlockedError("SecretMissing", `${reference.field}: ${name} does not exist: create it`);
  }
  return { source: sourceOf(secret), values: pick(secret, reference, name) };
}

function pick(secret: KubeObject, { key, field }: SecretReference, name: string): Record<string, Uint8Array> {
  const data = decodeData(secret);
  if (key === undefined) return data;
  const value = data[key];
  if (value === undefined || value.length === 0) {
    throw new BlockedError("SecretInvalid", `${field}: ${name} has no key "${key}": add it`);
  }
  if (!isText(value)) throw new BlockedError("SecretInvalid", `${field}: key "${key}" of ${name} is not UTF-8 text`);
  return { [key]: value };
}

function isText(value: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(value);
    return true;
  } catch {
    return false;
  }
}

/** The hash of the run that a manifest asks for; `undefined` when it asks for none. */
export function requestOf({ requested }: Runs, spec: Record<string, unknown>): string | undefined {
  const run = requested(spec);
  return run === undefined ? undefined : hashOf(run);
}
