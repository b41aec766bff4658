/** Ingest and hand-over leave Events, which tell since when which side decides, and what that means. */
import assert from "node:assert/strict";
import { clusterTest, job, sweeps } from "../support/harness.ts";

const KIND = "DatabricksJob";
const main = [{ task_key: "main", notebook_task: { notebook_path: "/Shared/main" } }];

clusterTest("every ingest and every hand-over emits an Event", async (world) => {
  const id = world.workspace.jobs.add({ name: "etl", tasks: main });
  world.workspace.settle();
  assert.match(
    await world.event("etl", "Following"),
    new RegExp(`spec follows job ${id}: .*deleting this object deletes nothing`),
  );
  await world.annotate(KIND, "etl", "owner", "operator");
  assert.match(await world.event("etl", "HandedOver"), new RegExp(`the manifest decides about job ${id} from now on`));
  await world.apply(job("own"));
  await world.ready(KIND, "own");
  await sweeps(world.workspace, "/jobs/list", 2);
  const events = (await world.list("Event")).filter(({ reason }) =>
    ["Following", "HandedOver"].includes(String(reason))
  );
  assert.equal(events.length, 2, "each is reported once, and only for objects that changed");
}, { settings: { ingest: "true" } });
