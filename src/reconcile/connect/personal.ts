/**
 * A person's own sign-in: the keys of a profile or of environment variables, for settings that name no workspace.
 *
 * @module
 */
import { CredentialsError } from "../../databricks/auth.ts";

/** Keys that change the route of requests. */
const WAYS = ["ca.crt", "proxy"];

/** The credentials of the person at this machine, for settings that name neither a Secret nor a workspace. */
export function personalKeys(
  data: Readonly<Record<string, string>>,
  profile: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  const isNamed = data.api_secret_name?.trim() || (data.host ?? data.databricks_url) !== undefined;
  return isNamed ? undefined : profile;
}

/**
 * Refuses settings that would reroute a person's own sign-in: whoever wrote them could read it.
 *
 * @throws {CredentialsError}
 */
export function checkBesidePersonal(data: Readonly<Record<string, string>>): void {
  const key = WAYS.find((one) => data[one] !== undefined);
  if (key === undefined) return;
  throw new CredentialsError(
    `key "${key}" may not stand beside your own sign-in: remove it, or name a host or a Secret; for yourself set ` +
      "HTTPS_PROXY or DENO_CERT",
  );
}

/** Keys in the encoding of a Secret. */
export function encoded(keys: Readonly<Record<string, string>> = {}): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(keys).map(([key, text]) => [key, new TextEncoder().encode(text)]));
}
