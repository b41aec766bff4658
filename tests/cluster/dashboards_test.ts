/** The lives of dashboards, queries and alerts. */
import assert from "node:assert/strict";
import { clusterTest, eventually, manifest, sweeps, type World } from "../support/harness.ts";

const KIND = "DatabricksDashboard";
const PATH = "/api/2.0/lakeview/dashboards";

const content = (title: string) => JSON.stringify({ pages: [{ name: "orders", displayName: title }] });
const dashboard = (more: Record<string, unknown> = {}) =>
  manifest(KIND, "orders", {
    dashboard: {
      display_name: "Orders",
      parent_path: "/Workspace/Shared",
      serialized_dashboard: content("Orders"),
      ...more,
    },
  });
const publications = ({ workspace }: World) =>
  workspace.ledger.writes().filter(({ path }) => path.endsWith("/published")).map(({ body }) => body);

for (const publishing of ["leaves the draft", "is a change of the draft"] as const) {
  clusterTest(
    `a dashboard is not published twice for one change (publishing ${publishing})`,
    async (world) => {
      world.workspace.doubts.publishing = publishing;
      const { dashboards } = world.workspace.kinds;
      await world.apply(dashboard({ publish: {} }));
      const { status } = await world.ready(KIND, "orders");
      assert.deepEqual(publications(world), [{ embed_credentials: false }], "readers do not see what the operator may");
      await sweeps(world.workspace, PATH, 2);
      assert.equal(publications(world).length, 1);
      await world.apply(dashboard({ publish: {}, serialized_dashboard: content("All") }));
      await world.event("orders", "Updated");
      await sweeps(world.workspace, PATH, 2);
      assert.equal(publications(world).length, 2);
      assert.match(String(dashboards.get(String(status?.id))?.serialized_dashboard), /"All"/);
      await world.delete(KIND, "orders");
      await world.gone(KIND, "orders");
      assert.deepEqual(dashboards.all(), []);
    },
  );
}

clusterTest("a dashboard is not Ready before it is published, even if a list shows it", async (world) => {
  const { workspace } = world;
  workspace.faults.add({
    match: `POST ${PATH}`,
    times: 1,
    edit: async (body) => {
      workspace.settle();
      await sweeps(workspace, PATH, 2);
      return body;
    },
  });
  await world.apply(dashboard({ publish: {} }));
  await world.ready(KIND, "orders");
  assert.equal(publications(world).length, 1);
}, { mock: { doubts: { listLag: "none", dashboardRows: "with update_time" } } });

for (const dashboardRows of ["with update_time", "without update_time"] as const) {
  clusterTest(
    `a changed dashboard is reverted, and Databricks' own additions are not drift (rows ${dashboardRows})`,
    async (world) => {
      world.workspace.doubts.dashboardRows = dashboardRows;
      const { dashboards } = world.workspace.kinds;
      await world.apply(dashboard());
      const id = String((await world.ready(KIND, "orders")).status?.id);
      world.workspace.ledger.clear();
      await sweeps(world.workspace, PATH, 2);
      assert.deepEqual(world.workspace.ledger.writes(), []);
      dashboards.edit(id, { serialized_dashboard: content("by hand") });
      await world.event("orders", "DriftCorrected");
      assert.match(String(dashboards.get(id)?.serialized_dashboard), /"Orders","pageType"/);
      assert.deepEqual(publications(world), [], "an unpublished dashboard stays a draft");
    },
  );
}

clusterTest("the next pass completes a publication that a crash interrupted", async (world) => {
  world.workspace.faults.add({ match: /^POST .*\/published$/, status: 503, times: 8 });
  await world.apply(dashboard({ publish: {} }));
  await world.ready(KIND, "orders");
  const [{ dashboard_id } = {}] = world.workspace.kinds.dashboards.all();
  assert.notEqual(world.workspace.kinds.dashboards.publication(String(dashboard_id)), undefined);
});

for (const publish of [{}, { embed_credentials: true }]) {
  clusterTest(
    `a dashboard that a person unpublished is published again (publish ${JSON.stringify(publish)})`,
    async (world) => {
      world.workspace.doubts.dashboardRows = "without update_time";
      const { dashboards } = world.workspace.kinds;
      await world.apply(dashboard({ publish }));
      const id = String((await world.ready(KIND, "orders")).status?.id);
      await sweeps(world.workspace, PATH, 2);
      assert.equal(publications(world).length, 1);
      dashboards.unpublish(id);
      assert.match(await world.event("orders", "DriftCorrected"), /publish/);
      assert.equal(dashboards.publication(id)?.embed_credentials, publish.embed_credentials ?? false);
      await sweeps(world.workspace, PATH, 2);
      assert.equal(publications(world).length, 2);
    },
  );

  clusterTest(
    `an adopted dashboard is published (publish ${JSON.stringify(publish)})`,
    async (world) => {
      const { dashboards } = world.workspace.kinds;
      const id = dashboards.add({
        display_name: "Orders",
        parent_path: "/Shared",
        serialized_dashboard: content("Orders"),
      });
      const manifest = dashboard({ publish });
      await world.apply({
        ...manifest,
        metadata: { ...manifest.metadata, annotations: { "databricks-operator/adopt": "true" } },
      });
      assert.equal((await world.ready(KIND, "orders")).status?.id, id);
      assert.equal(dashboards.publication(id)?.embed_credentials, publish.embed_credentials ?? false);
    },
  );

  clusterTest(
    `a dashboard that was unpublished between two looks is published again (publish ${JSON.stringify(publish)})`,
    async (world) => {
      const { dashboards } = world.workspace.kinds;
      await world.apply(dashboard({ publish }));
      const id = String((await world.ready(KIND, "orders")).status?.id);
      await world.stopOperators();
      dashboards.unpublish(id);
      await world.startOperator();
      await eventually("it is published again", () => dashboards.publication(id) !== undefined);
    },
  );
}

for (const publishing of ["leaves the draft", "is a change of the draft"] as const) {
  for (const publish of [{}, { embed_credentials: true }]) {
    clusterTest(
      `an edit whose publication failed is published later ( ${publishing}, publish ${JSON.stringify(publish)})`,
      async (world) => {
        world.workspace.doubts.publishing = publishing;
        const { dashboards } = world.workspace.kinds;
        await world.apply(dashboard({ publish }));
        const id = String((await world.ready(KIND, "orders")).status?.id);
        await sweeps(world.workspace, PATH, 2);
        world.workspace.faults.add({ match: /^POST .*\/published$/, status: 503, times: 8 });
        await world.apply(dashboard({ publish, display_name: "All orders" }));
        await eventually("the edit is published", () => dashboards.publication(id)?.display_name === "All orders");
        // If the copy never counts as published from the draft, it is published once more.
        await sweeps(world.workspace, PATH, 2);
        const before = publications(world).length;
        await sweeps(world.workspace, PATH, 2);
        assert.equal(publications(world).length, before);
      },
    );
  }
}

clusterTest("a dashboard that the first get misses is not created twice", async (world) => {
  world.workspace.doubts.newDashboard = "by the second get";
  await world.apply(dashboard({ publish: {} }));
  await world.ready(KIND, "orders");
  assert.equal(world.workspace.kinds.dashboards.all().length, 1);
});

clusterTest("a dashboard whose create lost its response is not created twice", async (world) => {
  world.workspace.faults.add({ match: `POST ${PATH}`, effect: "kept", cut: "before-headers", times: 1 });
  await world.apply(dashboard());
  await world.ready(KIND, "orders");
  assert.equal(world.workspace.kinds.dashboards.all().length, 1);
});

clusterTest("an unmanaged dashboard of the same name is not taken over", async (world) => {
  const { dashboards } = world.workspace.kinds;
  dashboards.add({ display_name: "Orders", parent_path: "/Shared", serialized_dashboard: content("theirs") });
  await world.apply(dashboard());
  assert.match(await world.event("orders", "AlreadyExists"), /adopt/);
  assert.equal(dashboards.all().length, 1);
});

clusterTest("content that is not JSON, and a folder that is not a path, are not sent", async (world) => {
  await world.apply(dashboard({ serialized_dashboard: "{", parent_path: "Shared" }));
  const message = await world.event("orders", "InvalidSpec");
  assert.match(message, /spec\.dashboard\.serialized_dashboard: must be an object as JSON text/);
  assert.match(message, /spec\.dashboard\.parent_path: must be a path from the root/);
  assert.deepEqual(world.workspace.ledger.writes(), []);
});

clusterTest(
  "a missing folder is waited for, and another folder is rejected before any write",
  async (world) => {
    await world.apply(dashboard({ parent_path: "/Shared/new" }));
    assert.match(await world.event("orders", "ParentMissing"), /spec\.dashboard\.parent_path/);
    await world.apply(manifest("DatabricksDirectory", "new", { directory: { path: "/Shared/new" } }));
    await world.ready(KIND, "orders");
    world.workspace.ledger.clear();
    await world.apply(dashboard({ parent_path: "/Shared/other" }));
    assert.match(await world.event("orders", "Immutable"), /parent_path/);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
);

const query = (more: Record<string, unknown> = {}) =>
  manifest("DatabricksQuery", "orders", {
    query: { display_name: "Orders", parent_path: "/Shared", query_text: "SELECT 1", ...more },
  });

for (const trashedQuery of ["found", "not found"] as const) {
  clusterTest(
    `a query in the trash (${trashedQuery}) is created again, and a deleted one leaves nothing`,
    async (world) => {
      world.workspace.doubts.trashedQuery = trashedQuery;
      const { queries } = world.workspace.kinds;
      await world.apply(query());
      const first = String((await world.ready("DatabricksQuery", "orders")).status?.id);
      queries.edit(first, { query_text: "SELECT 2" });
      await world.event("orders", "DriftCorrected");
      assert.equal(queries.get(first)?.query_text, "SELECT 1");
      queries.remove(first);
      await world.event("orders", "ExternalResourceMissing");
      await eventually("there is another query", () => Promise.resolve(queries.all().length === 1));
      assert.equal(queries.all().length, 1);
      await world.delete("DatabricksQuery", "orders");
      await world.gone("DatabricksQuery", "orders");
      assert.deepEqual(queries.all(), []);
    },
  );
}

clusterTest(
  "lists of queries, which Databricks limits, are read one after the other",
  async (world) => {
    const { queries } = world.workspace.kinds;
    world.workspace.faults.add({ match: "GET /api/2.0/sql/queries", latencyMs: 40 });
    for (const name of ["a", "b", "c", "d"]) {
      queries.add({ display_name: name, parent_path: "/Shared", query_text: "SELECT 1" });
      await world.apply(manifest("DatabricksQuery", name, {
        query: { parent_path: "/Shared", query_text: "SELECT 1" },
      }));
    }
    for (const name of ["a", "b", "c", "d"]) await world.event(name, "AlreadyExists");
    assert.equal(queries.all().length, 4);
    const lists = world.workspace.ledger.calls.filter(({ method, path }) =>
      `${method} ${path}` === "GET /api/2.0/sql/queries"
    );
    const pauses = lists.slice(1).map(({ at }, index) => at - (lists[index]?.at ?? 0));
    assert.ok(lists.length >= 4 && pauses.every((ms) => ms >= 35), `lists began ${pauses} ms after each other`);
  },
);

clusterTest(
  "an alert's evaluations are not drift, and a change of its condition is reverted",
  async (world) => {
    const { alerts } = world.workspace.kinds;
    const evaluation = {
      source: { name: "orders" },
      comparison_operator: "LESS_THAN",
      threshold: { value: { double_value: 1 } },
    };
    const schedule = { quartz_cron_schedule: "0 0 6 * * ?", timezone_id: "UTC" };
    await world.apply(manifest("DatabricksAlert", "no-orders", {
      alert: { parent_path: "/Shared", warehouse_id: "1", query_text: "SELECT 1", evaluation, schedule },
    }));
    const id = String((await world.ready("DatabricksAlert", "no-orders")).status?.id);
    world.workspace.ledger.clear();
    await sweeps(world.workspace, "/api/2.0/alerts", 3);
    assert.deepEqual(world.workspace.ledger.writes(), []);
    alerts.edit(id, { evaluation: { ...evaluation, comparison_operator: "EQUAL" } });
    await world.event("no-orders", "DriftCorrected");
    assert.equal((alerts.get(id)?.evaluation as typeof evaluation).comparison_operator, "LESS_THAN");
    await world.delete("DatabricksAlert", "no-orders");
    await world.gone("DatabricksAlert", "no-orders");
    assert.deepEqual(alerts.all(), []);
  },
);
