/**
 * Stories of runs: one is started, fails, is repaired and cancelled; others end with their object. There is never a
 * second run.
 *
 * @module
 */
import { isActive as isUpdateActive, type Update } from "../../mock/databricks/kinds/pipeline_updates.ts";
import { isActive, type Run } from "../../mock/databricks/run.ts";
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { manifest, notebook } from "../support/objects.ts";
import { NAME, type Place, type Step, type Story } from "./stories.ts";

const KIND = "DatabricksRun";

function ours({ runs }: MockWorkspace): Run[] {
  return runs.list().filter(({ creator_user_name }) => creator_user_name !== THEM).reverse();
}

const THEM = "anna@example.com";

/** A step that ends in a phase, with the id of the only run in the status. */
function until(phase: string, step: Omit<Step, "settled">): Step {
  return {
    ...step,
    settled: (status) => status.phase === phase,
    told: ({ run_id }, workspace) => idsOf(workspace).join() === String(run_id),
  };
}

/** The ids of the operator's runs and updates. */
function idsOf(workspace: MockWorkspace): string[] {
  return [...ours(workspace).map(({ run_id }) => run_id), ...updatesOf(workspace).map(({ update_id }) => update_id)];
}

function patched(spec: Record<string, unknown>): Step["act"] {
  return async ({ world }) => void await world.patch(KIND, NAME, { spec });
}

/** The common part of these stories: a run of somebody else. */
const common = {
  kind: KIND,
  plural: "databricksruns",
  calls: /jobs\/run/,
  // Runs have no list; the list of another kind marks the sweeps.
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

/** A run that is started, fails, is repaired and cancelled. */
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

const runNow = until("Pending", {
  phase: "create",
  generation: 1,
  act: ({ world, workspace }) => {
    const [job] = workspace.jobs.all();
    return world.apply(manifest(KIND, NAME, { job_id: BigInt(job?.job_id ?? 0) }));
  },
  holds: (workspace) => ours(workspace).length === 1,
});

/** A run of a job, which is cancelled when its object is deleted. */
const ofJob: Story = { ...common, name: "run-now", steps: [runNow] };

/** A run that succeeds, and stays when its object is deleted. */
const succeeded: Story = {
  ...common,
  name: "run-succeeded",
  steps: [runNow, until("Succeeded", { ...finished("SUCCESS"), phase: "finish" })],
};

function finished(result: string): Pick<Step, "act" | "generation" | "holds"> {
  return {
    generation: 1,
    act: ({ workspace }) => workspace.runs.finish(ours(workspace)[0]?.run_id ?? "", result),
    holds: (workspace) => ours(workspace)[0]?.state.result_state === result,
  };
}

function repaired(attempt: number): Pick<Step, "act" | "generation" | "holds"> {
  return {
    generation: attempt + 1,
    act: patched({ repair: { attempt } }),
    holds: (workspace) => ours(workspace)[0]?.repairs.length === attempt,
  };
}

/** A run that is repaired twice, and cancelled with its object during the second repair. */
const twice: Story = {
  ...common,
  name: "run-repaired",
  steps: [
    runNow,
    until("Failed", { ...finished("FAILED"), phase: "fail" }),
    until("Repairing", { ...repaired(1), phase: "repair once" }),
    until("Failed", { ...finished("FAILED"), generation: 2, phase: "fail again" }),
    until("Repairing", { ...repaired(2), phase: "repair twice" }),
  ],
};

const THEIR_PIPELINE = "theirs";
const OUR_PIPELINE = "ours";

function updatesOf({ kinds: { pipelines } }: MockWorkspace): Update[] {
  return pipelines.all().filter(({ name }) => name === OUR_PIPELINE)
    .flatMap(({ pipeline_id }) => pipelines.updates.of(String(pipeline_id)))
    .filter(({ creator_user_name }) => creator_user_name !== THEM);
}

/**
 * The common part of the stories of updates: a running update of another pipeline, and a finished one of the same
 * pipeline.
 */
const ofUpdates = {
  ...common,
  calls: /pipelines/,
  prepare: ({ workspace: { kinds: { pipelines } } }: Place) => {
    const theirs = pipelines.add({ name: THEIR_PIPELINE });
    const active = pipelines.updates.start(theirs, {}, { creator: THEM });
    const ended = pipelines.updates.start(pipelines.add({ name: OUR_PIPELINE }), {}, { creator: THEM });
    pipelines.updates.set(ended, "COMPLETED");
    return Promise.resolve([theirs, active, ended]);
  },
  remote: ({ kinds: { pipelines } }: MockWorkspace) =>
    pipelines.all().map(({ name, pipeline_id }) => ({
      name,
      updates: pipelines.updates.of(String(pipeline_id)).map(({ state, full_refresh }) => ({ state, full_refresh })),
    })),
  alive: (workspace: MockWorkspace) => updatesOf(workspace).filter(isUpdateActive).length,
};

const startUpdate = until("Pending", {
  phase: "create",
  generation: 1,
  act: ({ world, workspace: { kinds } }) => {
    const pipeline_id = kinds.pipelines.all().find(({ name }) => name === OUR_PIPELINE)?.pipeline_id;
    return world.apply(manifest(KIND, NAME, { pipeline_id, update: { full_refresh: true } }));
  },
  holds: (workspace) => updatesOf(workspace).length === 1,
});

/** An update of a pipeline, started without a token, which fails. */
const failedUpdate: Story = {
  ...ofUpdates,
  name: "update-failed",
  steps: [
    startUpdate,
    until("Failed", {
      phase: "fail",
      generation: 1,
      act: ({ workspace }) => {
        workspace.kinds.pipelines.updates.set(updatesOf(workspace)[0]?.update_id ?? "", "FAILED", "no data");
      },
      holds: (workspace) => updatesOf(workspace)[0]?.state === "FAILED",
    }),
  ],
};

/** An update that is stopped when its object is deleted. */
const stoppedUpdate: Story = { ...ofUpdates, name: "update-stopped", steps: [startUpdate] };

/** The stories of this file. */
export const ofRuns: readonly Story[] = [whole, ofJob, succeeded, twice, failedUpdate, stoppedUpdate];
