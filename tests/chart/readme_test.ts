/** The README's installation, run as it stands there, with an operator in the place of the pod. */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { httpTransport } from "../../src/databricks/transport.ts";
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

/** The commands of the README's installation, for a workspace at `url`. */
async function installation(url: string): Promise<string> {
  const readme = await Deno.readTextFile("README.md");
  const block = readme.match(/<!-- install -->\s*```sh\n([\s\S]*?)```/)?.[1];
  assert.ok(block !== undefined, "README.md has a block of commands after <!-- install -->");
  return block.replace("https://my-tenant.cloud.databricks.com", url).replace("dapi...", "token");
}

Deno.test({
  name: `the README's installation does what it says${missing && ` (needs ${missing})`}`,
  ignore: missing !== "",
  fn: async () => {
    await using server = await startProcess(k3s ?? "");
    const workspace = new MockWorkspace();
    await using served = await serve(workspace);
    const programs = await Deno.makeTempDir();
    await Deno.symlink(await Deno.realPath(helm ?? ""), `${programs}/helm`);
    const { client: kube } = await connect({ kubeconfig: server.kubeconfig });
    const world = new World({ kube, namespace: "default", workspace, kubeconfig: server.kubeconfig });
    const commands = new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", await installation(served.url)],
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
    assert.match(said, /databrickssecretscope.com.dstancu.databricks\/shared-secrets condition met/);
    assert.equal(workspace.secrets.scopes().length, (await world.list("DatabricksSecretScope")).length);
    await world.stopOperator(operator);
    kube.close();
    await Deno.remove(programs, { recursive: true });
  },
});
