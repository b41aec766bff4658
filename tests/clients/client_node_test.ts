/** @kubernetes/client-node uses the embedded Kubernetes API: its typed clients, its watch, its informer. */
import assert from "node:assert/strict";
import { ApiException, CoreV1Api, KubeConfig, makeInformer, Watch } from "@kubernetes/client-node";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { eventually } from "../support/waiting.ts";

const namespace = "default";

function judge(name: string, test: (config: KubeConfig, core: CoreV1Api) => Promise<void>): void {
  Deno.test({
    name: `TypeScript: @kubernetes/client-node: ${name}`,
    // Its HTTP agents keep connections open that nothing can close.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using served = await serveKubernetes();
      const config = new KubeConfig();
      config.loadFromString(served.kubeconfig);
      await test(config, config.makeApiClient(CoreV1Api));
    },
  });
}

judge("its typed client creates, replaces with a version, and deletes", async (_, core) => {
  const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "a" }, data: { a: "1" } } });
  await core.replaceNamespacedConfigMap({ namespace, name: "a", body: { ...made, data: { a: "2" } } });
  await assert.rejects(
    core.replaceNamespacedConfigMap({ namespace, name: "a", body: made }),
    (error) => error instanceof ApiException && error.code === 409,
  );
  await core.deleteNamespacedConfigMap({ namespace, name: "a" });
  const { items } = await core.listNamespacedConfigMap({ namespace, fieldSelector: "metadata.name=a" });
  assert.deepEqual(items, []);
});

judge("its watch returns changes in order", async (config, core) => {
  const seen: string[] = [];
  const controller = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/secrets`,
    {},
    (type) => void seen.push(type),
    () => {},
  );
  await core.createNamespacedSecret({ namespace, body: { metadata: { name: "s" }, stringData: { a: "1" } } });
  await core.deleteNamespacedSecret({ namespace, name: "s" });
  await eventually("both are seen", () => Promise.resolve(seen.length >= 2));
  assert.deepEqual(seen, ["ADDED", "DELETED"]);
  controller.abort();
});

judge("its informer lists, follows, and keeps a copy", async (config, core) => {
  const informer = makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace }),
  );
  const seen: string[] = [];
  for (const verb of ["add", "update", "delete"] as const) {
    informer.on(verb, ({ metadata }) => void (metadata?.name === "b" && seen.push(verb)));
  }
  await informer.start();
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "b" } } });
  await eventually("it is in the copy", () => Promise.resolve(informer.get("b", namespace) !== undefined));
  await core.deleteNamespacedConfigMap({ namespace, name: "b" });
  await eventually("it is gone from the copy", () => Promise.resolve(informer.get("b", namespace) === undefined));
  assert.deepEqual([seen[0], seen.at(-1)], ["add", "delete"]);
  await informer.stop();
});
