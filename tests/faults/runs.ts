/**
 * Stories of runs: one is started, fails, is repaired and cancelled; others go with their object. There is never a second one.
 *
 * @module
 */
import { isActive, type Run } from "../../mock/databricks/run.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { manifest, notebook } from "../support/objects.ts";
import { NAME, type Place, type Step, type Story } from "./stories.ts";

const KIND = "DatabricksRun";

function ours({ runs }: MockWorkspace): Run[] {
  return runs.list().filter(({ creator_user_name }) => creator_user_name !== THEM).reverse();
}

const THEM = "anna@example.com";

/** A step that has come to its end in a phase. */
function until(phase: string, step: Omit<Step, "settled">): Step {
  return { ...step, settled: (status) => status.phase === phase };
}

function patched(spec: Record<string, unknown>): Step["act"] {
  return async ({ world }) => void await world.patch(KIND, NAME, { spec });
}

/** The common part of these stories: a run of somebody else. */
const common = {
  kind: KIND,
  plural: "databricksruns",
  calls: /jobs\/run/,
  // Runs have no list; that of another kind shows the time.
  sweep: /policies\/clusters\/list$/,
  prepare: ({ workspace }: Place) => {
    const job = workspace.jobs.add({ name: "theirs", ...notebook(), max_concurrent_runs: 9 });
    return Promise.resolve([workspace.runs.start(job, { creator: THEM })]);
  },
  remote: (workspace: MockWorkspace) =>
    ours(workspace).map(({ state: { life_cycle_state, result_state }, repairs, run_type }) => {
      return { run_type, life_cycle_state, result_state, repairs: repairs.length };
    }),
  alive: (workspace: MockWorkspace) => ours(workspace).filter(isActive).length,
};

/** Started, failed, repaired and cancelled. */
const whole: Story = {
  ...common,
  name: "run",
  steps: [
    until("Pending", {
      phase: "create",
      generation: 1,
      act: ({ world }) => world.apply(manifest(KIND, NAME, { submit: notebook() })),
      holds: (workspace) => ours(workspace).length === 1,
    }),
    until("Failed", {
      phase: "fail",
      generation: 1,
      act: ({ workspace }) => workspace.runs.finish(ours(workspace)[0]?.run_id ?? "", "FAILED", "no data"),
      holds: (workspace) => !ours(workspace).some(isActive),
    }),
    until("Repairing", {
      phase: "update",
      generation: 2,
      act: patched({ repair: { attempt: 1 } }),
      holds: (workspace) => ours(workspace)[0]?.repairs.length === 1,
    }),
    until("Cancelled", {
      phase: "cancel",
      generation: 3,
      act: patched({ cancel: true }),
      holds: (workspace) => ours(workspace)[0]?.state.result_state === "CANCELED",
    }),
  ],
};

/** A run of a job, which is cancelled when its object is deleted. */
const ofJob: Story = {
  ...common,
  name: "run-now",
  steps: [
    until("Pending", {
      phase: "create",
      generation: 1,
      act: ({ world, workspace }) => {
        const [job] = workspace.jobs.all();
        return world.apply(manifest(KIND, NAME, { job_id: BigInt(job?.job_id ?? 0) }));
      },
      holds: (workspace) => ours(workspace).length === 1,
    }),
  ],
};

/** The stories of this file. */
export const ofRuns: readonly Story[] = [whole, ofJob];
