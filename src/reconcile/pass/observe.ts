/**
 * What Databricks holds of an object's external resource, asked for as seldom as can be.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { isTaggedByOther } from "./identity.ts";
import { BlockedError } from "../object/outcome.ts";
import type { Managed, Pass } from "./pass.ts";
import { ownershipOf } from "../object/status.ts";

/** A resource as it was seen; `absent` when it is gone, `unknown` when a look is on its way anyway. */
export type Seen = Record<string, unknown> | "absent" | "unknown";

/** What Databricks holds: as it was last seen if that is still true, else as it says now. */
export async function see(context: Context, pass: Pass, managed: Managed, id: string): Promise<Seen> {
  const { observations, sweeper } = context.place(pass.namespace);
  const known = observations.fresh(id);
  if (known !== undefined && !(known.partial && needsWhole(context, managed))) {
    return stillOurs(context, pass, managed, known.observed);
  }
  if (sweeper.awaitsBaseline(pass.key)) return "unknown";
  const now = await look(context, pass, managed, id);
  return now === undefined ? "absent" : stillOurs(context, pass, managed, now);
}

/** Asks Databricks. */
export async function look(context: Context, pass: Pass, managed: Managed, id: string) {
  const { observations } = context.place(pass.namespace);
  pass.doing = `Cannot read ${pass.label}`;
  const since = observations.begin();
  const observed = await pass.resource.external.observe(managed.connection.workspace, id, managed.intent);
  observations.put(id, observed, since);
  return observed;
}

/** One miss may be a stale answer: only a second one, a while later, is believed. */
export function isConfirmedMissing({ clock, missedAt, timings }: Context, pass: Pass): boolean {
  const first = missedAt.get(pass.key);
  if (first !== undefined) return clock.monotonic() - first >= timings.missMs;
  missedAt.set(pass.key, clock.monotonic());
  pass.setReconciling("Missing", `${pass.resource.noun} ${pass.status.id} is not there; looking again`);
  return false;
}

/** A list leaves parts out; that matters only where the manifest speaks of them. */
function needsWhole({ resource }: Context, { intent }: Managed): boolean {
  const field = resource.parts?.field;
  return field === undefined || intent.desired[field] !== undefined;
}

/**
 * An id may have been given to another resource since ours is gone (a workspace that was set up anew). When the object
 * that its tag names holds it, ours is gone; when the tag names nobody we know, a person has to look.
 */
function stillOurs(context: Context, pass: Pass, managed: Managed, observed: Record<string, unknown>): Seen {
  if (ownershipOf(pass.object) === "api" || !isTaggedByOther(pass, managed, observed)) return observed;
  const id = pass.status.id ?? "";
  if (context.holders(managed.connection.workspace.host, pass.uid).has(id)) return "absent";
  throw new BlockedError(
    "OwnedByAnother",
    `${pass.resource.noun} ${id} carries the tag "${managed.connection.settings.ownershipTag}" of another object now: ` +
      `if it is to be this object's, remove the tag in Databricks; else delete this object and create it again`,
  );
}
