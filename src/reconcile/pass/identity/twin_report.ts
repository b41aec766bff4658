/**
 * Reports other resources that carry an object's ownership tag: in an Event, and in `Synced` for as long as they exist.
 *
 * @module
 */
import { conditionOf } from "../../object/conditions.ts";
import { statusOf } from "../../object/status.ts";
import type { Pass } from "../pass.ts";

/** The number of ids that a message names. */
const MAX_NAMED = 5;

/** Reports twins, once for each set of them. */
export class TwinReport {
  /** The last remark, by the object's UID. */
  readonly #told = new Map<string, string>();

  /** Sets the sentence for `Synced`, and emits an Event if it is new. */
  tell(pass: Pass, twins: readonly string[], tag: string): void {
    const isTwin = twins.filter((id) => id !== pass.status.id);
    pass.twins = isTwin.length === 0 ? "" : sentence(pass, isTwin, tag);
    if (pass.twins === "") return void this.#told.delete(pass.uid);
    // After a restart, the condition tells.
    const isShown = conditionOf(statusOf(pass.object).conditions, "Synced")?.message.endsWith(pass.twins) ?? false;
    if (!isShown && this.#told.get(pass.uid) !== pass.twins) {
      pass.event("Warning", "DuplicateExternalResource", pass.twins);
    }
    this.#told.set(pass.uid, pass.twins);
  }

  /** Forgets an object that is gone. */
  forget(uid: string): void {
    this.#told.delete(uid);
  }
}

function sentence({ resource: { noun }, status }: Pass, twins: readonly string[], tag: string): string {
  const named = twins.slice(0, MAX_NAMED).join(", ") + (twins.length > MAX_NAMED ? ", …" : "");
  const [what, carry] = twins.length === 1 ? [noun, "carries"] : [`${noun}s`, "carry"];
  return `${what} ${named} ${carry} the tag "${tag}" of this object too, which manages ${noun} ${status.id} only: ` +
    `take the tag off what somebody cloned, and delete only what nobody needs`;
}
