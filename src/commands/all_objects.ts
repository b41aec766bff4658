/**
 * Lists every object of the operator's kinds in a cluster, for commands that go through all of them.
 *
 * @module
 */
import { type KubeClient, KubeError, type KubeObject, type ResourcePath } from "../kubernetes/client.ts";
import { GROUP, VERSION } from "../resource.ts";

/** The size of a page of a list (objects). */
const PAGE = 500;

/** All objects of these kinds in some namespaces, each with its kind. */
export async function* allObjects<Kind extends { readonly plural: string }>(
  client: KubeClient,
  namespaces: readonly string[] | "all",
  kinds: readonly Kind[],
): AsyncGenerator<[Kind, KubeObject]> {
  for (const kind of kinds) {
    for (const namespace of namespaces === "all" ? [undefined] : namespaces) {
      for await (const object of objectsOfKind(client, kind, namespace)) yield [kind, object];
    }
  }
}

/** The objects of a kind, in one namespace or in all; none where its CRD is not installed. */
async function* objectsOfKind(
  client: KubeClient,
  { plural }: { readonly plural: string },
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
