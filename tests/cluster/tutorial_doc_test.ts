/** Runs docs/tutorial.md literally: real processes, real HTTP, real kubectl. */
import assert from "node:assert/strict";
import { masked, runSteps, stepsOf } from "../support/documents.ts";
import { clusterTest } from "../support/harness.ts";
import { freePort } from "../support/ports.ts";

clusterTest("every command of docs/tutorial.md works as shown", async (world) => {
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.copyFile(world.kubeconfig, kubeconfig);
  const namespace = `--namespace=${world.namespace}`;
  await world.kubectl(["--kubeconfig", kubeconfig, "config", "set-context", "--current", namespace]);
  const page = (await Deno.readTextFile("docs/tutorial.md")).replaceAll("8099", String(freePort()));
  const steps = stepsOf(page);
  let compared = 0;
  await runSteps(steps, {
    env: { KUBECONFIG: kubeconfig },
    onOutput: ({ commands, output }, actual) => {
      if (output === undefined) return;
      assert.equal(masked(actual), masked(output), commands);
      compared++;
    },
  });
  assert.ok(compared >= 8, "most steps show a screen");
  await Deno.remove(kubeconfig);
}, { start: false, settings: null, needs: ["kubectl"] });
