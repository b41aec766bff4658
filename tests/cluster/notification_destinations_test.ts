/** A notification destination's life. */
import assert from "node:assert/strict";
import { clusterTest, manifest, secret, sweeps } from "../support/harness.ts";

const KIND = "DatabricksNotificationDestination";
const PATH = "/api/2.0/notification-destinations";

const destination = (config: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  manifest(KIND, "alerts", { destination: { display_name: "Alerts", config }, ...more });

clusterTest("a secret address is sent on create and on change, and appears nowhere else", async (world) => {
  const sent = () => world.workspace.ledger.writes().map(({ method, body }) => [method, body]);
  await world.apply(secret("channel", { url: "https://first-secret.example.com", other: "x" }));
  await world.apply(destination({ slack: {} }, { secret_name: "channel" }));
  await world.ready(KIND, "alerts");
  await sweeps(world.workspace, PATH, 2);
  await world.apply(secret("channel", { url: "https://second-secret.example.com", other: "x" }));
  await world.event("alerts", "CredentialSent");
  assert.deepEqual(sent(), [
    ["POST", { display_name: "Alerts", config: { slack: { url: "https://first-secret.example.com" } } }],
    ["PATCH", { display_name: "Alerts", config: { slack: { url: "https://second-secret.example.com" } } }],
  ]);
  assert.doesNotMatch(JSON.stringify(await world.get(KIND, "alerts")), /-secret\.example/);
});

for (const destinationNames of ["no", "yes"] as const) {
  clusterTest(
    `a destination whose create lost its response is not created twice (names are shared: ${destinationNames})`,
    async (world) => {
      world.workspace.doubts.destinationNames = destinationNames;
      const { destinations } = world.workspace.kinds;
      world.workspace.faults.add({ match: `POST ${PATH}`, effect: "kept", cut: "before-headers", times: 1 });
      await world.apply(destination({ email: { addresses: ["data@example.com"] } }));
      await world.event("alerts", "AlreadyExists");
      assert.equal(destinations.all().length, 1);
      await world.annotate(KIND, "alerts", "adopt", "true");
      await world.ready(KIND, "alerts");
      assert.equal(destinations.all().length, 1);
    },
  );
}

clusterTest("an unmanaged destination of the same name is neither duplicated nor taken over", async (world) => {
  const { destinations } = world.workspace.kinds;
  const config = { email: { addresses: ["data@example.com"] } };
  const theirs = destinations.add({ display_name: "Alerts", config });
  await world.apply(destination(config));
  assert.match(await world.event("alerts", "AlreadyExists"), /adopt/);
  assert.deepEqual(destinations.all().map(({ id }) => id), [theirs]);
  await world.annotate(KIND, "alerts", "adopt", "true");
  assert.equal((await world.ready(KIND, "alerts")).status?.id, theirs);
  await world.delete(KIND, "alerts");
  await world.gone(KIND, "alerts");
  assert.deepEqual(destinations.all(), []);
});

for (const destinationType of ["changed", "refused"] as const) {
  clusterTest(
    `another type of destination (${destinationType}) is rejected with a remedy, or is set`,
    async (world) => {
      world.workspace.doubts.destinationType = destinationType;
      const { destinations } = world.workspace.kinds;
      await world.apply(secret("channel", { url: "https://hooks.example.com/abcdefgh" }));
      await world.apply(destination({ email: { addresses: ["data@example.com"] } }));
      const { status } = await world.ready(KIND, "alerts");
      await world.apply(destination({ slack: {} }, { secret_name: "channel" }));
      if (destinationType === "changed") {
        await world.event("alerts", "Updated");
        assert.deepEqual(Object.keys(destinations.get(String(status?.id))?.config as object), ["slack"]);
      } else {
        assert.match(await world.event("alerts", "InvalidRequest"), /give the other type to an object of another name/);
      }
    },
  );
}

clusterTest(
  "moving an address from the manifest into the Secret makes the object Ready, as its Event says",
  async (world) => {
    const url = "https://in-the-open.example.com";
    await world.apply(destination({ slack: { url } }, { secret_name: "channel" }));
    assert.match(
      await world.event("alerts", "InvalidSpec"),
      /config\.slack\.url: is never returned by Databricks: move it into a Secret/,
    );
    await world.apply(secret("channel", { url }));
    await world.apply(destination({ slack: {} }, { secret_name: "channel" }));
    await world.ready(KIND, "alerts");
    await world.apply(destination({ slack: {} }, { secret_name: "channel" }));
    await sweeps(world.workspace, PATH, 2);
    const sent = world.workspace.ledger.writes().map(({ body }) => body);
    assert.deepEqual(sent, [{ display_name: "Alerts", config: { slack: { url } } }]);
  },
);

clusterTest("a token in a destination's manifest is not sent", async (world) => {
  await world.apply(destination({ slack: { url: "https://in-the-open.example.com" } }, { secret_name: "channel" }));
  const message = await world.event("alerts", "InvalidSpec");
  assert.match(
    message,
    /spec\.destination\.config\.slack\.url: is never returned by Databricks: move it into a Secret/,
  );
  assert.doesNotMatch(message, /in-the-open/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("two types, and a type without its Secret, are rejected", async (world) => {
  const two = destination({ slack: {}, email: { addresses: ["a@example.com"] } }, { secret_name: "channel" });
  await assert.rejects(world.apply(two), /only one of email, slack/);
  await assert.rejects(world.apply(destination({ slack: {} })), /spec\.secret_name is needed/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});
