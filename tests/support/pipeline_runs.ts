/**
 * Helpers for tests of DatabricksRuns of pipelines.
 *
 * @module
 */
import type { Update } from "../../mock/databricks/kinds/pipeline_updates.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { condition, eventually, manifest, problem, type World } from "./harness.ts";
import { RUN } from "./run_objects.ts";

type Fields = Record<string, unknown>;

/** The kind of pipelines. */
export const PIPELINE = "DatabricksPipeline";
/** The request that starts an update. */
export const START = /^POST .*\/updates$/;

/** The manifest of the pipeline. */
export function pipeline(more: Fields = {}): KubeObject {
  return manifest(PIPELINE, "orders", { pipeline: { libraries: [{ notebook: { path: "/Shared/orders" } }], ...more } });
}

/** The manifest of a run that starts an update of the pipeline. */
export function run(name: string, spec: Fields = {}): KubeObject {
  return manifest(RUN, name, { pipeline_ref: { name: "orders" }, ...spec });
}

/** Creates the pipeline's object, and returns the pipeline's id. */
export async function withPipeline(world: World, more: Fields = {}): Promise<string> {
  await world.apply(pipeline(more));
  return String((await world.ready(PIPELINE, "orders")).status?.id);
}

/** The updates of a pipeline, newest first. */
export function updates({ workspace: { kinds } }: World, id: string): Update[] {
  return kinds.pipelines.updates.of(id);
}

/** Sets the state of an update. */
export function end(world: World, update: string, state: string, error?: string): void {
  world.workspace.kinds.pipelines.updates.set(update, state, error);
}

/** The number of starts that were sent. */
export function starts(world: World): number {
  return world.workspace.ledger.writes().filter(({ path }) => path.endsWith("/updates")).length;
}

/** The number of stops that were sent. */
export function stops(world: World): number {
  return world.workspace.ledger.writes().filter(({ path }) => path.endsWith("/stop")).length;
}

/** Waits until condition Succeeded has a reason, in a phase, and returns its message. */
export async function said(world: World, name: string, wanted: string): Promise<string> {
  return await eventually(`${name} is ${wanted}`, async () => {
    const object = await world.get(RUN, name);
    const { reason, message = "" } = condition(object, "Succeeded") ?? {};
    const now = `${object?.status?.phase} ${reason}`;
    return now === wanted ? message : problem(`${now} ${message} ${JSON.stringify(condition(object, "Synced"))}`);
  });
}

/** Withholds the answers to starts, although each start is carried out. */
export function losesAnswers(world: World) {
  return world.workspace.faults.add({ match: START, effect: "kept", status: 502, body: "<html></html>" });
}
