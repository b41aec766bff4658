/**
 * The state of the external resource itself: an existing resource may be starting, busy or failed, and is then not
 * Ready.
 *
 * @module
 */
import type { ExternalState } from "../../../resource.ts";
import { conditionOf } from "../../object/conditions.ts";
import { BlockedError } from "../../object/outcome.ts";
import { type Status, statusOf } from "../../object/status.ts";
import { look } from "./observe.ts";
import { after, type Next } from "../next.ts";
import type { Pass } from "../pass.ts";
import type { Work } from "../work.ts";

/**
 * Shows the state of a resource that otherwise matches its manifest. A resource that was written in this pass is read
 * once more, and it is read again while its state is about to change by itself.
 */
export async function showState(work: Work): Promise<Next> {
  const { context, pass } = work;
  const { resource, status: { id = "" } } = pass;
  if (resource.state === undefined && resource.show === undefined) return "done";
  const { observations } = work.here;
  const known = observations.fresh(id);
  if (known === undefined && resource.state === undefined) return "done";
  const observed = known?.observed ?? await look(work, id);
  if (observed === undefined) return after(context.timings.missMs);
  show(pass, observed, { isWhole: known?.form !== "row" || resource.external.rows === "whole" });
  const state = resource.state?.(observed);
  if (state !== undefined && !state.ready) tell(pass, state);
  if (state === undefined || state.ready || state.failed === true) {
    context.waits.forget(pass.uid);
    return "done";
  }
  const { lookAgainMs: firstMs } = state;
  const now = context.clock.monotonic();
  return after(context.waits.next(pass.uid, { now, ...(firstMs === undefined ? {} : { firstMs }) }));
}

/** Copies the kind's fields into the status. Fields that a list's row omits keep their values from a get. */
function show(
  { resource, status }: Pass,
  observed: Record<string, unknown>,
  { isWhole }: { readonly isWhole: boolean },
): void {
  const shown = resource.show?.(observed) ?? {};
  const fields = status as Status & Record<string, unknown>;
  for (const field of Object.keys(resource.statusFields ?? {})) {
    if (shown[field] !== undefined) fields[field] = shown[field];
    else if (isWhole) delete fields[field];
  }
}

function tell(pass: Pass, { reason, message, failed = false }: ExternalState): void {
  const said = `${pass.externalLabel} ${message}`;
  if (reason === "Available") throw new TypeError(`${pass.resource.kind}: a state that is not ready needs a reason`);
  pass.setNotReady(reason, said, { failed });
  const before = conditionOf(statusOf(pass.object).conditions, "Ready");
  const now = conditionOf(pass.status.conditions, "Ready");
  if (!failed || (before?.reason === reason && before.message === now?.message)) return;
  pass.report("Warning", "ExternalFailed", said);
}

/** Refuses to recreate a resource that held data: it may be restored, and an empty one would take its name. */
export function refuseToLoseData({ resource: { noun, dangers }, status: { id } }: Pass): void {
  if (dangers?.deletesData === undefined) return;
  throw new BlockedError(
    "DataMissing",
    `${noun} ${id} is gone, with ${dangers.deletesData}: restore it in Databricks; or, to create an empty one, delete ` +
      `this object and apply it again`,
    "retry",
  );
}
