import assert from "node:assert/strict";
import { keyOf, type KubeObject, slim, specManagers } from "./object.ts";

const fieldsV1 = { "f:spec": { "f:job": {} } };
const managedFields = [
  { manager: "kubectl-edit", operation: "Update", fieldsV1 },
  { manager: "argocd-controller", operation: "Apply", fieldsV1 },
  { manager: "kubectl-edit", operation: "Update", fieldsV1 },
  { manager: "databricks-kube-operator", operation: "Update", fieldsV1 },
  { manager: "labeller", operation: "Update", fieldsV1: { "f:metadata": {} } },
  { manager: "status-writer", operation: "Update", subresource: "status", fieldsV1 },
];

Deno.test("specManagers names the other writers of the spec, each once", () => {
  assert.deepEqual(specManagers({ metadata: { managedFields } }), ["argocd-controller", "kubectl-edit"]);
  assert.deepEqual(specManagers({ metadata: {} }), []);
});

Deno.test("slim drops large fields, keeps the rest, and does not change its argument", () => {
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", mine: "yes" };
  const object: KubeObject = { kind: "DatabricksJob", metadata: { name: "a", managedFields, annotations }, spec: {} };
  const before = structuredClone(object);
  const slimmed = slim(object);
  const specManagers = ["argocd-controller", "kubectl-edit"];
  assert.deepEqual(slimmed.metadata, { name: "a", annotations: { mine: "yes" }, specManagers, ownsSpec: true });
  assert.deepEqual(object, before);
  assert.deepEqual(slim(slimmed), slimmed);
});

Deno.test("keyOf names namespace and name, and only the name of a cluster-scoped object", () => {
  assert.equal(keyOf({ metadata: { namespace: "ns", name: "a" } }), "ns/a");
  assert.equal(keyOf({ metadata: { name: "a" } }), "/a");
});
