/** deploy/ equals the chart's output. */
import assert from "node:assert/strict";
import { staleDeploy } from "../../tools/generate_deploy.ts";
import { helmTest } from "./helm.ts";

helmTest("deploy/ is what deno task generate:deploy writes", async () => {
  assert.deepEqual(await staleDeploy(Deno.env.get("HELM_BINARY") ?? ""), []);
});
