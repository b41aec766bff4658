/**
 * Generates the Grafana dashboard from a table of its panels.
 *
 * @module
 */

/** A panel: its title, its unit, and its lines, each with a name. */
interface Panel {
  readonly title: string;
  readonly unit?: string;
  readonly type?: "stat" | "timeseries";
  /** The width, in 24ths of the dashboard. */
  readonly width: number;
  readonly lines: readonly { readonly expr: string; readonly name: string }[];
}

const WHERE = 'namespace=~"$namespace"';
const rate = (metric: string, where = "") => `rate(${metric}{${WHERE}${where && `,${where}`}}[$__rate_interval])`;
const sumBy = (label: string, metric: string, where = "") => `sum by (${label}) (${rate(metric, where)})`;
const quantile = (q: number, metric: string, by = "") =>
  `histogram_quantile(${q}, sum by (${["le", by].filter(Boolean).join(", ")}) (${rate(`${metric}_bucket`)}))`;
const gauge = (by: string, metric: string, where = "") => `sum by (${by}) (${metric}{${WHERE}${where && `,${where}`}})`;

/** The rows, by their titles. */
const rows: Readonly<Record<string, readonly Panel[]>> = {
  "Objects": [
    {
      title: "Ready",
      type: "stat",
      width: 4,
      lines: [{ expr: `sum(databricks_managed_resources{${WHERE},ready="true"})`, name: "ready" }],
    },
    {
      title: "Not ready",
      type: "stat",
      width: 4,
      lines: [{ expr: `sum(databricks_managed_resources{${WHERE},ready="false"}) or vector(0)`, name: "not ready" }],
    },
    {
      title: "Leader",
      type: "stat",
      width: 4,
      lines: [{ expr: `max by (pod) (leader_election_master_status{${WHERE}})`, name: "{{pod}}" }],
    },
    {
      title: "Version",
      type: "stat",
      width: 4,
      lines: [{ expr: `count by (version) (databricks_kube_operator_build_info{${WHERE}})`, name: "{{version}}" }],
    },
    {
      title: "Repairs of drift in the last day",
      type: "stat",
      width: 8,
      lines: [{
        expr: `sum by (kind) (increase(databricks_drift_repairs_total{${WHERE}}[1d]))`,
        name: "{{kind}}",
      }],
    },
    {
      title: "Objects by kind and owner",
      width: 12,
      lines: [{ expr: gauge("kind, owner", "databricks_managed_resources"), name: "{{kind}} ({{owner}})" }],
    },
    {
      title: "Objects that are not ready",
      width: 12,
      lines: [{ expr: gauge("kind", "databricks_managed_resources", 'ready="false"'), name: "{{kind}}" }],
    },
  ],
  "Databricks": [
    {
      title: "Requests by status",
      unit: "reqps",
      width: 12,
      lines: [{ expr: sumBy("code", "databricks_api_requests_total"), name: "{{code}}" }],
    },
    {
      title: "Requests by endpoint",
      unit: "reqps",
      width: 12,
      lines: [{ expr: sumBy("endpoint", "databricks_api_requests_total"), name: "{{endpoint}}" }],
    },
    {
      title: "Time to answer (95 %)",
      unit: "s",
      width: 8,
      lines: [{ expr: quantile(0.95, "databricks_api_request_duration_seconds", "endpoint"), name: "{{endpoint}}" }],
    },
    {
      title: "Wait for the rate limit (95 %)",
      unit: "s",
      width: 8,
      lines: [{ expr: quantile(0.95, "databricks_api_limiter_wait_seconds", "priority"), name: "{{priority}}" }],
    },
    {
      title: "Delay between the end of a run and its detection",
      unit: "s",
      width: 8,
      lines: [
        { expr: quantile(0.5, "databricks_run_time_to_detect_finished_seconds"), name: "50 %" },
        { expr: quantile(0.95, "databricks_run_time_to_detect_finished_seconds"), name: "95 %" },
      ],
    },
  ],
  "Reconciling": [
    {
      title: "Passes by result",
      unit: "ops",
      width: 8,
      lines: [{ expr: sumBy("result", "controller_runtime_reconcile_total"), name: "{{result}}" }],
    },
    {
      title: "Failed passes by kind",
      unit: "ops",
      width: 8,
      lines: [{ expr: sumBy("controller", "controller_runtime_reconcile_errors_total"), name: "{{controller}}" }],
    },
    {
      title: "Time of a pass (95 %)",
      unit: "s",
      width: 8,
      lines: [{
        expr: quantile(0.95, "controller_runtime_reconcile_time_seconds", "controller"),
        name: "{{controller}}",
      }],
    },
    {
      title: "Queue",
      width: 8,
      lines: [
        { expr: gauge("name", "workqueue_depth"), name: "waiting" },
        { expr: `sum(controller_runtime_active_workers{${WHERE}})`, name: "under way" },
        { expr: `max(controller_runtime_max_concurrent_reconciles{${WHERE}})`, name: "at most" },
      ],
    },
    {
      title: "Wait in the queue (95 %)",
      unit: "s",
      width: 8,
      lines: [{ expr: quantile(0.95, "workqueue_queue_duration_seconds", "priority"), name: "{{priority}}" }],
    },
    {
      title: "Longest pass under way",
      unit: "s",
      width: 8,
      lines: [{
        expr: `max by (pod) (workqueue_longest_running_processor_seconds{${WHERE}})`,
        name: "{{pod}}",
      }],
    },
  ],
  "Process": [
    {
      title: "Requests to the API server",
      unit: "reqps",
      width: 12,
      lines: [{ expr: sumBy("method, code", "rest_client_requests_total"), name: "{{method}} {{code}}" }],
    },
    {
      title: "Memory",
      unit: "bytes",
      width: 12,
      lines: [
        {
          expr:
            `max by (pod) (process_resident_memory_bytes{${WHERE}} and on (pod, namespace) databricks_kube_operator_build_info)`,
          name: "{{pod}}",
        },
        {
          expr:
            `max by (pod) (nodejs_heap_size_used_bytes{${WHERE}} and on (pod, namespace) databricks_kube_operator_build_info)`,
          name: "{{pod}} heap",
        },
      ],
    },
  ],
};

const HEIGHT = 7;
const source = { type: "prometheus", uid: "${datasource}" };

/** The dashboard's JSON. */
export function dashboard(): string {
  const panels: unknown[] = [];
  let y = 0;
  for (const [title, row] of Object.entries(rows)) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y++;
    let x = 0;
    for (const panel of row) {
      if (x + panel.width > 24) [x, y] = [0, y + HEIGHT];
      panels.push(panelOf(panel, { id: panels.length + 1, x, y }));
      x += panel.width;
    }
    y += HEIGHT;
  }
  return `${JSON.stringify({ ...head, panels }, null, 2)}\n`;
}

function panelOf(
  { title, type = "timeseries", unit = "short", width, lines }: Panel,
  at: Record<"id" | "x" | "y", number>,
) {
  return {
    id: at.id,
    type,
    title,
    datasource: source,
    gridPos: { x: at.x, y: at.y, w: width, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: lines.map(({ expr, name }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: source,
      expr,
      legendFormat: name,
    })),
  };
}

const head = {
  title: "databricks-kube-operator",
  uid: "databricks-kube-operator",
  tags: ["databricks", "kubernetes"],
  schemaVersion: 39,
  editable: true,
  refresh: "1m",
  time: { from: "now-6h", to: "now" },
  templating: {
    list: [
      { name: "datasource", type: "datasource", query: "prometheus", label: "Data source" },
      {
        name: "namespace",
        type: "query",
        label: "Operator's namespace",
        datasource: source,
        query: "label_values(databricks_kube_operator_build_info, namespace)",
        refresh: 2,
        includeAll: true,
        multi: true,
        allValue: ".*",
        current: { text: "All", value: "$__all" },
      },
    ],
  },
};
