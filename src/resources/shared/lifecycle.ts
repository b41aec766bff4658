/**
 * `lifecycle.started` of compute: whether it should run; by default its running state is left alone. Starting and
 * stopping are calls of their own, and an edit does not affect the state.
 *
 * @module
 */
import * as z from "zod";
import { type CelRule, type Intent, type Step, topField, type Workspace } from "../../resource.ts";

/** The schema of `lifecycle`. @param off The state without it: `stopped`. */
export function lifecycleSchema(off: string) {
  return z.looseObject({
    started: z.boolean()
      .describe(`true keeps it running, false keeps it ${off}; if absent, its state is left alone`).optional(),
  });
}

/** The text of {@link lifecycleRules}. */
export interface IdleWords {
  /** The field of the manifest that holds the compute, which is also its name in messages: `warehouse`. */
  readonly at: string;
  /** The field that defines when it stops by itself: `auto_stop_mins`. */
  readonly field: string;
  /** The occasion of the stop: `without a query the warehouse stops`. */
  readonly when: string;
}

/** The manifest has to define when it stops by itself, since compute that is kept running never does. */
export function lifecycleRules({ at, field, when }: IdleWords): CelRule[] {
  return [{
    at: [at],
    rule: `has(self.${field})`,
    message: `${field} is missing: say after how many minutes ${when}; 0 is never`,
  }, {
    at: [at],
    rule: "!has(self.lifecycle) || !has(self.lifecycle.started) || !self.lifecycle.started || " +
      `!has(self.${field}) || self.${field} == 0`,
    message: `lifecycle.started: true keeps the ${at} running, so ${field} must be 0; leave lifecycle out to have it ` +
      "start when it is used",
  }];
}

/** The calls of an update: first the edit, then the start or stop. */
export function lifecycleSteps(
  { desired: { lifecycle }, changes }: Intent<{ lifecycle?: { started?: boolean | undefined } | undefined }>,
  { edit, turn }: {
    edit(workspace: Workspace, id: string, changes: readonly string[]): Promise<void>;
    turn(workspace: Workspace, id: string, isStarted: boolean): Promise<void>;
  },
): Step[] {
  const edits = changes.filter((path) => topField(path) !== "lifecycle");
  const started = edits.length < changes.length ? lifecycle?.started : undefined;
  return [
    ...edits.length > 0 ? [{ changes: edits, run: (at: Workspace, id: string) => edit(at, id, edits) }] : [],
    ...started === undefined
      ? []
      : [{ changes: ["lifecycle.started"], run: (at: Workspace, id: string) => turn(at, id, started) }],
  ];
}
