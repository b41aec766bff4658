/** docs/migration.md with Helm: from the predecessor's release to this chart, back, and forward again. */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { httpTransport } from "../../src/databricks/call/transport.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { kinds } from "../../src/kinds.ts";
import { startProcess } from "../support/api_servers.ts";
import { masked, runSteps, type Step, stepsOf } from "../support/documents.ts";
import { eventually, type Problem, problem, World } from "../support/harness.ts";
import { FINALIZERS, leaveObjects, objectsLeft, oldChart } from "../support/predecessor.ts";
import { isInstalled } from "../support/programs.ts";
import { hasHelm, helm } from "./helm.ts";

const k3s = Deno.env.get("K3S_BINARY");
const missing = [
  ...hasHelm ? [] : ["HELM_BINARY"],
  ...k3s === undefined ? ["K3S_BINARY"] : [],
  ...isInstalled("kubectl") ? [] : ["kubectl on the PATH"],
].join(" and ");

const NAME = "databricks-kube-operator";
const CRDS = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
const OURS = ["databricks-operator/external-resource"];

/** The page's commands, without those for a checkout: until the operator starts, while it works, and the way back. */
async function parts(folder: string): Promise<Record<"there" | "check" | "back", Step[]>> {
  const page = (await Deno.readTextFile("docs/migration.md")).replaceAll("before.yaml", `${folder}/before.yaml`);
  const steps = stepsOf(page).filter(({ inBackground }) => !inBackground)
    .map(({ notRun: _notRun, ...step }) => step);
  const at = (start: RegExp) => {
    const index = steps.findIndex(({ commands }) => start.test(commands));
    assert.notEqual(index, -1, `docs/migration.md has a command ${start}`);
    return index;
  };
  const [check, back] = [at(/^kubectl wait/), at(/^kubectl scale deployment/)];
  return { there: steps.slice(0, check), check: steps.slice(check, back), back: steps.slice(back) };
}

async function areServed(kube: KubeClient): Promise<true | Problem> {
  const [group, version] = ["com.dstancu.databricks", "v1"];
  const { size } = await kube.discover(group, version);
  // Discovery may show a kind before it can be listed.
  for (const { plural } of kinds) await kube.list({ group, version, plural });
  return size >= kinds.length ? true : problem(`${size} are`);
}

Deno.test({
  name: `the predecessor's release becomes one of this chart, there and back, and nothing is made${
    missing && ` (needs ${missing})`
  }`,
  ignore: missing !== "",
  fn: async () => {
    await using server = await startProcess(k3s ?? "");
    const { kubeconfig } = server;
    const { client: kube } = await connect({ kubeconfig });
    const workspace = new MockWorkspace();
    await using served = await serve(workspace);
    const world = new World({ kube, namespace: "default", workspace, kubeconfig });
    const folder = await Deno.makeTempDir({ prefix: "migration-" });
    await Deno.symlink(await Deno.realPath(Deno.env.get("HELM_BINARY") ?? ""), `${folder}/helm`);
    const old = await oldChart();
    await helm(["install", NAME, old, "--kubeconfig", kubeconfig]);
    await eventually("the old CRDs are served", () => areServed(kube));
    await leaveObjects(world, served.url);
    const uids = async () => (await objectsLeft(world)).map((object) => object?.uid);
    const finalizers = async () => (await objectsLeft(world)).map((object) => object?.finalizers);
    const workloads = async () =>
      (await Promise.all(
        ["statefulsets", "deployments"].map((plural) => kube.list({ group: "apps", version: "v1", plural })),
      )).flatMap(({ items }, index) => items.map(({ spec }) => `${["old", "new"][index]} ${spec?.replicas}`));
    const before = await uids();

    const { there, check, back } = await parts(folder);
    let compared = 0;
    const run = (steps: readonly Step[]) =>
      runSteps(steps, {
        env: { KUBECONFIG: kubeconfig },
        programs: folder,
        onOutput: ({ commands, output }, actual) => {
          if (/BEFORE/.test(commands)) assert.match(actual, /^etl +(\d+) +\1$/m, "it still has its job");
          if (output === undefined) return;
          assert.equal(masked(actual), masked(output), commands);
          compared++;
        },
      });
    const goThere = async () => {
      await run(there);
      assert.deepEqual(await workloads(), ["new 1"]);
      const operator = await world.startOperator({ transport: httpTransport, allowLoopback: true });
      await run(check);
      await world.stopOperator(operator);
      assert.deepEqual(await finalizers(), [OURS, OURS]);
    };

    await goThere();
    await run(back);
    assert.deepEqual(await workloads(), ["old 1"]);
    assert.deepEqual(await finalizers(), [FINALIZERS, FINALIZERS]);
    const crd = await kube.get(CRDS, "repos.com.dstancu.databricks");
    assert.equal(crd.metadata.annotations?.["helm.sh/resource-policy"], undefined);
    // Kubernetes forgets Events after an hour.
    await run([{ commands: "kubectl delete events --all\n", output: undefined, inBackground: false }]);
    await goThere();
    assert.equal(compared, 6);
    assert.deepEqual(workspace.ledger.writes(), [], "nothing was created, and nothing written");

    await helm(["uninstall", NAME, "--kubeconfig", kubeconfig]);
    assert.deepEqual(await workloads(), []);
    assert.equal((await kube.list(CRDS)).items.length, kinds.length);
    assert.deepEqual(await uids(), before, "they are the original objects");
    kube.close();
    for (const path of [folder, old]) await Deno.remove(path, { recursive: true });
  },
});
