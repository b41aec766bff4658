import assert from "node:assert/strict";
import { parse } from "yaml";
import { kinds } from "../src/kinds.ts";
import { kubeStateMetricsFiles } from "./generate_kube_state_metrics.ts";

interface Entry {
  readonly groupVersionKind: { readonly kind: string };
  readonly metrics: readonly { readonly name: string; readonly each: { readonly stateSet?: { list: string[] } } }[];
}

Deno.test("kube-state-metrics has the conditions of every kind, and all phases of a run", async () => {
  const [[, text = ""] = []] = kubeStateMetricsFiles(kinds);
  const { spec } = parse(text) as { spec: { resources: Entry[] } };
  assert.deepEqual(
    spec.resources.map(({ groupVersionKind }) => groupVersionKind.kind),
    kinds.map(({ kind }) => kind),
  );
  assert.ok(spec.resources.every(({ metrics }) => metrics[0]?.name === "condition"));
  const run = spec.resources.find(({ groupVersionKind }) => groupVersionKind.kind === "DatabricksRun");
  const phases = run?.metrics.find(({ name }) => name === "phase")?.each.stateSet?.list ?? [];
  const crd = (await Deno.readTextFile("crds/databricksruns.yaml")).replaceAll(/\s+/g, " ");
  const [, words = ""] = crd.match(/One word: ([\w, ]+?) or Unknown/) ?? [];
  assert.deepEqual(phases, [...words.split(", "), "Unknown"]);
});
