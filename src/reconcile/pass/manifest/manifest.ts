/**
 * Reads an object's manifest and the Secret that it references; errors in either are reported to its author.
 *
 * @module
 */
import { isDeeperThan, own } from "../../../base/json.ts";
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Runs, SecretReference, SpecIssue } from "../../../resource.ts";
import type { WorkspaceConnection } from "../../connect/workspace_connection.ts";
import { BlockedError } from "../../object/outcome.ts";
import { hashOf } from "../../plan/fields.ts";
import { issuesOf } from "../../plan/spec_issues.ts";
import type { Managed, Pass } from "../pass.ts";
import { decodeData, decodeTexts, type Secrets } from "../../connect/secrets.ts";
import { ownershipOf } from "../../object/status.ts";
import type { References } from "../../object/references.ts";
import { resolve, withIdsOfBefore } from "./refer.ts";
import { MAX_LEVELS } from "./unknown_fields.ts";
import { sourceOf, type Values } from "./write_only.ts";

/** The objects that manifests refer to. */
export interface Holders {
  readonly secrets: Secrets;
  readonly configMaps: Secrets;
  readonly references?: References;
}

/**
 * Reads a manifest for a pass.
 *
 * @throws {BlockedError} that names the field and the remedy.
 */
export async function readManifest(
  pass: Pass,
  connection: WorkspaceConnection,
  holders: Holders,
  user: string,
): Promise<Managed> {
  const { secrets, configMaps, references } = holders;
  const { resource } = pass;
  const isOwned = ownershipOf(pass.object) === "operator";
  const named = readSpec(pass);
  const { host } = connection.workspace;
  const spec = references === undefined || !isOwned ? named : resolve(pass, named, { references, host });
  if (isOwned) refuse(resource.validate?.(spec) ?? []);
  const reference = isOwned ? resource.reference?.(spec) : undefined;
  const isConfigMap = reference?.kind === "ConfigMap";
  if (reference === undefined || isConfigMap) secrets.release(user);
  if (!isConfigMap) configMaps.release(user);
  const values = reference && await readValues(pass, reference, isConfigMap ? configMaps : secrets, user);
  const text = values && isConfigMap ? textOf(values) : undefined;
  const filled = text === undefined ? undefined : resource.fill?.(spec, text);
  const read = filled === undefined ? { spec, values } : { spec: filled, values: undefined };
  const inputs = inputsOf(pass.status.references, filled && text);
  return { ...read, connection, intent: intentOf(pass, read.spec, connection, read.values), inputs };
}

/** Identifies the values that a manifest only names; `undefined` if it names none. */
function inputsOf(references: Readonly<Record<string, string>> = {}, text: string | undefined): string | undefined {
  if (Object.keys(references).length === 0 && text === undefined) return undefined;
  return hashOf([references, text ?? null]);
}

/** Reads a manifest as far as possible without its Secret: for a deletion. */
export function readWithoutValues(pass: Pass, connection: WorkspaceConnection): Managed {
  const spec = withIdsOfBefore(pass, readSpec(pass));
  return { spec, connection, values: undefined, intent: intentOf(pass, spec, connection) };
}

/** The same; `undefined` if the manifest cannot be read any more. */
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
  values?: Values,
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
  // A spec that Databricks determines is not refused.
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

async function readValues(pass: Pass, reference: SecretReference, holders: Secrets, user: string): Promise<Values> {
  const { kind = "Secret", field } = reference;
  const name = `${kind} "${pass.namespace}/${reference.name}"`;
  const holder = await holders.get(user, pass.namespace, reference.name);
  if (holder === undefined) throw new BlockedError(`${kind}Missing`, `${field}: ${name} does not exist: create it`);
  return { kind, field, source: sourceOf(holder), values: pick(holder, reference, name) };
}

function pick(holder: KubeObject, reference: SecretReference, name: string): Record<string, Uint8Array> {
  const { kind = "Secret", key, field, isBinary = false } = reference;
  const data = kind === "Secret" ? decodeData(holder) : decodeTexts(holder);
  if (key === undefined) return data;
  const value = own(data, key);
  if (value === undefined || (value.length === 0 && !isBinary)) {
    throw new BlockedError(`${kind}Invalid`, `${field}: ${name} has no key "${key}": add it`);
  }
  if (!isBinary && decoded(value) === undefined) {
    throw new BlockedError(`${kind}Invalid`, `${field}: key "${key}" of ${name} is not UTF-8 text`);
  }
  return { [key]: value };
}

/** The only value, as text; `undefined` if it is not text. */
function textOf({ values }: Values): string | undefined {
  const [value, ...others] = Object.values(values);
  return value === undefined || others.length > 0 ? undefined : decoded(value);
}

function decoded(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/** The hash of the run that a manifest requests; `undefined` if it requests none. */
export function requestOf({ requested }: Runs, spec: Record<string, unknown>): string | undefined {
  const run = requested(spec);
  return run === undefined ? undefined : hashOf(run);
}
