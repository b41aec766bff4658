/**
 * Reads a workspace's address and credentials from the API Secret.
 *
 * @module
 */
import { specialOf } from "./address.ts";

/** A workspace's address and how to authenticate there. */
export interface Credentials {
  /** The workspace's origin. */
  readonly host: string;
  /** A personal access token. */
  readonly token: string;
  /** What is accepted but deserves a line in the log. */
  readonly warnings: readonly string[];
}

/** What is wrong with the API Secret; the message names the key and the way out. */
export class CredentialsError extends Error {
  override name = "CredentialsError";
}

/** What is allowed. */
export interface CredentialsOptions {
  /** A workspace on this machine, such as the mock; false without it. */
  readonly allowLoopback?: boolean;
}

/**
 * Reads `databricks_url` and `access_token`. The URL may end in `/api`, in `/` or in neither.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readCredentials } from "./auth.ts";
 *
 * const encode = (text: string) => new TextEncoder().encode(text);
 * const secret = { databricks_url: encode("https://adb-1.azuredatabricks.net/api"), access_token: encode("t\n") };
 * assert.equal(readCredentials(secret).host, "https://adb-1.azuredatabricks.net");
 * assert.equal(readCredentials(secret).token, "t");
 * ```
 *
 * @throws {CredentialsError}
 */
export function readCredentials(
  data: Readonly<Record<string, Uint8Array>>,
  { allowLoopback = false }: CredentialsOptions = {},
): Credentials {
  const token = text(data, "access_token");
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new CredentialsError(`key "access_token" holds characters that no token has: put the bare token there`);
  }
  const { host, warnings } = readUrl(text(data, "databricks_url"), allowLoopback);
  return { host, token, warnings };
}

function text(data: Readonly<Record<string, Uint8Array>>, key: string): string {
  const bytes = data[key];
  if (bytes === undefined) throw new CredentialsError(`key "${key}" is missing: add it`);
  try {
    const value = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
    if (value === "") throw new CredentialsError(`key "${key}" is empty: fill it in`);
    return value;
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    throw new CredentialsError(`key "${key}" is not UTF-8 text: encode the text itself with base64`);
  }
}

/** Reads the workspace's address. Errors here do not repeat the URL: with userinfo it would hold a password. */
export function readUrl(value: string, allowLoopback: boolean): { host: string; warnings: string[] } {
  if (!/^https?:\/\//i.test(value)) {
    throw new CredentialsError(`key "databricks_url" has no scheme: write it as https://<workspace>`);
  }
  if (!URL.canParse(value)) {
    throw new CredentialsError(`key "databricks_url" is not a URL: write it as https://<workspace>`);
  }
  const url = new URL(value);
  if (url.username !== "" || url.password !== "") {
    throw new CredentialsError(`key "databricks_url" holds a user or password before "@": remove it`);
  }
  if (!/^\/(api\/?)?$/.test(url.pathname) || url.search !== "" || url.hash !== "") {
    throw new CredentialsError(`key "databricks_url" has more than a host name: write it as https://${url.host}`);
  }
  const special = specialOf(url.hostname);
  if (special === "link-local") {
    throw new CredentialsError(`key "databricks_url" is a link-local address: name a Databricks workspace`);
  }
  if (special === "metadata") {
    throw new CredentialsError(`key "databricks_url" is a cloud's metadata service: name a Databricks workspace`);
  }
  if (special === "loopback" && !allowLoopback) {
    throw new CredentialsError(
      `key "databricks_url" is the operator's own machine: name a Databricks workspace, or run with --allow-loopback`,
    );
  }
  const plain = url.protocol === "http:" && special !== "loopback";
  return {
    host: url.origin,
    warnings: plain ? [`databricks_url "${url.origin}" is not https: the token travels unencrypted`] : [],
  };
}
