/** Runs the README's installation literally, with an operator process instead of the pod. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { httpTransport } from "../../src/databricks/call/transport.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { startProcess } from "../support/api_servers.ts";
import { eventually, World } from "../support/harness.ts";
import { isInstalled } from "../support/programs.ts";

const [k3s, helm] = [Deno.env.get("K3S_BINARY"), Deno.env.get("HELM_BINARY")];
const missing = [
  ...helm === undefined ? ["HELM_BINARY"] : [],
  ...k3s === undefined ? ["K3S_BINARY"] : [],
  ...isInstalled("kubectl") ? [] : ["kubectl on the PATH"],
].join(" and ");

/** The block of the README after a mark. */
function blockAfter(readme: string, mark: string): string {
  const block = readme.split(mark, 2)[1]?.match(/^\s*```\w+\n([\s\S]*?)```/)?.[1];
  assert.ok(block !== undefined, `README.md has a block after ${mark}`);
  return block;
}

/** A folder as a reader of the README has it: the checkout, and the two files that the README tells them to write. */
async function checkout(readme: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "readme-" });
  await Deno.symlink(await Deno.realPath("charts"), `${folder}/charts`);
  await Deno.writeTextFile(`${folder}/values.yaml`, blockAfter(readme, "<!-- values.yaml -->"));
  await Deno.writeTextFile(`${folder}/job.yaml`, readme.match(/```yaml\n(apiVersion:[\s\S]*?)```/)?.[1] ?? "");
  return folder;
}

/** The README's installation, a check of its result, and its removal, for a workspace at `url`. */
function commandsOf(readme: string, url: string): string {
  const install = blockAfter(readme, "<!-- install -->").replace("https://my-tenant.cloud.databricks.com", url)
    .replace("dapi...", "token");
  return `${install}\ncurl --silent --fail ${url}/_/jobs\n${blockAfter(readme, "<!-- uninstall -->")}`;
}

Deno.test({
  name: `the README's installation works as shown${missing && ` (needs ${missing})`}`,
  ignore: missing !== "",
  fn: async () => {
    await using server = await startProcess(k3s ?? "");
    const workspace = new MockWorkspace();
    await using served = await serve(workspace);
    const readme = await Deno.readTextFile("README.md");
    const folder = await checkout(readme);
    const programs = await Deno.makeTempDir();
    await Deno.symlink(await Deno.realPath(helm ?? ""), `${programs}/helm`);
    const { client: kube } = await connect({ kubeconfig: server.kubeconfig });
    const world = new World({ kube, namespace: "default", workspace, kubeconfig: server.kubeconfig });
    const commands = new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", commandsOf(readme, served.url)],
      cwd: folder,
      env: { KUBECONFIG: server.kubeconfig, PATH: `${programs}:${Deno.env.get("PATH")}` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();

    const deployments = { group: "apps", version: "v1", plural: "deployments", namespace: "default" };
    const deployment = await eventually(
      "there is a Deployment",
      () => kube.get(deployments, "databricks-kube-operator"),
    );
    assert.match(JSON.stringify(deployment.spec), /"image":"REGISTRY\/databricks-kube-operator:/);
    const operator = await world.startOperator({ transport: httpTransport, allowLoopback: true });
    const { success, stdout, stderr } = await commands;
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, said);
    assert.match(said, /databricksjob.com.dstancu.databricks\/nightly-report condition met/);
    assert.match(said, /^nightly-report +(NO_RUNS +)?True +Available/m);
    assert.match(said, /"quartz_cron_expression":"0 0 3 \* \* \?"/);
    assert.equal(workspace.jobs.ids().length, 0, said);
    assert.match(said, /release "databricks-kube-operator" uninstalled/);
    const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
    assert.deepEqual((await kube.list(crds)).items.map(({ metadata }) => metadata.name), []);
    await world.stopOperator(operator);
    kube.close();
    for (const path of [folder, programs]) await Deno.remove(path, { recursive: true });
  },
});
