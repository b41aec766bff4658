/**
 * One object of each kind, from the examples in its declaration.
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
 * Returns an example of each kind, in the order of the registry, and the Secrets that they name; the workspace gets
 * their prerequisites.
 *
 * @param name the name of each object.
 * @param at the index of the example: 0 for the first, -1 for the last.
 */
export async function oneOfEach(workspace: MockWorkspace, name: string, at = 0): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const { kind, examples, reference, spec } of resources) {
    // To mark one object as managed by nobody, the mock forgets the managed objects of its type.
    const example = examples.at(at)?.needs?.object === undefined ? examples.at(at) : examples[0];
    if (example === undefined) throw new Error(`${kind} has no example`);
    const { scope, ...needs } = example.needs ?? {};
    const isMade = scope === undefined || JSON.stringify(databricksSecretScope.examples.at(at)?.spec).includes(scope);
    await prepare(workspace, isMade ? { ...example, needs } : example);
    const named = reference?.(example.spec)?.name;
    if (named !== undefined) objects.push(secret(named, example.secret ?? {}));
    // If a manifest names an object, any id will do.
    objects.push(manifest(kind, name, withIds(spec, example.spec, () => "4711")));
  }
  return objects;
}
