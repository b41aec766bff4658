/** Alerts, dashboard and documentation use metrics that the running operator serves. */
import assert from "node:assert/strict";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { serveHealth } from "../../src/telemetry/health_server.ts";
import { alerts, allMetrics } from "../../tools/observability.ts";
import { clusterTest, eventually, job, problem, secret } from "../support/harness.ts";
import { freePort } from "../support/ports.ts";
import { type Query, readQuery } from "../support/promql.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";

/** The labels that Prometheus adds to every series. */
const ADDED = ["namespace", "pod", "job", "instance", "container", "service"];

const described = new Map(allMetrics().describe().map((metric) => [metric.name, metric]));

/** The metric of a series: a histogram has three kinds of series. */
function metricOf(series: string): string {
  const base = series.replace(/_(bucket|sum|count)$/, "");
  return described.get(base)?.type === "histogram" ? base : series;
}

/** Returns the names in an expression that are not names of metrics. */
function unknownIn(expr: string, served: ReadonlySet<string>): string[] {
  const query: Query = readQuery(expr);
  const labels = new Set(ADDED);
  const unknown: string[] = [];
  for (const { metric: series, labels: matched } of query.selected) {
    const metric = metricOf(series);
    if (!served.has(metric)) unknown.push(`metric ${series}`);
    const own = described.get(metric)?.labels ?? [];
    for (const label of own) labels.add(label);
    if (series.endsWith("_bucket")) labels.add("le");
    for (const { name } of matched) if (![...own, ...ADDED, "le"].includes(name)) unknown.push(`${series}{${name}}`);
  }
  return [...unknown, ...query.grouped.filter((label) => !labels.has(label)).map((label) => `label ${label}`)];
}

/** The expressions of the dashboard, with its variables filled in. */
async function dashboardExpressions(): Promise<{ title: string; expr: string }[]> {
  const text = await Deno.readTextFile("charts/databricks-kube-operator/files/dashboard.json");
  const { panels } = JSON.parse(text) as { panels: { title: string; targets?: { expr: string }[] }[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr: expr.replaceAll("$__rate_interval", "5m") }))
  );
}

clusterTest("alerts and dashboard use metrics and labels that the running operator serves", async (world) => {
  await world.apply(secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }));
  await world.configure({});
  const port = freePort();
  await using replica = await Replica.start(world, [`--http-address=127.0.0.1:${port}`]);
  await replica.leads();
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const text = await eventually("the object is counted", async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return /databricks_managed_resources\{.*\} 1/.test(text) ? text : problem(text.slice(0, 500));
  });
  const served = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name));
  assert.deepEqual([...served].sort(), [...described.keys()], "the documentation contains all served metrics");
  for (const line of text.split("\n").filter((line) => line.includes("{"))) {
    const [, series = "", pairs = ""] = line.match(/^(\w+)\{(.*)\} /) ?? [];
    const labels = [...pairs.matchAll(/(\w+)="/g)].map(([, label = ""]) => label).filter((label) => label !== "le");
    assert.deepEqual(labels.sort(), [...described.get(metricOf(series))?.labels ?? []].sort(), line);
  }
  for (const { alert, expr } of alerts()) assert.deepEqual(unknownIn(expr, served), [], `${alert}: ${expr}`);
  for (const { title, expr } of await dashboardExpressions()) {
    assert.deepEqual(unknownIn(expr, served), [], `${title}: ${expr}`);
  }
}, { start: false, settings: null });

for (
  const { what, path, settings } of [
    { what: "Databricks is away", path: "/", settings: {} },
    { what: "there are no settings", path: undefined, settings: null },
  ]
) {
  clusterTest(`while ${what} the operator is alive and ready, so that it blocks no rollout`, async (world) => {
    if (path !== undefined) world.workspace.faults.add({ match: path, status: 503 });
    await world.apply(job("etl"));
    const operator = await world.startOperator();
    await using server = serveHealth({
      address: "127.0.0.1:0",
      metrics: new Metrics(),
      unready: () => operator.unready(),
    });
    for (const probe of ["healthz", "readyz"]) {
      const answer = await fetch(`${server.url}/${probe}`);
      assert.deepEqual([answer.status, await answer.text()], [200, "ok\n"], probe);
    }
    await world.blocked("DatabricksJob", "etl", path === undefined ? "SettingsMissing" : "Unavailable");
  }, { start: false, settings });
}

Deno.test("every alert has a name, a severity, a summary, and labels from its expression", () => {
  const names = alerts().map(({ alert }) => alert);
  assert.equal(new Set(names).size, names.length);
  for (const { alert, labels, annotations, expr } of alerts()) {
    assert.match(labels.severity, /^(critical|warning|info)$/, alert);
    const { grouped } = readQuery(expr);
    for (const [, label = ""] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)) {
      assert.ok(grouped.includes(label), `${alert} uses label ${label}, which its expression does not return`);
    }
  }
});

Deno.test("one stalled object, whose passes all fail, does not fire DatabricksReconcileErrors", () => {
  const { expr = "" } = alerts().find(({ alert }) => alert === "DatabricksReconcileErrors") ?? {};
  assert.match(expr, /and on \(namespace\) sum by \(namespace\) \(databricks_managed_resources\{ready="false"\}\) > 3/);
});

Deno.test("the check finds an expression with a missing metric or label", () => {
  const served = new Set(described.keys());
  assert.deepEqual(unknownIn("sum(databricks_api_calls_total)", served), ["metric databricks_api_calls_total"]);
  const wrong = 'sum by (status) (databricks_api_requests_total{verb="GET"})';
  assert.deepEqual(unknownIn(wrong, served), ["databricks_api_requests_total{verb}", "label status"]);
  assert.throws(() => unknownIn("sum by (code", served), SyntaxError);
});

Deno.test("each alert has an existing runbook", async () => {
  for (const { alert, annotations: { runbook_url: url } } of alerts()) {
    const [path = "", anchor] = url.split("#");
    const headings = [...(await Deno.readTextFile(path)).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
      text.toLowerCase()
    );
    assert.ok(headings.includes(anchor ?? ""), `${alert}: ${url}`);
    assert.equal(anchor, alert.toLowerCase());
  }
});
