/**
 * Proxies that the environment names. The runtime uses them without a permission, so whoever sets such a variable sees
 * all unencrypted requests. This cannot be prevented, so it is logged.
 *
 * @module
 */

/** Variables that the runtime obeys, also in lower case. */
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/**
 * One line for each proxy, with its host but without its user and password.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeProxies } from "./proxies.ts";
 *
 * const variables: Record<string, string> = { HTTPS_PROXY: "http://user:secret@proxy.example:3128" };
 * assert.deepEqual(describeProxies((name) => variables[name]), [
 *   `HTTPS_PROXY is set: requests to Databricks and Kubernetes may go through the proxy "proxy.example:3128"`,
 * ]);
 * ```
 */
export function describeProxies(env: (name: string) => string | undefined): string[] {
  const except = (env("NO_PROXY") ?? env("no_proxy") ?? "").trim();
  return VARIABLES.flatMap((name) => [name, name.toLowerCase()]).flatMap((name) => {
    const value = env(name)?.trim();
    if (!value) return [];
    const exception = except === "" ? "" : `, except to ${except}`;
    return [`${name} is set: requests to Databricks and Kubernetes may go through ${describe(value)}${exception}`];
  });
}

function describe(value: string): string {
  const address = value.includes("://") ? value : `http://${value}`;
  return URL.canParse(address) && new URL(address).host !== ""
    ? `the proxy "${new URL(address).host}"`
    : "a proxy whose address is no URL";
}
