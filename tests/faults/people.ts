/**
 * Stories of people who act without the operator: they clone a job that it made, clear a status, and take a job over
 * for the webapp.
 *
 * @module
 */
import type { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { manifest, pathOf } from "../support/objects.ts";
import { beginning, NAME, type Place, type Story } from "./stories.ts";

function ofName(name: string): (workspace: MockWorkspace) => number {
  return ({ jobs }) => jobs.all().filter(({ settings }) => settings.name === name).length;
}

function mostOf(workspace: MockWorkspace, name: string): unknown {
  return workspace.jobs.all().find(({ settings }) => settings.name === name)?.settings.max_concurrent_runs;
}

function idOf({ jobs }: MockWorkspace): string {
  return jobs.all().find(({ settings }) => settings.name === "story")?.job_id ?? "";
}

function applied({ world }: Place, most: number): Promise<void> {
  const settings = { ...beginning.settings, max_concurrent_runs: most };
  return world.apply(manifest("DatabricksJob", NAME, { job: { settings } }));
}

/** The common part of these stories: a job, and another one of somebody else. */
const common = {
  kind: "DatabricksJob",
  plural: "databricksjobs",
  calls: /jobs\//,
  sweep: /jobs\/list$/,
  prepare: beginning.prepare,
  remote: ({ jobs }: MockWorkspace) =>
    jobs.all().map(({ settings, creator_user_name }) => ({ settings, creator_user_name })),
  alive: ofName("story"),
};

const CLONE = "Clone of story";

/** A clone with the ownership tag belongs to somebody else: it is neither written, nor adopted, nor deleted. */
const cloned: Story = {
  ...common,
  name: "cloned",
  steps: [
    beginning.create,
    {
      phase: "update",
      generation: 2,
      act: async (place) => {
        place.workspace.doubts.cloneCopiesTags = "yes";
        place.workspace.jobs.clone(idOf(place.workspace), { creator: "anna@example.com" });
        await applied(place, 4);
      },
      holds: (one) => mostOf(one, "story") === 4 && mostOf(one, CLONE) === 1,
    },
    {
      phase: "repair",
      generation: 2,
      act: ({ workspace }) =>
        workspace.jobs.edit(idOf(workspace), (settings) => void (settings.max_concurrent_runs = 9)),
      holds: (one) => mostOf(one, "story") === 4 && mostOf(one, CLONE) === 1,
    },
  ],
};

/** An object whose status was cleared finds its job again, and does not get a second one. */
const forgotten: Story = {
  ...common,
  name: "forgotten",
  steps: [
    beginning.create,
    {
      phase: "update",
      generation: 2,
      act: async (place) => {
        const { world } = place;
        const { status = {} } = await world.get("DatabricksJob", NAME) ?? {};
        const nothing = Object.fromEntries(Object.keys(status).map((field) => [field, null]));
        const patch = { type: "merge", subresource: "status" } as const;
        await world.kube.patch(pathOf("DatabricksJob", world.namespace), NAME, { status: nothing }, patch);
        await applied(place, 4);
      },
      holds: (one) => mostOf(one, "story") === 4 && ofName("story")(one) === 1,
      told: ({ id }, one) => id === idOf(one),
    },
  ],
};

/** A job that was handed over to Databricks is followed, never written, and stays when its object is deleted. */
const followed: Story = {
  ...common,
  name: "followed",
  steps: [
    beginning.create,
    {
      phase: "hand over",
      generation: 2,
      act: ({ world }) => world.annotate("DatabricksJob", NAME, "owner", "api"),
      holds: (one) => mostOf(one, "story") === 1,
      told: ({ owner }) => owner === "api",
    },
    {
      phase: "repair",
      generation: 3,
      act: ({ workspace }) =>
        workspace.jobs.edit(idOf(workspace), (settings) => void (settings.max_concurrent_runs = 9)),
      holds: (one) => mostOf(one, "story") === 9,
    },
  ],
  // The job no longer belongs to the object, so its deletion is not expected; `remote` shows that it stays.
  alive: () => 0,
};

/** The stories of this file. */
export const ofPeople: readonly Story[] = [cloned, forgotten, followed];
