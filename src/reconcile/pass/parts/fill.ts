/**
 * Writes the parts of an object's resource. Objects that write parts of the same resource take turns.
 *
 * @module
 */
import type { Mutexes } from "../../../base/mutex.ts";
import type { Screen } from "../approve/judge.ts";
import type { Seen } from "../external/observe.ts";
import { tellApart } from "../identity/letter_case.ts";
import type { Work } from "../work.ts";
import { reconcileParts } from "./parts.ts";

/** The observation of the resource, and how its parts are read. */
export interface Filling {
  /** One for each external resource that several objects write into. */
  readonly fillings: Mutexes;
  readonly seen: Seen;
  /** The counter when the pass began, as in observations. */
  readonly begun: number;
  readonly screen?: Screen;
}

/** Writes the parts that differ. */
export async function fillParts(work: Work, { fillings, seen, begun, screen }: Filling): Promise<void> {
  const { pass, managed, here: { observations, partReads: reads } } = work;
  const { parts } = pass.resource;
  if (parts === undefined) return;
  const {
    state,
    sent,
    missedParts: missed,
    strangersParts: strangers,
    repairs,
    metrics,
    clock,
    timings: { settleMs },
  } = work.context;
  const { id = "" } = pass.status;
  const reconcile = (observed: Record<string, unknown> | undefined, isOld = false) => {
    const claimed = state.olderParts(pass.object, id, pass.status.workspace);
    const now = clock.monotonic();
    const held = state.otherParts(pass.object, id, pass.status.workspace);
    const known = { sent, missed, strangers, settleMs, claimed, held, repairs, metrics, now };
    return reconcileParts(pass, managed, {
      id,
      observed,
      isOld,
      observations,
      reads,
      ...known,
      ...screen && { screen },
    });
  };
  if (parts.exclusive) return await reconcile(typeof seen === "string" ? undefined : seen);
  // Several objects may write into one resource, one at a time: the next one sees the claims and the time of the write.
  const { workspace } = managed.connection;
  await fillings.run(`${workspace.host} ${id.toLowerCase()}`, async () => {
    await tellApart(state, { workspace, id, uid: pass.uid });
    const known = typeof seen === "string" ? undefined : observations.fresh(id);
    await reconcile(known?.observed, known !== undefined && known.since < begun);
  });
}
