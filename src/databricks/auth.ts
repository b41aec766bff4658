/**
 * Reads a workspace's address.
 *
 * @module
 */
import { specialOf } from "./address.ts";

/** An API Secret that cannot be used; the message names the key and the remedy. */
export class CredentialsError extends Error {
  override name = "CredentialsError";
}

/** The sign-in methods that the operator's flags permit. */
export interface CredentialsOptions {
  /** Permits a workspace on this machine, such as the mock; by default false. */
  readonly allowLoopback?: boolean;
}

/**
 * Reads the workspace's address, which may end with `/api`, `/`, or neither. Error messages here do not repeat the URL:
 * with userinfo it would hold a password.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readUrl } from "./auth.ts";
 *
 * assert.equal(readUrl("https://adb-1.azuredatabricks.net/api", false).host, "https://adb-1.azuredatabricks.net");
 * ```
 *
 * @throws {CredentialsError}
 */
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
