/** deploy/ equals the chart's output. */
import assert from "node:assert/strict";
import { staleDeploy } from "../../tools/generate_deploy.ts";
import { helmTest } from "./helm.ts";

helmTest("deploy/ is up to date with deno task generate:deploy", async () => {
  assert.deepEqual(await staleDeploy(Deno.env.get("HELM_BINARY") ?? ""), []);
});
