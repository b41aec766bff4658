/** A list shows an edit, and the get after it is answered with the state before: one answer is not believed. */
import assert from "node:assert/strict";
import { clusterTest, eventually, job, manifest, notebook, problem, secret, sweeps } from "../support/harness.ts";
import { answerLaterAsNow } from "../support/old_answers.ts";

clusterTest("an edit that a list shows and the next get does not is reverted all the same", async (world) => {
  await world.apply(secret("source", { personal_access_token: "ghp_one" }));
  const spec = { credential: { git_username: "hubot", git_provider: "gitHub" }, secret_name: "source" };
  await world.apply(manifest("GitCredential", "github", spec));
  const id = String((await world.ready("GitCredential", "github")).status?.id);
  await sweeps(world.workspace, "/git-credentials", 3);
  const fault = (await answerLaterAsNow(world, `/api/2.0/git-credentials/${id}`))();
  world.workspace.credentials.edit(id, { git_username: "somebody" });
  await eventually("the get is answered", () => fault.hits === 1);
  await eventually("the edit is reverted", () => world.workspace.credentials.get(id)?.git_username === "hubot");
  assert.match(await world.event("github", "DriftCorrected"), /git_username/);
});

for (
  const [what, edit] of Object.entries({
    "an added field": (settings: Record<string, unknown>): void => void (settings.timeout_seconds = 60),
    "a removed field": (settings: Record<string, unknown>): void => void delete settings.description,
  })
) {
  clusterTest(
    `${what} of a job that a list shows and the next get does not is put right all the same`,
    async (world) => {
      await world.apply(job("etl", { description: "every night" }));
      const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
      await sweeps(world.workspace, "/jobs/list", 3);
      const fault = (await answerLaterAsNow(world, `/api/2.2/jobs/get?job_id=${id}`))();
      world.workspace.jobs.edit(id, edit);
      await eventually("the get is answered", () => fault.hits === 1);
      await eventually("the job is as before", () => {
        const { description, timeout_seconds: seconds } = world.workspace.jobs.get(id)?.settings ?? {};
        return description === "every night" && (seconds ?? 0) === 0;
      });
    },
  );
}

clusterTest(
  "an edit of a followed job that a list shows and the next get does not is followed all the same",
  async (world) => {
    const id = world.workspace.jobs.add({ name: "etl", ...notebook(), max_concurrent_runs: 3 });
    await world.ready("DatabricksJob", "etl");
    await sweeps(world.workspace, "/jobs/list", 3);
    const fault = (await answerLaterAsNow(world, `/api/2.2/jobs/get?job_id=${id}`))();
    world.workspace.jobs.edit(id, (settings) => void (settings.max_concurrent_runs = 9));
    await eventually("the get is answered", () => fault.hits === 1);
    await eventually("spec has the edit", async () => {
      // deno-lint-ignore no-explicit-any
      return ((await world.get("DatabricksJob", "etl"))?.spec as any)?.job.settings.max_concurrent_runs === 9;
    });
  },
);

clusterTest(
  "a list that tells a value in another form than a get costs two gets, not one for each list",
  async (world) => {
    const { workspace } = world;
    // deno-lint-ignore no-explicit-any
    const edit = (body: any) => ({
      ...body,
      // deno-lint-ignore no-explicit-any
      jobs: body.jobs?.map((one: any) => ({ ...one, settings: { ...one.settings, description: "EVERY NIGHT" } })),
    });
    workspace.faults.add({ match: "jobs/list", edit });
    await world.apply(job("etl", { description: "every night" }));
    const id = String((await world.ready("DatabricksJob", "etl")).status?.id);
    await sweeps(workspace, "/jobs/list", 4);
    workspace.ledger.clear();
    await sweeps(workspace, "/jobs/list", 4);
    assert.equal(workspace.ledger.count("GET", "/jobs/get"), 0);
    assert.equal(workspace.jobs.get(id)?.settings.description, "every night");
  },
);

clusterTest("a key that leaves its Secret is deleted although one list does not show it", async (world) => {
  const { secrets, faults } = world.workspace;
  // No sweep's list takes the fault.
  await world.startOperator({ timings: { sweepMs: 4000 } });
  secrets.addScope("team");
  await world.apply(secret("source", { user: "etl", password: "one" }));
  await world.apply(manifest("DatabricksSecret", "team", { scope: "team", secret_name: "source" }));
  await world.ready("DatabricksSecret", "team");
  await sweeps(world.workspace, "/secrets/list", 1);
  // deno-lint-ignore no-explicit-any
  const edit = (body: any) => ({ secrets: body.secrets.filter(({ key }: { key: string }) => key !== "user") });
  const fault = faults.add({ match: "GET /api/2.0/secrets/list", times: 1, edit });
  await world.apply(secret("source", { password: "two", more: "three" }));
  const keys = () => secrets.keys("team").map(({ key }) => key).sort().join();
  await eventually("the key is gone", () => keys() === "more,password" || problem(keys()));
  assert.equal(fault.hits, 1);
}, { start: false });
