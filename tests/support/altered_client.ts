/**
 * A Kubernetes client some of whose calls a test answers itself.
 *
 * @module
 */
import type { KubeClient } from "../../src/kubernetes/client.ts";

/** The calls that can be altered. */
export type Alterations = Partial<Pick<KubeClient, "list" | "watch" | "get" | "create" | "patch">>;

/** The same client with other calls, also behind a fence. `alter` is given the client to which calls can be passed on. */
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
