/**
 * The address to serve on.
 *
 * @module
 */

/**
 * Reads `host:port`.
 *
 * @throws {TypeError} that names the error.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseAddress } from "./server_address.ts";
 *
 * assert.deepEqual(parseAddress(":8080"), { hostname: "0.0.0.0", port: 8080 });
 * assert.deepEqual(parseAddress("[::1]:0"), { hostname: "::1", port: 0 });
 * assert.throws(() => parseAddress("8080"), /host:port/);
 * ```
 */
export function parseAddress(address: string): { hostname: string; port: number } {
  const [, hostname = "", digits = ""] = address.match(/^(\[[0-9a-fA-F:.]+\]|[^:]*):(\d{1,5})$/) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65535) throw new TypeError(`"${address}" is no host:port, such as 0.0.0.0:8080`);
  return { hostname: hostname === "" ? "0.0.0.0" : hostname.replace(/^\[|\]$/g, ""), port };
}
