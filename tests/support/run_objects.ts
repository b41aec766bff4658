/**
 * DatabricksRuns in tests: waits for their phases.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { eventually, problem, type World } from "./harness.ts";

/** The kind of run objects. */
export const RUN = "DatabricksRun";

/** Waits until a run object is in a phase. */
export async function phase(world: World, name: string, wanted: string): Promise<KubeObject> {
  return await eventually(`run ${name} is ${wanted}`, async () => {
    const object = await world.get(RUN, name);
    return object?.status?.phase === wanted ? object : problem(JSON.stringify(object?.status));
  });
}

/** Waits until a run object has started its run, and returns the run's id. */
export async function started(world: World, name: string): Promise<string> {
  return await eventually(`run ${name} is started`, async () => {
    const { status } = await world.get(RUN, name) ?? {};
    return typeof status?.run_id === "string" ? status.run_id : problem(JSON.stringify(status));
  });
}
