/**
 * The configuration of kube-state-metrics for the kinds: conditions and phases by object, which the operator's own
 * metrics omit, because their labels have a bounded number of values.
 *
 * @module
 */
import { stringify } from "yaml";
import { GROUP, VERSION } from "../src/resource.ts";

const PATH = "deploy/kube-state-metrics/custom-resource-state.yaml";

/** The phases of a DatabricksRun. */
const PHASES = "Pending,Queued,Running,Repairing,Cancelling,Succeeded,Failed,Cancelled,Skipped,Unknown".split(",");

const conditions = {
  name: "condition",
  help: "1 while a condition of an object is True, 0 otherwise",
  each: {
    type: "Gauge",
    gauge: {
      path: ["status", "conditions"],
      labelsFromPath: { type: ["type"], reason: ["reason"] },
      valueFrom: ["status"],
    },
  },
};

const phases = {
  name: "phase",
  help: "1 for the phase of an object, 0 for others",
  each: { type: "StateSet", stateSet: { labelName: "phase", path: ["status", "phase"], list: PHASES } },
};

/** The file, by path. */
export function kubeStateMetricsFiles(
  resources: readonly { readonly kind: string; readonly statusFields?: object }[],
): [string, string][] {
  const spec = {
    resources: resources.map(({ kind, statusFields = {} }) => ({
      groupVersionKind: { group: GROUP, version: VERSION, kind },
      metricNamePrefix: "databricks_object",
      labelsFromPath: { namespace: ["metadata", "namespace"], name: ["metadata", "name"] },
      metrics: Object.hasOwn(statusFields, "phase") ? [conditions, phases] : [conditions],
    })),
  };
  const text = stringify({ kind: "CustomResourceStateMetrics", spec }, { aliasDuplicateObjects: false });
  return [[
    PATH,
    `# Written by deno task generate. For kube-state-metrics --custom-resource-state-config-file.\n${text}`,
  ]];
}
