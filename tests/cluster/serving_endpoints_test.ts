/** A serving endpoint's life. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, manifest, sweeps } from "../support/harness.ts";

const KIND = "DatabricksServingEndpoint";
const PATH = "/api/2.0/serving-endpoints";

const entity = (entity_version: string, more: Record<string, unknown> = {}) => ({
  name: "current",
  entity_name: "main.models.churn",
  entity_version,
  scale_to_zero_enabled: true,
  ...more,
});
const serving = (version: string, more: Record<string, unknown> = {}) =>
  manifest(KIND, "churn", { endpoint: { config: { served_entities: [entity(version)] }, ...more } });

clusterTest(
  "a serving endpoint is Ready when it serves, and a change of its tags does not deploy",
  async (world) => {
    const { serving: endpoints } = world.workspace.kinds;
    await world.apply(serving("3", { tags: [{ key: "team", value: "a" }] }));
    await eventually(
      "it is starting",
      async () => condition(await world.get(KIND, "churn"), "Ready")?.reason === "Starting",
    );
    const { status } = await world.ready(KIND, "churn");
    assert.deepEqual([status?.id, status?.state, status?.config_update], ["churn", "READY", "NOT_UPDATING"]);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, PATH, 2);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    await world.apply(serving("3", { tags: [{ key: "stage", value: "b" }] }));
    await world.event("churn", "Updated");
    assert.deepEqual(world.workspace.ledger.writes().map(({ path }) => path), [`${PATH}/churn/tags`]);
    assert.deepEqual(endpoints.get("churn")?.tags, [{ key: "stage", value: "b" }]);
    await world.delete(KIND, "churn");
    await world.gone(KIND, "churn");
    assert.deepEqual(endpoints.all(), []);
  },
  { mock: { startMs: 800 } },
);

for (const failedServingConfig of ["still pending", "not shown"] as const) {
  clusterTest(
    `a failed deployment is not retried, and a changed manifest is deployed (the failed one is ${failedServingConfig})`,
    async (world) => {
      world.workspace.doubts.failedServingConfig = failedServingConfig;
      const { serving: endpoints } = world.workspace.kinds;
      const deployments = () => world.workspace.ledger.writes().filter(({ path }) => path === `${PATH}/churn/config`);
      await world.apply(serving("3"));
      await world.ready(KIND, "churn");
      endpoints.breaks("churn", "model version 4 does not load");
      await world.apply(serving("4"));
      assert.match(await world.event("churn", "ExternalFailed"), /failed: model version 4 does not load/);
      await sweeps(world.workspace, PATH, 3);
      assert.equal(deployments().length, 1, "each try would cost");
      endpoints.breaks("churn", undefined);
      await world.apply(serving("5"));
      await world.ready(KIND, "churn");
      assert.equal(deployments().length, 2);
    },
  );
}

for (const servingSecrets of ["shown as references", "left out"] as const) {
  clusterTest(
    `a reference to a secret does not deploy again (references are ${servingSecrets})`,
    async (world) => {
      world.workspace.doubts.servingSecrets = servingSecrets;
      const external_model = {
        provider: "openai",
        name: "gpt-4o",
        task: "llm/v1/chat",
        openai_config: { openai_api_key: "{{secrets/ai/openai}}" },
      };
      await world.apply(manifest(KIND, "chat", {
        endpoint: { config: { served_entities: [{ name: "gpt", external_model }] } },
      }));
      await world.ready(KIND, "chat");
      await sweeps(world.workspace, PATH, 3);
      assert.deepEqual(world.workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), [
        `POST ${PATH}`,
      ]);
    },
  );
}

clusterTest("an update in progress is waited for, and the next one follows it", async (world) => {
  const { serving: endpoints } = world.workspace.kinds;
  await world.apply(serving("3"));
  await world.ready(KIND, "churn");
  await world.apply(serving("4"));
  await world.event("churn", "Updated");
  await world.apply(serving("5"));
  await eventually("the last version serves", async () => {
    const config = endpoints.get("churn")?.config as { served_entities?: { entity_version: string }[] } | undefined;
    const isReady = condition(await world.get(KIND, "churn"), "Ready")?.status === "True";
    return config?.served_entities?.[0]?.entity_version === "5" && isReady;
  });
}, { mock: { startMs: 800 } });

clusterTest("a key in plain text, and a model in the deprecated list, are rejected", async (world) => {
  const external_model = { provider: "openai", openai_config: { openai_api_key_plaintext: "sk-secret" } };
  await world.apply(manifest(KIND, "chat", {
    endpoint: { config: { served_entities: [{ name: "gpt", external_model }], served_models: [] } },
  }));
  const message = await world.event("chat", "InvalidSpec");
  assert.match(message, /openai_api_key_plaintext: would be in plain text: put it into a secret scope/);
  assert.match(message, /served_models: is the former name of served_entities/);
  assert.doesNotMatch(message, /sk-secret/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest(
  "an unmanaged endpoint of the same name is not taken over, and a lost response makes no duplicate",
  async (world) => {
    const { serving: endpoints } = world.workspace.kinds;
    world.workspace.faults.add({ match: `POST ${PATH}`, effect: "kept", cut: "before-headers", times: 1 });
    await world.apply(serving("3"));
    await world.ready(KIND, "churn");
    endpoints.add({ name: "theirs", config: { served_entities: [entity("1")] } });
    await world.apply(manifest(KIND, "theirs", { endpoint: { config: { served_entities: [entity("3")] } } }));
    assert.match(await world.event("theirs", "AlreadyExists"), /adopt/);
    assert.equal(endpoints.all().length, 2);
  },
);
