/** A deployed bundle moves into Git: it is imported and applied, and nothing changes in Databricks. */
import assert from "node:assert/strict";
import { clusterTest, condition, sweeps } from "../support/harness.ts";

clusterTest(
  "import-bundle's output takes over a bundle's jobs, and writes nothing to Databricks",
  async (world) => {
    const { workspace, namespace } = world;
    const stamped = { deployment: { kind: "BUNDLE", metadata_file_path: "/x" }, edit_mode: "UI_LOCKED" };
    const main = { task_key: "main", notebook_task: { notebook_path: "/Shared/main" } };
    const load = workspace.jobs.add({ name: "load", tasks: [main], format: "MULTI_TASK", ...stamped });
    const task = { task_key: "load", run_job_task: { job_id: BigInt(load) } };
    const nightly = workspace.jobs.add({ name: "nightly", tasks: [task], format: "MULTI_TASK", ...stamped });
    workspace.settle();
    const jobs = {
      load: { id: load, name: "load", tasks: [main], ...stamped },
      nightly: {
        id: nightly,
        name: "nightly",
        tasks: [{ task_key: "load", run_job_task: { job_id: "${resources.jobs.load.id}" } }],
        ...stamped,
      },
    };
    const file = await Deno.makeTempFile({ suffix: ".json" });
    await Deno.writeTextFile(file, JSON.stringify({ resources: { jobs } }));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-qA", "--no-check", "src/main.ts", "import-bundle", file, "--namespace", namespace],
      stdin: "null",
    }).output();
    const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    await Deno.remove(file);
    assert.ok(success, err);
    assert.match(err, /databricks bundle deployment unbind nightly/);
    workspace.ledger.clear();
    await world.kubectl(["apply", "-f", "-"], { input: out });
    await world.startOperator();
    for (const [name, id] of [["load", load], ["nightly", nightly]] as const) {
      const object = await world.ready("DatabricksJob", name);
      assert.equal(object.status?.id, String(id));
      assert.equal(condition(object, "Synced")?.status, "True");
    }
    await sweeps(workspace, "/jobs/list", 2);
    assert.deepEqual(workspace.ledger.writes().map(({ method, path }) => `${method} ${path}`), []);
  },
  { start: false, settings: { ingest: "false" }, needs: ["kubectl"] },
);
