/** docs/migration.md, run as it stands there, with objects that the predecessor left. */
import assert from "node:assert/strict";
import { masked, runSteps, type Step, stepsOf } from "../documents.ts";
import { clusterTest, job, manifest, notebook } from "../harness.ts";
import { serve } from "../../mock/serve.ts";

const finalizers = ["databricks-operator/remote_api_resource"];

clusterTest("every command of docs/migration.md does what the page shows, and nothing is written", async (world) => {
  const { workspace, namespace } = world;
  const id = workspace.jobs.add({ name: "etl", ...notebook() });
  workspace.secrets.addScope("team-secrets");
  const etl = job("etl", { name: "etl" });
  const spec = { job: { job_id: BigInt(id), ...(etl.spec as { job: object }).job } };
  await world.create({ ...etl, spec, metadata: { ...etl.metadata, finalizers } });
  const scope = manifest("DatabricksSecretScope", "team", { scope: { name: "team-secrets" } });
  await world.create({ ...scope, metadata: { ...scope.metadata, finalizers } });
  await using served = await serve(workspace);
  await world.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "databricks-api-secret" },
    stringData: { databricks_url: served.url, access_token: "token" },
  });
  await world.configure({ ingest: "false" });

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
      if (/reason=Created/.test(commands)) assert.equal(actual, "", "nothing was created");
      if (output === undefined) return;
      assert.equal(masked(actual), masked(output), commands);
      compared++;
    },
  });
  assert.equal(compared, 3);
  assert.deepEqual(workspace.ledger.writes(), []);
  for (const [kind, name] of [["DatabricksJob", "etl"], ["DatabricksSecretScope", "team"]] as const) {
    assert.deepEqual((await world.get(kind, name))?.metadata.finalizers, finalizers);
  }
  await Deno.remove(folder, { recursive: true });
}, { start: false, settings: null, needs: ["kubectl"] });

/** There are no Deployments here and no pods: where the page stops ours, the process is stopped. */
function inTest(step: Step): Step {
  if (step.notRun !== undefined) assert.match(step.commands, /^(kubectl scale deployment|helm install)/);
  if (step.notRun !== "stop") return step;
  const { notRun: _stopped, ...rest } = step;
  return { ...rest, commands: "kill $(jobs -p)\nwait\n" };
}
