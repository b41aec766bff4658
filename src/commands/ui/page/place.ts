/**
 * The page's address, which chooses the content of the panel.
 *
 * @module
 */

/** The list alone, or with an object or the repairs beside it. */
export interface Place {
  readonly view: "list" | "object" | "repairs";
  /** The key of the object; otherwise empty. */
  readonly key: string;
}

/**
 * Reads the fragment of an address.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hrefOf, placeOf } from "./place.ts";
 *
 * const key = "DatabricksJob/team/a b?#";
 * assert.deepEqual(placeOf(hrefOf(key)), { view: "object", key });
 * assert.deepEqual(placeOf("#/%"), { view: "list", key: "" });
 * ```
 */
export function placeOf(hash: string): Place {
  if (hash === "#/repairs") return { view: "repairs", key: "" };
  try {
    const key = hash.replace(/^#\//, "").split("/").map(decodeURIComponent).join("/");
    return { view: key.split("/").length === 3 ? "object" : "list", key: key.split("/").length === 3 ? key : "" };
  } catch {
    return { view: "list", key: "" };
  }
}

/** The fragment of the address that shows an object. */
export function hrefOf(key: string): string {
  return `#/${key.split("/").map(encodeURIComponent).join("/")}`;
}
