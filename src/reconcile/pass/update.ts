/**
 * Brings a bound external resource to what the manifest says.
 *
 * @module
 */
import { NotFoundError } from "../../databricks/errors.ts";
import { logger } from "../../telemetry/log.ts";
import { comparedDesired, comparedObserved, needsBaseline, observedBaseline, writtenBaseline } from "./baseline.ts";
import type { Context } from "./context.ts";
import { markSent } from "./create.ts";
import { look, type Seen } from "./observe.ts";
import { BlockedError } from "../object/outcome.ts";
import type { Managed, Pass } from "./pass.ts";
import { type Plan, plan } from "../plan/plan.ts";

const log = logger("reconciler");

/** Decides what is to be done. */
export function decide({ sent }: Context, pass: Pass, managed: Managed, seen: Seen): Plan {
  const { resource, status } = pass;
  const { values, connection } = managed;
  return plan({
    desired: comparedDesired(pass, managed),
    observed: typeof seen === "string" ? seen : comparedObserved(pass, managed, seen),
    baseline: status.baseline,
    api: resource.apiVersion(connection.workspace),
    generation: pass.generation,
    rules: resource.fields,
    updatable: resource.external.update !== undefined,
    rotated: values !== undefined && resource.parts === undefined &&
      sent.changed(pass.uid, values, status.source).size > 0,
  });
}

/** @returns false when the resource turned out to be gone. */
export async function carryOut(
  context: Context,
  pass: Pass,
  managed: Managed,
  decided: Plan,
  seen: Seen,
): Promise<boolean> {
  if (decided.action === "immutable") throw new BlockedError("Immutable", immutable(pass, decided.field));
  if (decided.action === "update") return await update(context, pass, managed, decided);
  if (decided.action === "bind" && typeof seen !== "string") {
    pass.status.baseline = observedBaseline(pass, managed, seen);
  }
  // The Secret changed, but none of the values that are sent: where they come from is noted all the same.
  if (managed.values !== undefined && pass.resource.parts === undefined) pass.status.source = managed.values.source;
  return true;
}

async function update(
  context: Context,
  pass: Pass,
  managed: Managed,
  decided: Plan & { action: "update" },
): Promise<boolean> {
  const { resource, status: { id = "" } } = pass;
  const { observations } = context.place(pass.namespace);
  const { changes, cause } = decided;
  pass.doing = changes.length === 0 ? `Cannot update ${pass.label}` : `Cannot set ${listed(changes)} of ${pass.label}`;
  observations.wrote(id);
  try {
    await resource.external.update?.(managed.connection.workspace, id, { ...managed.intent, changes });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // What does not exist may also be something that the manifest names, such as a job to run.
    const { doing } = pass;
    if (await look(context, pass, managed, id) === undefined) return false;
    pass.doing = doing;
    throw error;
  }
  // A second correction right after our own write is not followed by a third.
  const isRepeated = cause === "drift" && needsBaseline(pass);
  pass.status.baseline = { ...writtenBaseline(pass, managed), ...(isRepeated ? { repeated: true } : {}) };
  markSent(context, pass, managed);
  if (cause === "drift") context.metrics.repaired(resource.kind);
  tell(pass, decided);
  return true;
}

function tell(pass: Pass, { changes, cause }: Plan & { action: "update" }): void {
  const paths = listed(changes);
  const [reason, message] = {
    manifest: ["Updated", `Set ${paths}`] as const,
    drift: ["DriftCorrected", `Databricks differed from the manifest: set ${paths} back`] as const,
    rotation: ["CredentialSent", "Sent the new value from the Secret"] as const,
  }[cause];
  pass.event("Normal", reason, message);
  log.info(`${pass.resource.kind} ${pass.key}: ${reason}: ${message}`);
}

function listed(paths: readonly string[]): string {
  return paths.slice(0, 10).join(", ") + (paths.length > 10 ? ", …" : "");
}

function immutable(pass: Pass, field: string): string {
  return `${pass.resource.desiredPath}.${field} of ${pass.label} cannot be changed in Databricks: set it back, and ` +
    `give the other value to an object of another name; to delete this object would delete ${pass.externalLabel} with ` +
    `all that is in it`;
}
