/**
 * The status that all kinds have, and the part of it that tells about a job's newest run.
 *
 * Everything is optional: a status grows while the operator works, and may be lost. What is not named here, the API
 * server drops.
 *
 * @module
 */
import * as z from "zod";
import { int64, openEnum } from "../databricks/primitives.ts";
import { RunLifeCycleState, RunResultState } from "../databricks/types.ts";
import type { Resource } from "../resource.ts";

const text = (description: string) => z.string().describe(description).optional();
const time = (description: string) => z.string().meta({ format: "date-time", description }).optional();

/** A condition, as all of Kubernetes writes it. */
export const Condition = z.object({
  type: z.string().describe("What is told about: Ready or Synced, among others"),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds"),
  reason: z.string().describe("Why, in one word for programs"),
  message: z.string().describe("Why, for the manifest's author"),
  lastTransitionTime: z.string().meta({ format: "date-time", description: "When status last changed" }),
  observedGeneration: int64.describe("The generation of the manifest that it speaks of").optional(),
});

const Pending = z.object({
  operation: text("What was begun: create or recreate"),
  token: text("What makes the operation known again"),
  name: text("The name that it was begun with"),
  workspace: text("The workspace in which it was begun"),
  since: time("When it was begun"),
  until: time("When the attempt had ended at the latest"),
  absent: z.boolean().describe("Whether it was seen to be missing beforehand").optional(),
});

const Source = z.object({
  name: text("The Secret's name"),
  uid: text("Its UID"),
  resourceVersion: text("Its version, when its values were last sent"),
});

const Part = z.looseObject({
  stamp: text("When Databricks says that it was last written"),
  value: text("What was last asked for, such as a level of permission"),
  kept: z.boolean().describe("Whether it was there before, so that it is not deleted").optional(),
});

/** What every kind's status may hold. */
export const commonStatus = {
  observedGeneration: int64.describe("The generation of the manifest that was last worked on").optional(),
  conditions: z.array(Condition).meta({
    description: "What is the matter: Ready and Synced, among others",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  }).optional(),
  id: text("The id in Databricks"),
  workspace: text("The workspace that it is in"),
  url: text("Its page in the web application"),
  owner: text("Who decides what it looks like: operator (the manifest) or api (Databricks)"),
  pending: Pending.describe("A create that may have happened but is not confirmed").optional(),
  create_refused: z.boolean().describe("True when the last create was refused, so that nothing was made").optional(),
  fingerprints: text("What drift is compared with, in the operator's own form"),
  baseline: z.looseObject({}).describe("What version 0.1 kept in place of fingerprints; it is read once").optional(),
  source: Source.describe("The Secret whose values were last sent").optional(),
  references: z.record(z.string(), z.string()).describe("The ids that were used for objects that spec names")
    .optional(),
  parts: z.record(z.string(), Part).describe("What was written piece by piece, such as the keys of a scope").optional(),
};

const RunState = z.looseObject({
  life_cycle_state: RunLifeCycleState.describe("Where the run stands; NO_RUNS when there was none").optional(),
  result_state: RunResultState.describe("How it ended").optional(),
  state_message: text("What Databricks says about it"),
  user_cancelled_or_timedout: z.boolean().describe("Whether a person or a timeout ended it").optional(),
});

const LatestRun = z.object({
  run_id: text("The run's id"),
  number_in_job: int64.describe("The run's number in its job").optional(),
  start_time: time("When it started"),
  end_time: time("When it ended"),
  url: text("Its page in the web application"),
  trigger: openEnum(["PERIODIC", "ONE_TIME", "RETRY"]).describe("What started it").optional(),
});

const RunRequest = z.object({
  hash: text("The fingerprint of the spec.run that was last started"),
  token: text("The idempotency token that it was started with"),
  run_id: text("The run that it became"),
  since: time("When it was asked for"),
  refused: z.boolean().describe("Whether Databricks refused it").optional(),
});

/** What the status of a kind with runs holds besides. */
export const runStatus = {
  latest_run_state: RunState.describe("The state of the newest run").optional(),
  latest_run: LatestRun.describe("The newest run").optional(),
  run_request: RunRequest.describe("What became of spec.run").optional(),
};

/** What the status of something that happens once holds besides. */
export const onceStatus = {
  final: z.boolean().describe("True when it has come to its end, so that it is not looked at again").optional(),
};

/** The schema of a kind's whole status. */
export function statusOf(resource: Pick<Resource, "hasRuns" | "once" | "statusFields">): z.ZodObject {
  return z.object({
    ...commonStatus,
    ...(resource.once === undefined ? {} : onceStatus),
    ...(resource.hasRuns ? runStatus : {}),
    ...resource.statusFields,
  });
}
