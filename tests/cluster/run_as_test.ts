/**
 * `run_as` is written but not always returned: it is compared with the returned fields, and its absence causes no
 * write.
 */
import assert from "node:assert/strict";
import { baselineOf, clusterTest, eventually, job, problem, sweeps, type World } from "../support/harness.ts";

const JOBS = "/jobs/list";
type Fields = Record<string, unknown>;

/** Waits until a job is Ready and has a baseline. */
async function settled(world: World, name: string): Promise<string> {
  const id = String((await world.ready("DatabricksJob", name)).status?.id);
  await eventually(`the baseline of ${name} is taken`, async () => {
    const baseline = baselineOf(await world.get("DatabricksJob", name));
    return baseline?.observed !== undefined && baseline?.repaired === undefined;
  });
  return id;
}

for (const [runAsEchoed, listTellsRunAs] of [["yes", "no"], ["no", "yes"], ["no", "no"]] as const) {
  clusterTest(
    `run_as (echoed: ${runAsEchoed}, listed: ${listTellsRunAs}) is written once, however Databricks returns it`,
    async (world) => {
      const { jobs, ledger } = world.workspace;
      const runner = (id: string) => (jobs.require(id).settings.run_as as Fields | undefined)?.user_name;
      await world.apply(job("named", { run_as: { user_name: "etl@example.com" } }));
      await world.apply(job("unnamed"));
      const [named, unnamed] = [await settled(world, "named"), await settled(world, "unnamed")];
      assert.equal(runner(named), "etl@example.com");
      await sweeps(world.workspace, JOBS, 3);
      assert.equal(ledger.find("POST", /jobs\/(reset|update)$/).length, 0);

      jobs.edit(unnamed, (settings) => void (settings.run_as = { user_name: "person@example.com" }));
      if (runAsEchoed === "yes" || listTellsRunAs === "yes") {
        jobs.edit(named, (settings) => void (settings.run_as = { user_name: "person@example.com" }));
        await eventually(
          "the edit is reverted",
          () => runner(named) === "etl@example.com" || problem(`${runner(named)}`),
        );
        assert.match(await world.event("named", "DriftCorrected"), /run_as/);
      }
      await world.apply(job("named", { run_as: { user_name: "other@example.com" } }));
      await eventually("the manifest's edit is applied", () => runner(named) === "other@example.com");
      await settled(world, "named");
      const writes = ledger.writes().length;
      await sweeps(world.workspace, JOBS, 3);
      await world.ready("DatabricksJob", "named");
      await world.ready("DatabricksJob", "unnamed");
      assert.equal(ledger.writes().length, writes, "nothing is written without a reason");
      assert.equal(runner(unnamed), "person@example.com", "a field that is not in the manifest is a person's choice");
    },
    { settings: { ingest: "false" }, mock: { doubts: { runAsEchoed, listTellsRunAs } } },
  );
}
