/** A cluster policy's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, sweeps } from "../support/harness.ts";

const KIND = "DatabricksClusterPolicy";
const PATH = "/api/2.0/policies/clusters";
const rules = '{"num_workers": {"type": "range", "maxValue": 4}}';

const policy = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "small", { policy: { definition: rules, ...more } });

for (const missingPolicy of ["404", "400"] as const) {
  for (const policyDefinition of ["as sent", "reformatted"] as const) {
    clusterTest(
      `a policy is created, repaired, edited and deleted: ${missingPolicy}, ${policyDefinition}`,
      async (world) => {
        const { policies } = world.workspace.kinds;
        await world.apply(policy());
        const id = String((await world.ready(KIND, "small")).status?.id);
        assert.equal(policies.get(id)?.name, "small", "metadata.name is the name");
        await sweeps(world.workspace, `${PATH}/list`, 2);
        assert.equal(
          world.workspace.ledger.count("POST", `${PATH}/edit`),
          0,
          "the formatting of a document is not drift",
        );
        policies.edit(id, { definition: "{}" });
        await world.event("small", "DriftCorrected");
        assert.deepEqual(JSON.parse(String(policies.get(id)?.definition)), JSON.parse(rules));
        await world.apply(policy({ description: "Small ones" }));
        await world.event("small", "Updated");
        assert.equal(policies.get(id)?.description, "Small ones");
        policies.remove(id);
        await world.event("small", "ExternalResourceMissing");
        const { status } = await world.ready(KIND, "small");
        await world.delete(KIND, "small");
        await world.gone(KIND, "small");
        assert.equal(policies.get(String(status?.id)), undefined);
      },
      { mock: { doubts: { missingPolicy, policyDefinition } } },
    );
  }
}

clusterTest("a definition that is not JSON is rejected with its field, and nothing is sent", async (world) => {
  await world.apply(manifest(KIND, "small", { policy: { definition: "{" } }));
  const { message } = await world.blocked(KIND, "small", "InvalidSpec");
  assert.match(message, /spec\.policy\.definition: is not JSON/);
  assert.equal(world.workspace.ledger.count("POST", `${PATH}/create`), 0);
});

clusterTest("the API server rejects a policy with a definition and a family, and one with neither", async (world) => {
  const wrong = /definition and policy_family_id exclude each other/;
  await assert.rejects(world.apply(policy({ policy_family_id: "personal-vm" })), wrong);
  await assert.rejects(world.apply(manifest(KIND, "small", { policy: { name: "small" } })), wrong);
});
