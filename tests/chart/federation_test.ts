/**
 * The chart's rights for federation: tokens of the ServiceAccounts that a value lists, with or without the operator's
 * own identity.
 */
import assert from "node:assert/strict";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { requestToken } from "../../src/reconcile/connect/identity.ts";
import { embeddedAccount, granted, rulesOf } from "./account.ts";
import { helmTest, type Pod, podOf, render } from "./helm.ts";

const NAMESPACE = "default";
const TOKENS = "create serviceaccounts/token";

/** Requests a token of each ServiceAccount with the rights from the chart, and returns the results. */
async function tokensOf(serviceAccounts: readonly string[]): Promise<Record<string, string>> {
  await using served = await serveKubernetes();
  const objects = await render({ federation: { serviceAccounts } }, NAMESPACE);
  const kubeconfig = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await using _file = { [Symbol.asyncDispose]: () => Deno.remove(kubeconfig) };
  await Deno.writeTextFile(kubeconfig, served.kubeconfig);
  const { client: admin } = await connect({ kubeconfig });
  const path = { group: "", version: "v1", plural: "serviceaccounts", namespace: NAMESPACE };
  for (const name of ["etl", "other"]) await admin.create(path, { metadata: { name } });
  await Deno.writeTextFile(kubeconfig, embeddedAccount(served, objects, NAMESPACE));
  const { client } = await connect({ kubeconfig });
  const results: Record<string, string> = {};
  for (const name of ["etl", "other"]) {
    const asked = requestToken(client, { namespace: NAMESPACE, name, audience: "databricks" });
    results[name] = await asked.then(() => "a token", ({ message }) => message);
  }
  admin.close();
  client.close();
  return results;
}

const refused = (name: string) =>
  `the operator may not ask for tokens of ServiceAccount "default/${name}": list it in the chart's value ` +
  "federation.serviceAccounts";

helmTest("the operator gets tokens of the ServiceAccounts that the chart's value lists, and of no other", async () => {
  assert.deepEqual(await tokensOf(["etl"]), { etl: "a token", other: refused("other") });
  assert.deepEqual(await tokensOf(["*"]), { etl: "a token", other: "a token" });
  assert.deepEqual(await tokensOf([]), { etl: refused("etl"), other: refused("other") });
});

helmTest(
  "the right to tokens exists only in watched namespaces, and for all ServiceAccounts if all are watched",
  async () => {
    const federation = { serviceAccounts: ["etl"] };
    const some = rulesOf(await render({ federation, watchNamespaces: ["team-a"] }, NAMESPACE));
    const of = some.filter((rule) => granted([rule]).includes(TOKENS));
    assert.deepEqual(of.map(({ namespaces, resourceNames }) => [namespaces, resourceNames]), [[["team-a"], ["etl"]]]);
    const all = rulesOf(await render({ federation, allNamespaces: true }, NAMESPACE));
    assert.deepEqual(
      all.filter((rule) => granted([rule]).includes(TOKENS)).map(({ resourceNames }) => resourceNames),
      [["etl"]],
    );
  },
);

helmTest(
  "the operator's own identity is mounted for its audience, and each namespace is allowed by a flag",
  async () => {
    const namespaces = { "team-a": "sp-1", "team-b": "sp-2@databricks.team-b.example" };
    const ownIdentity = { enabled: true, audience: "databricks", namespaces };
    const { spec } = podOf(await render({ federation: { ownIdentity } }, NAMESPACE));
    const { args } = spec.containers[0];
    const flags = args.filter((arg: string) => arg.startsWith("--own-identity="));
    assert.deepEqual(flags, ["--own-identity=team-a=sp-1", "--own-identity=team-b=sp-2@databricks.team-b.example"]);
    const sources = (spec as Pod).volumes.flatMap((volume: Pod) => volume.projected?.sources ?? []);
    const tokens = sources.map(({ serviceAccountToken }: Pod) => serviceAccountToken?.audience).filter(Boolean);
    assert.deepEqual(tokens, ["databricks"]);
  },
);
