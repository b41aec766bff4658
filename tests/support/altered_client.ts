/**
 * A Kubernetes client with some calls replaced by a test.
 *
 * @module
 */
import type { KubeClient } from "../../src/kubernetes/client.ts";

/** The calls that can be replaced. */
export type Alterations = Partial<Pick<KubeClient, "list" | "watch" | "get" | "create" | "patch">>;

/**
 * Returns the client with some calls replaced, also behind a fence. `alter` gets the original client to pass calls on
 * to.
 */
export function altered(client: KubeClient, alter: (client: KubeClient) => Alterations): KubeClient {
  const fenced: KubeClient["fenced"] = (fence) => altered(client.fenced(fence), alter);
  const own: Record<string, unknown> = { ...alter(client), fenced };
  return new Proxy(client, {
    get(target, name) {
      const value = own[name as string] ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
