/**
 * Jobs whose objects lose their record of them, while no operator runs or while a create is in doubt.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { job, pathOf } from "./objects.ts";
import { eventually, sweeps } from "./waiting.ts";
import type { World } from "./world.ts";

const JOB = "DatabricksJob";
/** Settings without ingest. */
export const QUIET = { ingest: "false" };
/** Settings that soon leave a create in doubt. */
export const IMPATIENT = { ...QUIET, default_timeout_seconds: "1" };
/** Long enough for a sweep while a create is in doubt. */
export const timings = { settleMs: 4000, missMs: 200, baselineMs: 100, uninstallMs: 50 };

/** Removes an object's status, and also its finalizers, as if only its manifest had been restored. */
export async function setBack({ kube, namespace }: World, what: "status" | "status and finalizer"): Promise<void> {
  const path = pathOf(JOB, namespace);
  await kube.patch(path, "x", { status: null }, { type: "merge", subresource: "status" });
  if (what === "status") return;
  await kube.patch(path, "x", { metadata: { finalizers: null } }, { type: "merge" });
}

/** Creates job "x", and acts on it while no operator runs. */
export async function whileAway(world: World, manifest: KubeObject, act: (id: string) => Promise<void>) {
  const first = await world.startOperator();
  await world.apply(manifest);
  const id = String((await world.ready(JOB, "x")).status?.id);
  await world.stopOperator(first);
  await act(id);
  // The operator was away for longer than lists lag.
  world.workspace.settle();
  await world.startOperator();
  return id;
}

/** Waits until the object's condition asks whether to adopt the job, and checks that no other job is created. */
export async function asked(world: World, id: string): Promise<void> {
  const { message } = await world.blocked(JOB, "x", "AlreadyExists");
  assert.match(message, new RegExp(`^job ${id} exists already .*set annotation databricks-operator/adopt: "true"`));
  assert.match(message, /use another name for one of the two/);
  await sweeps(world.workspace, "/jobs/list", 2);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}

/** Follows the advice to adopt a job that belongs to the object. */
export async function adopted(world: World, id: string): Promise<void> {
  await asked(world, id);
  await world.annotate(JOB, "x", "adopt", "true");
  assert.equal((await world.ready(JOB, "x")).status?.id, id);
  assert.deepEqual(world.workspace.jobs.ids(), [id]);
}

/** Deletes object "x" while its create is in doubt, after the test has changed the created job. */
export async function deletedInDoubt(world: World, settings: Record<string, unknown>, act: (id: string) => void) {
  const { faults, jobs, ledger } = world.workspace;
  await world.startOperator({ timings });
  const hung = faults.add({ match: "jobs/create", hang: true, times: 1 });
  await world.apply(job("x", settings));
  await eventually("the create hangs", () => hung.hits === 1);
  const unlisted = faults.add({ match: "jobs/list", status: 500 });
  const [call] = ledger.find("POST", "jobs/create");
  const id = jobs.add(structuredClone(call?.body as Record<string, unknown>));
  act(id);
  await world.delete(JOB, "x");
  await eventually("the search finds nothing", () => unlisted.hits > 0);
  unlisted.remove();
  await world.gone(JOB, "x");
  return id;
}
