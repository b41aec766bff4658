/**
 * Every managed resource of a cluster, for commands that go through all of them.
 *
 * @module
 */
import { type KubeClient, KubeError, type KubeObject, type ResourcePath } from "../kubernetes/client.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { resources } from "../resources/mod.ts";

/** The size of a page of a list (objects). */
const PAGE = 500;

/** All objects of all kinds in some namespaces, with their kinds in the registry's order. */
export async function* allObjects(
  client: KubeClient,
  namespaces: readonly string[] | "all",
): AsyncGenerator<[Resource, KubeObject]> {
  for (const resource of resources) {
    for (const namespace of namespaces === "all" ? [undefined] : namespaces) {
      for await (const object of objectsOfKind(client, resource, namespace)) yield [resource, object];
    }
  }
}

/** The objects of a kind, in one namespace or in all; none where its CRD is not installed. */
export async function* objectsOfKind(
  client: KubeClient,
  { plural }: Pick<Resource, "plural">,
  namespace: string | undefined,
): AsyncGenerator<KubeObject> {
  const path: ResourcePath = { group: GROUP, version: VERSION, plural, namespace };
  try {
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const { items, metadata } = await client.list(path, { limit: PAGE, ...token && { continue: token } });
      yield* items;
      token = metadata.continue || undefined;
    }
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
  }
}
