/** docs/rights.md: the Role for pipelines grants exactly what `plan` uses. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import type { PolicyRule } from "../../mock/kubernetes/access.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { stringifyJson } from "../../src/base/json.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { serveWithCrds } from "../support/embedded_api.ts";
import { masked, runSteps, stepsOf } from "../support/documents.ts";
import { clusterTest, job, manifest, World } from "../support/harness.ts";
import { granted } from "../chart/account.ts";

const page = await Deno.readTextFile("docs/rights.md");

/** The rules of the page's Role. */
function rules(): PolicyRule[] {
  const [, text = ""] = page.match(/^```yaml\n(apiVersion: rbac[\s\S]*?)^```/m) ?? [];
  return (parse(text) as { rules: PolicyRule[] }).rules;
}

Deno.test("with the Role of docs/rights.md, plan lacks only Secrets, and uses every right", async () => {
  await using served = await serveWithCrds();
  const workspace = new MockWorkspace();
  workspace.secrets.addScope("team");
  await using databricks = await serve(workspace);
  const { client } = await connect({ kubeconfig: await kept(served.kubeconfig) });
  const world = new World({ kube: client, namespace: "data", workspace, kubeconfig: "" });
  await client.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: "data" } });
  await world.connect({ settings: { ingest: "false" } });
  served.api.addUser("plan-token", rules().map((rule) => ({ ...rule, namespaces: ["data"] })), "plan");
  const objects = [job("etl"), manifest("DatabricksSecret", "keys", { scope: "team", secret_name: "source" })];
  const file = await kept(objects.map((one) => stringifyJson(one)).join("\n---\n"), ".yaml");
  const kubeconfig = await kept(served.kubeconfigOf("plan-token", "data"));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "src/main.ts", "plan", "-f", file, "--kubeconfig", kubeconfig],
    env: { DATABRICKS_HOST: databricks.url, DATABRICKS_TOKEN: "token", HOME: "/nonexistent", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 2, `${out}${err}`);
  assert.match(out ?? "", /\+ DatabricksJob data\/etl: create/);
  assert.match(out ?? "", /Secret "data\/source" may not be read|not compared/);
  const refused = served.api.requests.find({ user: "plan", status: 403 }).map(({ verb, resource }) =>
    `${verb} ${resource}`
  );
  assert.deepEqual([...new Set(refused)], ["get secrets"]);
  const used = new Set(
    Object.entries(served.api.requests.verbs("plan")).flatMap(([resource, verbs]) =>
      verbs.map((verb) => `${verb} ${resource}`)
    ),
  );
  const wanted = granted(rules()).filter((right) => !right.includes("*"));
  assert.deepEqual(wanted.filter((right) => !used.has(right)), []);
  client.close();
  for (const path of kepts.splice(0)) await Deno.remove(path);
});

clusterTest("the commands of docs/rights.md print what the page shows", async ({ kubeconfig }) => {
  await runSteps(stepsOf(page), {
    env: { KUBECONFIG: kubeconfig },
    onOutput: ({ commands, output = "" }, actual) => assert.equal(masked(actual), masked(output), commands),
  });
}, { start: false, needs: ["kubectl"] });

const kepts: string[] = [];

async function kept(text: string, suffix = ""): Promise<string> {
  const path = await Deno.makeTempFile({ suffix });
  await Deno.writeTextFile(path, text);
  kepts.push(path);
  return path;
}
