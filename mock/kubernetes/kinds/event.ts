/**
 * Events, which `kubectl describe` shows below an object. They belong to two groups with different names for the same
 * fields, and are stored once.
 *
 * @module
 */
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { field, type FieldError } from "../field_errors.ts";
import { ageOf } from "../views/age.ts";
import { at } from "../values.ts";
import { builtin } from "./builtin.ts";

const INVOLVED = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

/**
 * The names in events.k8s.io for fields of the core group's Events (k8s.io/kubernetes,
 * pkg/apis/events/v1/conversion.go).
 */
const RENAMED: readonly (readonly [core: string, events: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

function renamed(event: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const entries = Object.entries(event).map(([key, value]) => [names.get(key) ?? key, value]);
  return { ...Object.fromEntries(entries), apiVersion } as KubeObject;
}

function toCore(event: KubeObject): KubeObject {
  const core = renamed(event, new Map(RENAMED.map(([core, other]) => [other, core])), "v1");
  core.reportingComponent ??= "";
  core.reportingInstance ??= "";
  return core;
}

function toEvents(event: KubeObject): KubeObject {
  const other = renamed(event, new Map(RENAMED), "events.k8s.io/v1");
  for (const key of ["reportingController", "reportingInstance"]) if (other[key] === "") delete other[key];
  other.deprecatedSource ??= {};
  return other;
}

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
      event.reportingComponent ??= "";
      event.reportingInstance ??= "";
      event.source ??= {};
      event.firstTimestamp ??= null;
      event.lastTimestamp ??= null;
    },
    fromOther: toCore,
    check(event) {
      const namespace = at(event, "involvedObject", "namespace") ?? "default";
      if (namespace === event.metadata.namespace) return [];
      return [field.invalid("involvedObject.namespace", namespace, "does not match event.namespace")];
    },
  },
});

const WRITTEN_ONCE = ["note", "reason", "regarding", "related", "type", "action", "eventTime", "reportingController"];

/** Events of group events.k8s.io: client-go's newer recorder writes them. */
export const newEvents = builtin({
  group: "events.k8s.io",
  kind: "Event",
  schema: "io.k8s.api.events.v1.Event",
  storedAs: "events",
  shortNames: ["ev"],
  selectable: {
    ...Object.fromEntries(INVOLVED.map((key) => [`regarding.${key}`, ["regarding", key]])),
    reason: ["reason"],
    reportingController: ["reportingController"],
    type: ["type"],
  },
  columns: events.columns.map((column) => ({
    ...column,
    cell: (event, now) => column.cell?.(toCore(event), now),
  })),
  rules: {
    createsOnUpdate: true,
    prepare(event) {
      event.eventTime ??= null;
      event.deprecatedSource ??= {};
      event.deprecatedFirstTimestamp ??= null;
      event.deprecatedLastTimestamp ??= null;
      if (event.deprecatedCount === 0) delete event.deprecatedCount;
    },
    fromOther: toEvents,
    check: (event, old) => old === undefined ? problemsOfNew(event) : changesOf(event, old),
  },
});

/**
 * Checks required and forbidden fields (k8s.io/kubernetes,
 * pkg/apis/core/validation/events.go).
 */
function problemsOfNew(event: KubeObject): FieldError[] {
  if (event.eventTime === null) return [field.required("eventTime")];
  const wanted = ["reportingController", "reportingInstance", "action", "reason"];
  const unset = [["deprecatedCount", "count"], ["deprecatedFirstTimestamp", "firstTimestamp"], [
    "deprecatedLastTimestamp",
    "lastTimestamp",
  ]] as const;
  return [
    ...wanted.filter((key) => !event[key]).map((key) => field.required(key)),
    ...["Normal", "Warning"].includes(String(event.type)) ? [] : [field.invalid("type", "", "has invalid value: ")],
    ...unset.filter(([key]) => event[key] !== undefined && event[key] !== null)
      .map(([, core]) => field.invalid(core, "", "needs to be unset")),
  ];
}

function changesOf(event: KubeObject, old: KubeObject): FieldError[] {
  const isChanged = (key: string) => JSON.stringify(event[key]) !== JSON.stringify(old[key]);
  const names = new Map(RENAMED.map(([core, other]) => [other, core]));
  return WRITTEN_ONCE.filter(isChanged)
    .map((key) => field.invalid(names.get(key) ?? key, event[key], "field is immutable"));
}

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
