/**
 * Tests every behaviour on the embedded API, and on a real one if `TEST_KUBECONFIG` names it.
 *
 * @module
 */
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { cases } from "./cases/all.ts";
import { Target } from "./target.ts";
import { World } from "./world.ts";

const real = Deno.env.get("TEST_KUBECONFIG");

Deno.test(`the embedded Kubernetes API has ${cases.length} behaviours of the real one`, async (test) => {
  await using served = await serveKubernetes();
  served.api.compact();
  await tryAll(test, new Target("embedded", served.kubeconfig));
});

Deno.test({
  name: `the real Kubernetes API has the same ${cases.length} behaviours${real ? "" : " (needs TEST_KUBECONFIG)"}`,
  ignore: real === undefined,
  fn: async (test) => await tryAll(test, new Target("real", await Deno.readTextFile(real!))),
});

async function tryAll(test: Deno.TestContext, target: Target): Promise<void> {
  using _ = target;
  await using world = await World.on(target);
  for (const { name, run } of cases) await test.step(name, () => run(world));
}
