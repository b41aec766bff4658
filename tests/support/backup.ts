/**
 * Changes after a backup of etcd, and the checks after its restore.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually, job, manifest, problem, sweeps, type World } from "./harness.ts";
import type { OwnServer } from "./own_server.ts";

const SCOPE = manifest("DatabricksSecretScope", "scope", { scope: { name: "team" } });

/**
 * Makes a backup with some objects in it, and then makes changes: a job is recreated, one is created for an object that
 * was paused, one belongs to a new object, and one is run.
 */
export async function lifeAfterBackup(world: World, server: OwnServer): Promise<string[]> {
  const { jobs, runs } = world.workspace;
  await world.configure({ ingest: "false" });
  for (const object of [job("again"), job("runs"), job("late", {}, { paused: "true" }), SCOPE]) {
    await world.apply(object);
  }
  const id = String((await world.ready("DatabricksJob", "again")).status?.id);
  for (const [kind, name] of [["DatabricksJob", "runs"], ["DatabricksSecretScope", "scope"]]) {
    await world.ready(kind ?? "", name ?? "");
  }
  await server.backUp();
  jobs.remove(id);
  await world.annotate("DatabricksJob", "late", "paused", null);
  await world.apply(job("new"));
  await world.patch("DatabricksJob", "runs", { spec: { run: { job_parameters: { day: "1" } } } });
  for (const name of ["late", "new", "runs"]) await world.ready("DatabricksJob", name);
  await eventually("it is created again", () => jobs.ids().length === 4 || problem(String(jobs.ids())));
  await eventually("it runs", () => runs.list().length === 1);
  await eventually("its id is known", async () => {
    const { id, pending } = (await world.get("DatabricksJob", "again"))?.status ?? {};
    return pending === undefined && jobs.ids().includes(String(id));
  });
  return jobs.ids();
}

/** Repeats the changes to the objects after a restore, as Git would, and checks that nothing changes in Databricks. */
export async function changesNothing(world: World, ids: readonly string[]): Promise<void> {
  const { jobs, ledger, runs } = world.workspace;
  for (const name of ["again", "runs"]) await world.ready("DatabricksJob", name);
  await world.ready("DatabricksSecretScope", "scope");
  await world.annotate("DatabricksJob", "late", "paused", null);
  await world.ready("DatabricksJob", "late");
  await world.apply(job("new"));
  await world.blocked("DatabricksJob", "new", "OwnedByUnknown");
  await world.patch("DatabricksJob", "runs", { spec: { run: { job_parameters: { day: "1" } } } });
  await eventually("its run is known", async () => {
    const { run_request } = (await world.get("DatabricksJob", "runs"))?.status as { run_request?: { run_id?: string } };
    return run_request?.run_id === String(runs.list()[0]?.run_id);
  });
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.deepEqual(ledger.writes().filter(({ path }) => !path.endsWith("/run-now")), []);
  assert.deepEqual([jobs.ids(), runs.list().length], [ids, 1]);
}
