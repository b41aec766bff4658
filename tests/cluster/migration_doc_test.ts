/** Runs docs/migration.md literally, with objects that the predecessor left. */
import assert from "node:assert/strict";
import { masked, runSteps, type Step, stepsOf } from "../support/documents.ts";
import { clusterTest } from "../support/harness.ts";
import { FINALIZERS, leaveObjects, objectsLeft } from "../support/predecessor.ts";
import { serve } from "../../mock/databricks/serve.ts";

clusterTest("every command of docs/migration.md works as shown, and writes nothing", async (world) => {
  const { workspace, namespace } = world;
  await using served = await serve(workspace);
  await leaveObjects(world, served.url);

  const folder = await Deno.makeTempDir({ prefix: "migration-" });
  const kubeconfig = `${folder}/kubeconfig`;
  await Deno.copyFile(world.kubeconfig, kubeconfig);
  await world.kubectl(["--kubeconfig", kubeconfig, "config", "set-context", "--current", `--namespace=${namespace}`]);
  const page = (await Deno.readTextFile("docs/migration.md")).replaceAll("before.yaml", `${folder}/before.yaml`)
    .replaceAll(/\bdefault(?=\/)/g, namespace);
  let compared = 0;
  await runSteps(stepsOf(page).map(inTest), {
    env: { KUBECONFIG: kubeconfig },
    onOutput: ({ commands, output }, actual) => {
      if (/BEFORE/.test(commands)) assert.match(actual, /^etl +(\d+) +\1$/m, "it still has its job");
      if (output === undefined) return;
      assert.equal(masked(actual), masked(output), commands);
      compared++;
    },
  });
  assert.equal(compared, 4);
  assert.deepEqual(workspace.ledger.writes(), []);
  for (const object of await objectsLeft(world)) assert.deepEqual(object?.finalizers, FINALIZERS);
  await Deno.remove(folder, { recursive: true });
}, { start: false, settings: null, needs: ["kubectl"] });

/** There is no Helm here, no workload and no pod: a step that stops the operator ends its process instead. */
function inTest(step: Step): Step {
  if (step.notRun !== undefined) assert.match(step.commands, /^(kubectl scale|helm (upgrade|rollback))/);
  if (step.notRun !== "stop") return step;
  const { notRun: _stopped, ...rest } = step;
  return { ...rest, commands: "kill $(jobs -p)\nwait\n" };
}
