/**
 * Reads a person's credentials on this machine: the environment variables of the Databricks SDKs, and the profiles of
 * `~/.databrickscfg`.
 *
 * Names and precedence are those of the Go SDK (config/config.go) and the Python SDK (config.py 0.162.0): variables
 * come first; the file is read if a profile is named, or if the variables name neither a host nor a method.
 *
 * @module
 */
import { CredentialsError } from "../auth.ts";

/** Options of {@link readProfile}. */
export interface ProfileOptions {
  /** Reads an environment variable. */
  readonly environment: (name: string) => string | undefined;
  readonly readFile: (path: string) => Promise<string>;
  /** A profile; `true` for the file's default one. */
  readonly profile?: string | true | undefined;
}

/** A person's credentials, under the keys that a Secret would have. */
export interface Profile {
  readonly keys: Readonly<Record<string, string>>;
  /** Their source, for the log. */
  readonly from: string;
}

/** The variables of keys (Go SDK, config/config.go). */
const VARIABLES: Readonly<Record<string, string>> = {
  host: "DATABRICKS_HOST",
  token: "DATABRICKS_TOKEN",
  client_id: "DATABRICKS_CLIENT_ID",
  client_secret: "DATABRICKS_CLIENT_SECRET",
  auth_type: "DATABRICKS_AUTH_TYPE",
  audience: "DATABRICKS_TOKEN_AUDIENCE",
  workspace_id: "DATABRICKS_WORKSPACE_ID",
  azure_workspace_resource_id: "DATABRICKS_AZURE_RESOURCE_ID",
  azure_client_id: "ARM_CLIENT_ID",
  azure_client_secret: "ARM_CLIENT_SECRET",
  azure_tenant_id: "ARM_TENANT_ID",
  azure_use_msi: "ARM_USE_MSI",
};

/** The section that is not a profile, and the default one. */
const SETTINGS = "__settings__";
const DEFAULT = "DEFAULT";

/**
 * A person's credentials; `undefined` if no profile is named and no variable names a host or a profile.
 *
 * @throws {CredentialsError} when the profile cannot be read.
 */
export async function readProfile({ environment, readFile, profile }: ProfileOptions): Promise<Profile | undefined> {
  const keys = Object.fromEntries(
    Object.entries(VARIABLES).map(([key, name]) => [key, environment(name)?.trim()]).filter(([, value]) => value),
  ) as Record<string, string>;
  const asked = profile ?? environment("DATABRICKS_CONFIG_PROFILE")?.trim();
  if (!asked) return keys.host === undefined ? undefined : { keys, from: "the environment" };
  const home = environment("HOME") ?? environment("USERPROFILE") ?? "~";
  const path = (environment("DATABRICKS_CONFIG_FILE")?.trim() || "~/.databrickscfg").replace(/^~(?=\/)/, home);
  const sections = parseProfiles(await read(path, readFile));
  const name = asked === true ? sections.get(SETTINGS)?.default_profile ?? DEFAULT : asked;
  const found = name === SETTINGS ? undefined : sections.get(name);
  if (found === undefined) {
    const known = [...sections.keys()].filter((one) => one !== SETTINGS).map((one) => `"${one}"`).join(", ");
    throw new CredentialsError(
      `"${path}" has no profile "${name}": it has ${known || "none"}; choose one with --profile`,
    );
  }
  return { keys: { ...found, ...keys }, from: `profile "${name}" of "${path}"` };
}

async function read(path: string, readFile: ProfileOptions["readFile"]): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CredentialsError(`Cannot read "${path}": make it with databricks configure, or leave --profile out`, {
      cause,
    });
  }
}

/**
 * The sections of an INI file. A `#` or `;` begins a comment at the beginning of a line, and a `#` also after a space:
 * tokens and secrets may contain one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseProfiles } from "./profile.ts";
 *
 * const sections = parseProfiles("[dev]\nhost = https://x.example # ours\ntoken=dapi#1\n");
 * assert.deepEqual(sections.get("dev"), { host: "https://x.example", token: "dapi#1" });
 * ```
 */
export function parseProfiles(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$|^\s*;.*$/, "").trim())) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^=:\s]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections.set(name.trim(), section = sections.get(name.trim()) ?? {});
    else if (key !== undefined && value && section !== undefined) section[key] = value;
  }
  return sections;
}
