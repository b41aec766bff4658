/** The life of a workspace folder. */
import assert from "node:assert/strict";
import { clusterTest, eventually, manifest, problem } from "../support/harness.ts";

const KIND = "DatabricksDirectory";
const PATH = "/Shared/etl/daily";

const directory = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "daily", { directory: { path: `/Workspace${PATH}` }, ...more });

clusterTest(
  "a folder is created with its parents, created again when it is gone, and deleted with its object",
  async (world) => {
    const { repos, files } = world.workspace;
    await world.apply(directory({ permissions: [{ group_name: "analysts", level: "CAN_READ" }] }));
    assert.equal((await world.ready(KIND, "daily")).status?.id, PATH);
    await eventually("the status has the id", async () => {
      const { status } = await world.get(KIND, "daily") ?? {};
      return status?.object_id === repos.status(PATH).object_id || problem(JSON.stringify(status));
    });
    files.remove(PATH);
    await world.event("daily", "ExternalResourceMissing");
    await eventually("it is created again", () => repos.holds(PATH) || problem("it is gone"));
    await world.ready(KIND, "daily");
    await world.delete(KIND, "daily");
    await world.gone(KIND, "daily");
    assert.deepEqual([repos.holds(PATH), repos.holds("/Shared/etl")], [false, true]);
  },
);

clusterTest("an unmanaged folder is taken over only with adopt", async (world) => {
  world.workspace.repos.addFolder(PATH);
  await world.apply(directory());
  assert.match(await world.event("daily", "AlreadyExists"), /adopt/);
  await world.annotate(KIND, "daily", "adopt", "true");
  await world.ready(KIND, "daily");
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest("a folder whose create lost its response is Ready", async (world) => {
  world.workspace.faults.add({
    match: "POST /api/2.0/workspace/mkdirs",
    effect: "kept",
    cut: "before-headers",
    times: 1,
  });
  await world.apply(directory());
  await world.ready(KIND, "daily");
  assert.equal(world.workspace.repos.holds(PATH), true);
});

clusterTest("a notebook at the path of a folder is neither taken nor deleted", async (world) => {
  const { repos, files } = world.workspace;
  repos.addFolder("/Shared/etl");
  files.put({ path: PATH, content: new Uint8Array(), isNotebook: true, language: "PYTHON" });
  await world.apply(directory());
  await world.event("daily", "AlreadyExists");
  await world.delete(KIND, "daily");
  await world.gone(KIND, "daily");
  assert.equal(files.status(PATH).object_type, "NOTEBOOK");
});

clusterTest(
  "a folder is deleted with its contents only if the manifest allows it, and the message names the field",
  async (world) => {
    const { repos, files } = world.workspace;
    await world.apply(directory());
    await world.ready(KIND, "daily");
    files.put({ path: `${PATH}/load`, content: new Uint8Array(), isNotebook: true, language: "PYTHON" });
    await world.delete(KIND, "daily");
    assert.match(
      await world.event("daily", "InvalidRequest"),
      /delete what is in it first; or set spec\.force_destroy: true/,
    );
    assert.equal(files.status(`${PATH}/load`).object_type, "NOTEBOOK");
    await world.apply(directory({ force_destroy: true }));
    await world.gone(KIND, "daily");
    assert.equal(repos.holds(PATH), false);
  },
);

clusterTest(
  "a relative path is rejected, and another path is not a move",
  async (world) => {
    await world.apply(manifest(KIND, "daily", { directory: { path: "etl" } }));
    assert.match(await world.event("daily", "InvalidSpec"), /spec\.directory\.path: must be a path from the root/);
    await world.apply(directory());
    await world.ready(KIND, "daily");
    await world.apply(manifest(KIND, "daily", { directory: { path: "/Shared/elsewhere" } }));
    assert.match(await world.event("daily", "Immutable"), /spec\.directory\.path/);
    assert.equal(world.workspace.repos.holds("/Shared/elsewhere"), false);
  },
);
