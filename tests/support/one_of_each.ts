/**
 * One object of each kind, as its declaration shows it.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { withIds } from "../../src/reconcile/plan/references.ts";
import { databricksSecretScope } from "../../src/resources/databricks_secret_scope.ts";
import { resources } from "../../src/resources/mod.ts";
import { prepare } from "./needs.ts";
import { manifest, secret } from "./objects.ts";

/**
 * An example of each kind, by the order of the registry, and the Secrets that they name; the workspace gets what they
 * need.
 *
 * @param name the name of each object.
 * @param at the number of the example: 0 for the first, -1 for the last.
 */
export async function oneOfEach(workspace: MockWorkspace, name: string, at = 0): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const { kind, examples, reference, spec } of resources) {
    // To know one object that nobody manages, the mock forgets those of its type that are managed.
    const example = examples.at(at)?.needs?.object === undefined ? examples.at(at) : examples[0];
    if (example === undefined) throw new Error(`${kind} has no example`);
    const { scope, ...needs } = example.needs ?? {};
    const isMade = scope === undefined || JSON.stringify(databricksSecretScope.examples.at(at)?.spec).includes(scope);
    await prepare(workspace, isMade ? { ...example, needs } : example);
    const named = reference?.(example.spec)?.name;
    if (named !== undefined) objects.push(secret(named, example.secret ?? {}));
    // Any id will do where a manifest names an object.
    objects.push(manifest(kind, name, withIds(spec, example.spec, () => "4711")));
  }
  return objects;
}
