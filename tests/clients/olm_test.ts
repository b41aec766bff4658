/** The bundle for OLM, checked by the rules of operator-sdk, and the objects that OLM makes from it. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { olmFiles, writeBundle } from "../../tools/olm.ts";
import { buildGo, judged } from "./judge.ts";

const options = {
  image: "ghcr.io/example/databricks-kube-operator:1.2.3",
  version: "1.2.3",
  repository: "https://github.com/example/databricks-kube-operator",
  createdAt: "2026-11-29T00:00:00Z",
};
const files = await olmFiles(options);
const csv = parse(files.get("manifests/databricks-kube-operator.clusterserviceversion.yaml") ?? "");
const here = new URL("./", import.meta.url);

await judged({
  libraries: "Go: operator-framework/api 0.32.0",
  checks: [
    "the ClusterServiceVersion has the fields of its published schema, and no others",
    "the bundle breaks no rule of operator-sdk, and follows its good practices",
  ],
  prepare: () => buildGo(new URL("olm_go/", here), new URL("../../.cache/judges/olm", here).pathname),
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "olm-" });
  await writeBundle(folder, files);
  return { args: [folder], [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
});

Deno.test("OLM gives the operator exactly the chart's rights and the namespaces of its OperatorGroup", async () => {
  const { install: { spec }, installModes } = csv.spec;
  assert.equal(spec.clusterPermissions, undefined);
  const install = await Deno.readTextFile("deploy/install.yaml");
  const roles = install.split("\n---\n").map((text) => parse(text)).filter((object) => object?.kind === "Role");
  assert.deepEqual(spec.permissions[0].rules, roles.flatMap(({ rules }) => rules));
  const [{ spec: { template } }] = spec.deployments;
  const [{ args, env, image }] = template.spec.containers;
  assert.ok(args.includes("--watch-namespaces=$(OPERATOR_TARGET_NAMESPACES)"));
  const [{ valueFrom }] = env.filter(({ name }: { name: string }) => name === "OPERATOR_TARGET_NAMESPACES");
  assert.equal(valueFrom.fieldRef.fieldPath, "metadata.annotations['olm.targetNamespaces']");
  assert.equal(image, options.image);
  const supported = installModes.filter((mode: { supported: boolean }) => mode.supported);
  assert.deepEqual(supported.map(({ type }: { type: string }) => type), [
    "OwnNamespace",
    "SingleNamespace",
    "MultiNamespace",
  ]);
});
