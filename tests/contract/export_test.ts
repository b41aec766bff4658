/** Laws of manifests that are made from resources in Databricks. */
import assert from "node:assert/strict";
import { madeManifest } from "../../src/commands/manifests.ts";
import { checkManifests } from "../../src/commands/validate/check.ts";
import { isExportable, manifestOf } from "../../src/commands/export/specs.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { resources } from "../../src/resources/mod.ts";
import type { Bench, Fields } from "./bench.ts";
import { owner } from "./bench.ts";
import { everyExample } from "./kinds.ts";

async function exported(bench: Bench): Promise<{ observed: Fields; manifest: KubeObject }> {
  const observed = await bench.observe(await bench.create());
  const manifest = manifestOf({
    resource: bench.resource,
    observed,
    name: "example",
    namespace: "team",
    owner: "operator",
    tag: owner.tag,
  });
  return { observed, manifest };
}

/** The problems of a manifest; `undefined` if it lacks values that Databricks never returns. */
function findingsIn(manifest: KubeObject) {
  const { findings } = checkManifests([madeManifest(manifest)], { resources, namespace: "team" });
  return findings.some(({ message }) => message.includes("spec.secret_name")) ? undefined : findings;
}

everyExample("taking over an export writes nothing, and the manifest is valid", async (bench) => {
  if (!isExportable(bench.resource)) return;
  const { observed, manifest } = await exported(bench);
  const findings = findingsIn(manifest);
  if (findings === undefined) return;
  assert.deepEqual(findings, []);
  assert.deepEqual(bench.plan(observed, bench.intent(manifest.spec ?? {}), undefined), { action: "bind" });
});

everyExample("an export contains everything in the example", async (bench) => {
  const { resource, example } = bench;
  if (!isExportable(resource)) return;
  const { manifest } = await exported(bench);
  if (findingsIn(manifest) === undefined) return;
  const asked = bench.asked(bench.intent(example.spec));
  const said = bench.asked(bench.intent(manifest.spec ?? {}));
  const { createOnly = [], unread = [] } = resource.fields;
  const back = (resource.keepsBack ?? []).map((path) => path.slice(path.lastIndexOf(".") + 1));
  const never = [...createOnly, ...unread, ...back];
  const lost = Object.keys(asked).filter((field) => !Object.hasOwn(said, field) && !never.includes(field));
  assert.deepEqual(lost, []);
});
