/** Namespaces. @module */
import { at } from "../values.ts";
import { builtin } from "./builtin.ts";

/** The namespaces that exist from the start and cannot be deleted. */
export const PERMANENT = ["default", "kube-node-lease", "kube-public", "kube-system"];

export const namespaces = builtin({
  kind: "Namespace",
  schema: "io.k8s.api.core.v1.Namespace",
  namespaced: false,
  shortNames: ["ns"],
  subresources: ["status", "finalize"],
  selectable: { "status.phase": ["status", "phase"] },
  columns: [
    { name: "Status", type: "string", description: "The status of the namespace", cell: phaseOf },
  ],
  rules: {
    hasLabelName: true,
    prepare(namespace, old) {
      const { name = "", labels } = namespace.metadata;
      namespace.metadata.labels = { ...labels, "kubernetes.io/metadata.name": name };
      if (old) return;
      namespace.spec = { finalizers: ["kubernetes"] };
      namespace.status = { phase: "Active" };
    },
  },
});

function phaseOf(namespace: unknown): unknown {
  return at(namespace, "status", "phase");
}
