/**
 * The work on one object: the pass, its manifest, and the kind's context, as one value.
 *
 * @module
 */
import type { KindInPlace } from "../kind_in_place.ts";
import type { Context } from "./context.ts";
import type { Managed, Pass } from "./pass.ts";
import type { Plan } from "../plan/plan.ts";

/** The state of one pass, which all its steps share. */
export class Work {
  /** The decision on a list's row, which the look has made already where that is enough. */
  onRow: Plan | undefined;

  constructor(readonly context: Context, readonly pass: Pass, readonly managed: Managed) {}

  /** The kind in the object's namespace. */
  get here(): KindInPlace {
    return this.context.state.in(this.pass.place);
  }

  /** The same work with another reading of the manifest. */
  with(managed: Managed): Work {
    return new Work(this.context, this.pass, managed);
  }
}
