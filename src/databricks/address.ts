/**
 * Checks the addresses of workspaces. The author of an API Secret chooses where the operator sends requests, and must
 * not direct it to the machine's own services, or to a cloud's metadata service, which hands out credentials.
 *
 * Caveat: the check is on the name as written, not on the address that it resolves to.
 *
 * @module
 */

/** The host names and addresses that need care. */
export type Special = "loopback" | "link-local" | "metadata" | undefined;

/** Names and addresses where clouds hand out credentials, besides the link-local 169.254.169.254. */
const METADATA = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  // Alibaba Cloud, Oracle Cloud, Azure's wire server, and AWS over IPv6.
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "[fd00:ec2::254]",
]);

/**
 * Classifies a host, in the form of `URL.hostname`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { specialOf } from "./address.ts";
 *
 * assert.equal(specialOf(new URL("http://2130706433").hostname), "loopback");
 * assert.equal(specialOf("[::ffff:a9fe:a9fe]"), "link-local");
 * assert.equal(specialOf("adb-1.azuredatabricks.net"), undefined);
 * ```
 */
export function specialOf(hostname: string): Special {
  const host = mapped(hostname.toLowerCase().replace(/\.$/, ""));
  if (METADATA.has(host)) return "metadata";
  if (/^169\.254\.|^\[fe[89ab][0-9a-f]:/.test(host)) return "link-local";
  // 0.0.0.0 and [::] also reach the machine itself.
  if (/^(.*\.)?localhost$|^(127|0)(\.\d+){3}$|^\[::1?\]$/.test(host)) return "loopback";
}

/** The IPv4 address inside an IPv6 one, or inside its translation (NAT64): `[::ffff:a9fe:a9fe]` is 169.254.169.254. */
function mapped(host: string): string {
  const [, high, low] = host.match(/^\[(?:::(?:ffff:)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/) ?? [];
  if (high === undefined || low === undefined) return host;
  return [high, low].map((word) => parseInt(word, 16)).flatMap((word) => [word >> 8, word & 255]).join(".");
}
