/** `import-bundle`, on the output of `databricks bundle summary -o json` and `databricks bundle validate -o json`. */
import assert from "node:assert/strict";
import { GROUPS } from "../src/commands/bundle/groups.ts";
import { manifestsOfBundle } from "../src/commands/bundle/manifests_of.ts";
import { madeManifest } from "../src/commands/manifests.ts";
import { checkManifests } from "../src/commands/validate/check.ts";
import type { KubeObject } from "../src/kubernetes/client.ts";
import { resources } from "../src/resources/mod.ts";

/** A deployed bundle in the output of the CLI. */
const summary = {
  bundle: { name: "etl", target: "prod" },
  workspace: { file_path: "/Workspace/Users/ann@example.com/.bundle/etl/prod/files" },
  resources: {
    jobs: {
      load_all: {
        id: "901234567890123456",
        url: "https://x.example/jobs/901234567890123456",
        name: "load",
        deployment: { kind: "BUNDLE", metadata_file_path: "/Workspace/Users/ann@example.com/.bundle/etl/prod/state/x" },
        edit_mode: "UI_LOCKED",
        format: "MULTI_TASK",
        max_concurrent_runs: 1,
        queue: { enabled: true },
        permissions: [{ group_name: "data", level: "CAN_VIEW" }],
        tasks: [{
          task_key: "main",
          notebook_task: { notebook_path: "/Workspace/Users/ann@example.com/.bundle/etl/prod/files/src/main" },
        }],
      },
      nightly: {
        id: "901234567890123457",
        name: "nightly",
        lifecycle: { prevent_destroy: true },
        tasks: [
          { task_key: "load", run_job_task: { job_id: "${resources.jobs.load_all.id}" } },
          { task_key: "again", run_job_task: { job_id: 901234567890123456n } },
          { task_key: "refresh", pipeline_task: { pipeline_id: "${resources.pipelines.sales.id}" } },
          { task_key: "other", run_job_task: { job_id: 4711 } },
        ],
      },
    },
    pipelines: { sales: { id: "5f4e-1", name: "sales", catalog: "main", schema: "sales", libraries: [] } },
    genie_spaces: { dash: { name: "dash" } },
    schemas: {},
  },
};

function convert(bundle: unknown) {
  const { objects, notes } = manifestsOfBundle(bundle, { resources, namespace: "team" });
  const named = new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
  return { objects, notes: notes.join("\n"), of: (name: string) => named.get(name) as KubeObject };
}

/** The settings of a job's manifest. */
function settingsOf(object: KubeObject): Record<string, unknown> {
  return (object.spec?.job as { settings: Record<string, unknown> }).settings;
}

Deno.test("each resource of a bundle becomes a manifest that takes it over, without the CLI's own fields", () => {
  const { objects, of } = convert(summary);
  assert.equal(objects.length, 3);
  const load = of("DatabricksJob/load-all");
  assert.deepEqual(load.metadata, {
    name: "load-all",
    namespace: "team",
    annotations: { "databricks-operator/adopt": "true" },
  });
  assert.equal((load.spec?.job as { job_id: bigint }).job_id, 901234567890123456n);
  assert.deepEqual(Object.keys(settingsOf(load)), ["name", "tasks"]);
  assert.deepEqual(load.spec?.permissions, [{ group_name: "data", level: "CAN_VIEW" }]);
  assert.deepEqual(checkManifests(objects.map(madeManifest), { resources, namespace: "team" }).findings, []);
});

Deno.test("references between a bundle's resources become names, also if the CLI has resolved them to ids", () => {
  const { of } = convert(summary);
  const { tasks } = settingsOf(of("DatabricksJob/nightly")) as { tasks: Record<string, unknown>[] };
  assert.deepEqual(tasks, [
    { task_key: "load", run_job_task: { job_ref: { name: "load-all" } } },
    { task_key: "again", run_job_task: { job_ref: { name: "load-all" } } },
    { task_key: "refresh", pipeline_task: { pipeline_ref: { name: "sales" } } },
    { task_key: "other", run_job_task: { job_id: 4711 } },
  ]);
});

Deno.test("protected resources are retained, and the notes list the remaining steps", () => {
  const { notes, of } = convert(summary);
  assert.equal(of("DatabricksJob/nightly").metadata.annotations?.["databricks-operator/deletion-policy"], "retain");
  assert.match(notes, /^resources\.genie_spaces: dash: left out, since there is no kind for them$/m);
  assert.match(notes, /^Some paths are below .*\/prod\/files, .* go on uploading them, or use git_source$/m);
  assert.match(notes, /databricks bundle deployment unbind load_all\n {2}databricks bundle deployment unbind nightly/);
});

Deno.test("a bundle that is not deployed yet is created: nothing is adopted or unbound", () => {
  const { of, notes } = convert({ resources: { jobs: { etl: { name: "etl", tasks: [] } } } });
  assert.deepEqual(of("DatabricksJob/etl"), {
    apiVersion: "com.dstancu.databricks/v1",
    kind: "DatabricksJob",
    metadata: { name: "etl", namespace: "team" },
    spec: { job: { settings: { name: "etl", tasks: [] } } },
  });
  assert.equal(notes, "");
});

Deno.test("other input than a bundle is rejected with the command that prints one", () => {
  for (const other of [[], {}, "x", { resources: [] }]) {
    assert.throws(() => convert(other), /pipe in the output of databricks bundle summary -o json/);
  }
});

Deno.test("each group of a bundle for which there is a kind becomes manifests that validate", () => {
  for (const [group, kind] of Object.entries(GROUPS)) {
    const resource = resources.find((one) => one.kind === kind);
    assert.ok(resource, `${kind} is no kind`);
    const [, root = "", below] = resource.desiredPath.split(".");
    for (const { spec } of resource.examples) {
      const body = (spec as Record<string, Record<string, unknown>>)[root] ?? {};
      const fields = below === undefined ? body : body[below] as Record<string, unknown>;
      const { objects } = convert({ resources: { [group]: { one: { id: "7", ...fields } } } });
      assert.deepEqual(objects.map((object) => object.kind), [kind]);
      const { findings } = checkManifests(objects.map(madeManifest), { resources, namespace: "team" });
      assert.deepEqual(findings.filter(({ severity }) => severity === "error"), [], group);
    }
  }
});

Deno.test("an app's code, and whether it runs, move to where the manifest has them", () => {
  const app = {
    id: "orders",
    name: "orders",
    source_code_path: "/Workspace/Users/ann@example.com/.bundle/etl/prod/files/app",
    config: { command: ["python", "app.py"], env: [{ name: "LEVEL", value: "info" }] },
    lifecycle: { started: true, prevent_destroy: true },
  };
  const warehouse = { id: "a1", name: "small", cluster_size: "Small", lifecycle: { started: false } };
  const { of } = convert({ ...summary, resources: { apps: { orders: app }, sql_warehouses: { small: warehouse } } });
  assert.deepEqual(of("DatabricksApp/orders").spec, {
    app: {
      name: "orders",
      deployment: {
        source_code_path: app.source_code_path,
        command: ["python", "app.py"],
        env_vars: [{ name: "LEVEL", value: "info" }],
      },
      lifecycle: { started: true },
    },
  });
  assert.deepEqual(of("DatabricksSQLWarehouse/small").spec?.warehouse, {
    ...{ name: "small", cluster_size: "Small" },
    lifecycle: { started: false },
  });
});

Deno.test("a dashboard's content becomes text, and one whose content is in a file is named", () => {
  const place = { display_name: "Orders", parent_path: "/Workspace/Shared" };
  const dashboards = {
    inline: { id: "1", ...place, serialized_dashboard: { pages: [] }, embed_credentials: true },
    filed: { id: "2", ...place, display_name: "Costs", file_path: "src/costs.lvdash.json" },
  };
  const { of, notes } = convert({ resources: { dashboards } });
  assert.deepEqual(of("DatabricksDashboard/inline").spec?.dashboard, {
    ...place,
    publish: { embed_credentials: true },
    serialized_dashboard: '{"pages":[]}',
  });
  assert.match(notes, /^resources\.dashboards: filed: put the text of src\/costs\.lvdash\.json into serialized_dashb/m);
});

Deno.test("permissions of a secret scope become its access list, and what has no manifest is named with the reason", () => {
  const permissions = [{ level: "READ", group_name: "users" }, { level: "MANAGE", user_name: "ann@example.com" }];
  const { of, notes } = convert({
    resources: {
      secret_scopes: { team: { name: "team", permissions } },
      secrets: { key: { scope: "team", key: "key" } },
      models: { old: { name: "old" } },
      job_runs: { once: { job_id: "7" } },
      quality_monitors: { sales: { table_name: "main.sales.orders" } },
    },
  });
  assert.deepEqual(of("DatabricksSecretScope/team").spec, {
    scope: { name: "team" },
    acls: [{ principal: "users", permission: "READ" }, { principal: "ann@example.com", permission: "MANAGE" }],
  });
  assert.match(notes, /^resources\.secret_scopes: team: its permissions became acls/m);
  assert.match(notes, /^resources\.secrets: key: left out, since a manifest holds no values/m);
  assert.match(
    notes,
    /^resources\.models: old: left out, since there is no kind for models of the workspace registry/m,
  );
  assert.match(notes, /^resources\.job_runs: once: left out, since a run happens once/m);
  assert.match(notes, /^resources\.quality_monitors: sales: left out, since there is no kind for them$/m);
});
