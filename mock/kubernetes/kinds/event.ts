/** Events: what `kubectl describe` shows below an object. @module */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { field } from "../field_errors.ts";
import { ageOf } from "../views/age.ts";
import { at } from "../values.ts";
import { builtin } from "./builtin.ts";

const INVOLVED = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

export const events = builtin({
  kind: "Event",
  schema: "io.k8s.api.core.v1.Event",
  shortNames: ["ev"],
  selectable: {
    ...Object.fromEntries(INVOLVED.map((key) => [`involvedObject.${key}`, ["involvedObject", key]])),
    reason: ["reason"],
    reportingComponent: ["reportingComponent"],
    source: ["source", "component"],
    type: ["type"],
  },
  columns: [
    { name: "Last Seen", type: "string", cell: (event, now) => ageOf(lastSeen(event), now) },
    { name: "Type", type: "string", cell: ({ type }) => type },
    { name: "Reason", type: "string", cell: ({ reason }) => reason },
    { name: "Object", type: "string", cell: objectOf },
    { name: "Subobject", type: "string", priority: 1, cell: (event) => at(event, "involvedObject", "fieldPath") ?? "" },
    { name: "Source", type: "string", priority: 1, cell: sourceOf },
    { name: "Message", type: "string", cell: ({ message }) => String(message ?? "").trim() },
    { name: "First Seen", type: "string", priority: 1, cell: (event, now) => ageOf(firstSeen(event), now) },
    { name: "Count", type: "string", priority: 1, cell: ({ count }) => String(count ?? 1) },
    { name: "Name", type: "string", format: "name", priority: 1, cell: ({ metadata }) => metadata.name },
  ],
  rules: {
    createsOnUpdate: true,
    prepare(event) {
      event.eventTime ??= null;
      event.reportingComponent ??= at(event, "source", "component") ?? "";
      event.reportingInstance ??= at(event, "source", "host") ?? "";
    },
    check(event) {
      const namespace = at(event, "involvedObject", "namespace") ?? "default";
      if (namespace === event.metadata.namespace) return [];
      return [field.invalid("involvedObject.namespace", namespace, "does not match event.namespace")];
    },
  },
});

function lastSeen(event: KubeObject): unknown {
  return event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp;
}

function firstSeen(event: KubeObject): unknown {
  return event.firstTimestamp ?? event.eventTime;
}

function objectOf(event: KubeObject): string {
  return `${String(at(event, "involvedObject", "kind") ?? "").toLowerCase()}/${
    at(event, "involvedObject", "name") ?? ""
  }`;
}

function sourceOf(event: KubeObject): string {
  const { component, host } = (event.source ?? {}) as Record<string, string>;
  const [name, instance] = [component ?? event.reportingComponent, host ?? event.reportingInstance];
  return [name, instance].filter((part) => part).join(", ");
}
