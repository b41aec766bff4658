/**
 * Helpers for tests of plans that wait for approval.
 *
 * @module
 */
import type { KubeObject } from "../../src/kubernetes/client.ts";
import type { PendingPlan } from "../../src/reconcile/object/status.ts";
import { baselineOf, condition } from "./objects.ts";
import { eventually, problem } from "./waiting.ts";
import type { World } from "./world.ts";

/** Settings that make every change wait for approval. */
export const ON_APPROVAL = { settings: { apply: "on-approval", ingest: "false" } };

/** Waits for an object's plan with another digest than `before`, and returns it. */
export async function planOf(
  world: World,
  name: string,
  { kind = "DatabricksJob", before = "" }: { readonly kind?: string; readonly before?: string } = {},
): Promise<PendingPlan> {
  return await eventually(`${kind} ${name} has a plan`, async () => {
    const object = await world.get(kind, name);
    const plan = object?.status?.plan as PendingPlan | undefined;
    const synced = condition(object, "Synced");
    const isShown = synced?.reason === "PlanPending" && synced.observedGeneration === object?.metadata.generation &&
      synced?.message.includes(plan?.digest ?? "-");
    return plan !== undefined && plan.digest !== before && isShown ? plan : problem(JSON.stringify(object?.status));
  });
}

/** The writes to Databricks so far: `POST /api/2.2/jobs/create`; ids are replaced by 1. */
export function writes({ workspace }: World): string[] {
  return workspace.ledger.writes().map(({ method, path }) => `${method} ${path.replace(/\d{5,}/, "1")}`);
}

/** Waits until the result of all writes is known and no plan waits. */
export async function settled(world: World, name: string, kind = "DatabricksJob"): Promise<KubeObject> {
  return await eventually(`${kind} ${name} is settled`, async () => {
    const object = await world.ready(kind, name);
    const { observed, repaired } = baselineOf(object) ?? {};
    const isKnown = observed !== undefined && repaired === undefined && object.status?.plan === undefined;
    return isKnown ? object : problem(JSON.stringify(object.status));
  });
}

/** Approves an object's plan. */
export async function approve(
  world: World,
  { kind = "DatabricksJob", name, digest, text = "" }: {
    readonly kind?: string;
    readonly name: string;
    readonly digest: string;
    readonly text?: string;
  },
): Promise<void> {
  await world.annotate(kind, name, "approve", `${digest} ${text}`.trim());
}
