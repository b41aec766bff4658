/**
 * The parts of a declaration that concern manifests: columns, rules, errors, examples.
 *
 * @module
 */

/** A reference to a Secret, or to a ConfigMap, in the object's own namespace. */
export interface SecretReference {
  /** The kind of object that holds the values; by default a Secret. */
  readonly kind?: "Secret" | "ConfigMap";
  readonly name: string;
  /** The field that holds the reference, for messages: `spec.secret_name`. */
  readonly field: string;
  /** The only key that is used; `undefined` for all keys. */
  readonly key?: string;
  /** True if the value of that key may be any bytes, or empty. */
  readonly isBinary?: boolean;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** 1 shows the column only with `-o wide`. */
  readonly priority?: number;
}

/** The columns of every kind. `Synced` is False if the applied state still holds, but the operator cannot continue. */
export const commonColumns: readonly PrinterColumn[] = [
  { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: "Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Message", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
  { name: "Synced", type: "string", jsonPath: '.status.conditions[?(@.type=="Synced")].status', priority: 1 },
  { name: "Sync Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Synced")].reason', priority: 1 },
  { name: "Owner", type: "string", jsonPath: ".status.owner", priority: 1 },
  { name: "Workspace", type: "string", jsonPath: ".status.workspace", priority: 1 },
  { name: "Principal", type: "string", jsonPath: ".status.principal", priority: 1 },
];

/** A cross-field rule (CEL) for the API server to enforce on `spec`. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** The path below `spec` that the rule applies to, e.g. `["repository"]`; by default the root of `spec`. */
  readonly at?: readonly string[];
}

/** An error in a manifest that no schema expresses. */
export interface SpecIssue {
  /** The field: `spec.job.settings.tasks[1].task_key`. */
  readonly path: string;
  /** The error and its remedy: `"etl" is used twice: give each task a key of its own`. */
  readonly message: string;
}

/** A role that only one object of a namespace can have. */
export interface Single {
  /** Equal for the same role: `default of github`. */
  readonly key: string;
  /** The field that claims it. */
  readonly path: string;
  /** The role, for messages: `the default credential for gitHub`. */
  readonly what: string;
}

/** The manifest's metadata that `desired` may use. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
}

/** A call that creates a prerequisite of an example: its catalog, its schema. */
export interface ExampleCall {
  /** `POST /api/2.1/unity-catalog/catalogs` */
  readonly line: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A manifest that shows a use of a kind, with the Secret that it refers to. */
export interface Example {
  /** The subject of the example. */
  readonly title: string;
  /** The manifest's `spec`, as a user writes it. */
  readonly spec: Record<string, unknown>;
  /** The data of the referenced Secret (text). */
  readonly secret?: Record<string, string>;
  /** The prerequisites in the workspace. */
  readonly needs?: ExampleNeeds;
  /** A change of `spec` that leads to an update, if the kind has one. */
  readonly edited?: Record<string, unknown>;
}

/** The prerequisites of an example in the workspace. */
export interface ExampleNeeds {
  /** A secret scope. */
  readonly scope?: string;
  /** Calls that create prerequisites. */
  readonly calls?: readonly ExampleCall[];
  /** An object that has permissions. */
  readonly object?: { readonly type: string; readonly id: string };
  /** A securable of Unity Catalog. */
  readonly securable?: { readonly type: string; readonly name: string };
}
