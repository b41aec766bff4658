/**
 * Selects the namespaces of a command.
 *
 * @module
 */

/** The command-line options that select namespaces. */
export interface NamespaceOptions {
  readonly watchNamespaces?: string;
  readonly allNamespaces?: boolean;
}

/**
 * The selected namespaces; by default the operator's own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { namespacesOf } from "./namespaces.ts";
 *
 * assert.deepEqual(namespacesOf({ watchNamespaces: "a, b,a" }, "own"), ["a", "b"]);
 * assert.deepEqual(namespacesOf({}, "own"), ["own"]);
 * assert.equal(namespacesOf({ allNamespaces: true }, "own"), "all");
 * ```
 */
export function namespacesOf(options: NamespaceOptions, own: string): readonly string[] | "all" {
  if (options.allNamespaces) return "all";
  const named = options.watchNamespaces?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  return named.length > 0 ? [...new Set(named)] : [own];
}
