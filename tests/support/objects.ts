/**
 * Creates and reads objects in tests.
 *
 * @module
 */
import { parse } from "yaml";
import { encodeBase64 } from "../../mock/base64.ts";
import type { KubeObject, ResourcePath } from "../../src/kubernetes/client.ts";
import type { Condition } from "../../src/reconcile/object/conditions.ts";
import { statusOf, unfold } from "../../src/reconcile/object/status.ts";
import type { Baseline } from "../../src/reconcile/plan/baseline.ts";
import { GROUP, VERSION } from "../../src/resource.ts";
import { kinds } from "../../src/kinds.ts";

/** A condition of an object. */
export function condition(object: KubeObject | undefined, type: string): Condition | undefined {
  return (object?.status?.conditions as Condition[] | undefined)?.find((one) => one.type === type);
}

/** Returns the path of a kind's objects. */
export function pathOf(kind: string, namespace: string): ResourcePath {
  const resource = kinds.find((one) => one.kind === kind);
  if (resource !== undefined) return { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  return { group: "", version: "v1", plural: `${kind.toLowerCase()}s`, namespace };
}

/** An object of a managed kind. */
export function manifest(
  kind: string,
  name: string,
  spec: Record<string, unknown>,
  annotations: Record<string, string> = {},
): KubeObject {
  const prefixed = Object.entries(annotations).map(([key, value]) => [`databricks-operator/${key}`, value]);
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name, ...(prefixed.length === 0 ? {} : { annotations: Object.fromEntries(prefixed) }) },
    spec,
  };
}

/** A DatabricksJob with one notebook task. */
export function job(
  name: string,
  settings: Record<string, unknown> = {},
  annotations: Record<string, string> = {},
): KubeObject {
  return manifest("DatabricksJob", name, { job: { settings: { ...notebook(), ...settings } } }, annotations);
}

/** Settings of a job with one notebook task. */
export function notebook(path = "/Shared/main"): Record<string, unknown> {
  return { tasks: [{ task_key: "main", notebook_task: { notebook_path: path } }] };
}

/** A Secret, from text or bytes. */
export function secret(name: string, values: Record<string, string | Uint8Array>): KubeObject {
  const data = Object.entries(values).map(([key, value]) => [key, encodeBase64(value)]);
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, data: Object.fromEntries(data) };
}

/** A YAML manifest as an object. */
export function fromYaml(text: string): KubeObject {
  return parse(text) as KubeObject;
}

/** Returns the drift baseline in an object's status; `undefined` if there is none (yet). */
export function baselineOf(object: KubeObject | undefined): Baseline | undefined {
  return object === undefined ? undefined : unfold(statusOf(object)).baseline;
}
