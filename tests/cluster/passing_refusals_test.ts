/** Refusals that end by themselves: nobody has to wait for the next resync, or to change anything. */
import assert from "node:assert/strict";
import { clusterTest, condition, eventually, job, manifest, problem } from "../support/harness.ts";

// Neither a sweep nor a resync may help.
const settings = { default_requeue_interval: "3600", ingest: "false" };

const answers: [what: string, answer: { status: number; body: unknown }][] = [
  ["403", { status: 403, body: { error_code: "PERMISSION_DENIED", message: "not yet" } }],
  ["409", { status: 409, body: { error_code: "RESOURCE_CONFLICT", message: "another update is in progress" } }],
  ["303", { status: 303, body: "" }],
  ["400 with a text that the SDKs retry", {
    status: 400,
    body: { error_code: "INVALID_STATE", message: "There is no worker environment with id 7" },
  }],
];
for (const [what, answer] of answers) {
  clusterTest(
    `an update that ${what} rejects for a moment does not wait for the resync, and is not Stalled`,
    async (world) => {
      await world.apply(job("etl"));
      const object = await world.ready("DatabricksJob", "etl");
      const fault = world.workspace.faults.add({ match: "jobs/reset", ...answer });
      await world.apply(job("etl", { max_concurrent_runs: 7 }));
      const refused = await eventually("the rejection is reported", async () => {
        const now = await world.get("DatabricksJob", "etl");
        return condition(now, "Synced")?.status === "False" ? now : problem(JSON.stringify(now?.status?.conditions));
      });
      assert.equal(condition(refused, "Stalled"), undefined);
      fault.remove();
      await eventually("the update is started", () => {
        const { settings } = world.workspace.jobs.get(String(object.status?.id)) ?? {};
        return settings?.max_concurrent_runs === 7;
      });
      await world.ready("DatabricksJob", "etl");
    },
    { settings },
  );
}

clusterTest(
  "a read with 410 does not remove Ready: the applied state is assumed to persist",
  async (world) => {
    const spec = { scope: { name: "team" }, acls: [{ principal: "users", permission: "READ" }] };
    await world.apply(manifest("DatabricksSecretScope", "team", spec));
    await world.ready("DatabricksSecretScope", "team");
    const gone = { status: 410, body: { error_code: "GONE", message: "gone for a moment" } };
    const fault = world.workspace.faults.add({ match: "acls/list", ...gone });
    const blind = await eventually("the rejection is reported", async () => {
      const now = await world.get("DatabricksSecretScope", "team");
      return condition(now, "Synced")?.status === "False" ? now : problem(JSON.stringify(now?.status?.conditions));
    });
    assert.equal(condition(blind, "Synced")?.reason, "Unavailable");
    assert.equal(condition(blind, "Ready")?.status, "True");
    assert.equal(condition(blind, "Stalled"), undefined);
    fault.remove();
    await eventually("it is seen again", async () => {
      const now = await world.get("DatabricksSecretScope", "team");
      return condition(now, "Synced")?.status === "True";
    });
  },
  { settings: { default_requeue_interval: "1" } },
);

const forbidden = { status: 403, body: { error_code: "PERMISSION_DENIED", message: "not now" } };
const retained = { "deletion-policy": "retain" };

const kept: [whose: string, annotations: Record<string, string>][] = [
  ["a retained job", retained],
  ["a job that its object follows", { owner: "api" }],
];
for (const [whose, annotations] of kept) {
  clusterTest(
    `${whose} is not released with the operator's tag because the removal of the tag is rejected for a moment`,
    async (world) => {
      await world.startOperator({ timings: { settleMs: 30_000 } });
      await world.apply(job("etl"));
      const { status } = await world.ready("DatabricksJob", "etl");
      for (const [name, value] of Object.entries(annotations)) {
        await world.annotate("DatabricksJob", "etl", name, value);
      }
      await eventually("it is seen", async () => {
        const now = await world.get("DatabricksJob", "etl");
        return annotations.owner === undefined || now?.status?.owner === "api";
      });
      const fault = world.workspace.faults.add({ match: "jobs/update", ...forbidden });
      await world.delete("DatabricksJob", "etl");
      await eventually(
        "the removal of the tag is rejected",
        () => world.workspace.ledger.count("POST", "jobs/update") > 0,
      );
      fault.remove();
      await world.gone("DatabricksJob", "etl");
      assert.deepEqual(world.workspace.jobs.get(String(status?.id))?.settings.tags ?? {}, {});
    },
    { settings, start: false },
  );
}

clusterTest("a removal of the tag that stays rejected does not hold a deletion for ever", async (world) => {
  await world.apply(job("etl", {}, retained));
  const { status } = await world.ready("DatabricksJob", "etl");
  world.workspace.faults.add({ match: "jobs/update", ...forbidden });
  await world.delete("DatabricksJob", "etl");
  await world.gone("DatabricksJob", "etl");
  assert.notEqual(world.workspace.jobs.get(String(status?.id)), undefined);
}, { settings });
