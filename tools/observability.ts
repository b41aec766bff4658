/**
 * The tables of docs/observability.md: every metric, and every alert.
 *
 * @module
 */
import { parse } from "yaml";
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
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** The alert rules of the chart. */
export function alerts(): Alert[] {
  const { groups } = parse(Deno.readTextFileSync(new URL(ALERTS, ROOT))) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** Metrics as a running operator has them: some are there only when they are asked for. */
export function allMetrics(): Metrics {
  const metrics = new Metrics();
  metrics.built("");
  metrics.observeQueue("objects", () => 0, 1);
  metrics.observeManaged(() => []);
  metrics.observeDuplicates(() => []);
  metrics.observeWaiting(() => []);
  return metrics;
}

/** The page, with its tables as they should be. */
export function observabilityFiles(): [string, string][] {
  let text = Deno.readTextFileSync(new URL(PAGE, ROOT));
  for (const [name, table] of [["metrics", metricsTable()], ["alerts", alertsTable()]] as const) {
    text = text.replace(
      new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end of ${name} -->)`),
      (_, begin, end) => `${begin}\n${table}\n\n${end}`,
    );
  }
  return [[PAGE, text]];
}

function metricsTable(): string {
  const rows = allMetrics().describe().map(({ name, type, labels, help }) =>
    row(`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(", "), help)
  );
  return [row("Name", "Type", "Labels", "What"), row("---", "---", "---", "---"), ...rows].join("\n");
}

function alertsTable(): string {
  const rows = alerts().map(({ alert, for: duration, labels, annotations }) => {
    const summary = annotations.summary.replaceAll(/\{\{ \$value[^}]*\}\}/g, "…").replaceAll(
      /\{\{ \$labels\.(\w+) \}\}/g,
      "($1)",
    );
    return row(`\`${alert}\``, labels.severity, duration, summary, annotations.description);
  });
  return [row("Alert", "Severity", "After", "What", "What to look at"), row("---", "---", "---", "---", "---"), ...rows]
    .join("\n");
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
