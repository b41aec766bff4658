/**
 * Prints the CustomResourceDefinitions: `databricks-kube-operator crdgen | kubectl apply -f -`.
 *
 * @module
 */
import { stringify } from "yaml";
import { connectionKind } from "../connection.ts";
import { type CrdSource, toCrd } from "../generate/crd.ts";
import { resourcesNamed } from "./kinds.ts";

/**
 * The CustomResourceDefinition of one kind as YAML. The same declaration gives the same text.
 */
export function crdYaml(resource: CrdSource): string {
  // Without aliases, which YAML writes for schemas that occur twice and kubectl cannot always read; unfolded, so that a
  // changed word changes one line.
  return stringify(toCrd(resource), { aliasDuplicateObjects: false, lineWidth: 0 });
}

/**
 * The CustomResourceDefinitions of all kinds, as one multi-document YAML text in the registry's order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { crdgen } from "./crdgen.ts";
 *
 * assert.equal(crdgen([]), "");
 * ```
 */
export function crdgen(resources: readonly CrdSource[]): string {
  return resources.map(crdYaml).join("---\n");
}

/**
 * Prints the CRDs of the connection kind and of the named kinds, and returns the exit code.
 *
 * @throws when a word of the list names no kind.
 */
// deno-lint-ignore require-await -- an error is a rejection, as of the other commands
export async function crdgenOf(kinds: string | undefined): Promise<number> {
  console.log(crdgen([connectionKind, ...resourcesNamed(kinds)]).trimEnd());
  return 0;
}
