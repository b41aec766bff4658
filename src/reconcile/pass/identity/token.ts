/**
 * Tokens that make a create happen only once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Managed, Pass } from "../pass.ts";

/**
 * The token of an object's create. It needs no status: with a status that was replaced or never written, the token is
 * the same, and so is the resource.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tokenOf } from "./token.ts";
 *
 * assert.equal(tokenOf("uid-1"), tokenOf("uid-1"));
 * assert.match(tokenOf("uid-1"), /^[0-9a-f]{40}$/);
 * ```
 */
export function tokenOf(uid: string): string {
  return createHash("sha256").update(`once ${uid}`).digest("hex").slice(0, 40);
}

/** True for a create that happens once and takes no token. */
export function isTokenless({ resource }: Pass, { intent: { desired } }: Managed): boolean {
  return resource.once?.tokenless?.is(desired) === true;
}

/** True while a possible create can be repeated with its token: Databricks still knows it. */
export function isTokenKnown(pass: Pass, managed: Managed, now: number): boolean {
  const { resource, status, object } = pass;
  if (resource.once === undefined) return false;
  // A refused create made nothing.
  if (status.pending === undefined && status.create_refused === true) return true;
  if (isTokenless(pass, managed)) return false;
  // Without a status, the first attempt may have been as early as the object itself.
  const since = status.pending?.since ?? object.metadata.creationTimestamp ?? "";
  return now - Date.parse(since) < resource.once.tokenMs;
}
