/**
 * The tables of docs/observability.md: every metric, and every alert.
 *
 * @module
 */
import { parse } from "yaml";
import { filled, table } from "../src/generate/markdown.ts";
import { Metrics } from "../src/telemetry/metrics.ts";

const ROOT = new URL("../", import.meta.url);
const PAGE = "docs/observability.md";
/** The alert rules. */
export const ALERTS = "charts/databricks-kube-operator/files/alerts.yaml";

/** An alert rule. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

/** The alert rules of the chart. */
export function alerts(): Alert[] {
  const { groups } = parse(Deno.readTextFileSync(new URL(ALERTS, ROOT))) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** All metrics of a running operator, including those that are registered on request. */
export function allMetrics(): Metrics {
  const metrics = new Metrics();
  metrics.built("");
  metrics.observeQueue("objects", () => 0, 1);
  metrics.observeManaged(() => []);
  metrics.observeDuplicates(() => []);
  metrics.observePhases(() => []);
  metrics.observePlans(() => [], () => 0);
  metrics.observeWaiting(() => []);
  return metrics;
}

/** The page, with its tables up to date. */
export function observabilityFiles(): [string, string][] {
  const page = Deno.readTextFileSync(new URL(PAGE, ROOT));
  return [[PAGE, filled(page, { metrics: metricsTable(), alerts: alertsTable(), runbooks: runbooks() })]];
}

/** A heading for each alert, which its `runbook_url` links to. */
function runbooks(): string {
  return alerts().map(({ alert, expr, annotations: { description } }) =>
    `### ${alert}\n\n${description.trim()}\n\n\`\`\`promql\n${expr.trim()}\n\`\`\``
  ).join("\n\n");
}

function metricsTable(): string {
  const rows = allMetrics().describe().map((
    { name, type, labels, help },
  ) => [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(", "), help]);
  return table(["Name", "Type", "Labels", "What"], rows);
}

function alertsTable(): string {
  const rows = alerts().map(({ alert, for: duration, labels, annotations }) => {
    const summary = annotations.summary.replaceAll(/\{\{ \$value[^}]*\}\}/g, "…").replaceAll(
      /\{\{ \$labels\.(\w+) \}\}/g,
      "($1)",
    );
    return [`\`${alert}\``, labels.severity, duration, summary, annotations.description];
  });
  return table(["Alert", "Severity", "After", "What", "What to look at"], rows);
}
