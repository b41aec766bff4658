/**
 * The contract of a kind: everything the operator needs to know about one kind of managed resource, as a value.
 *
 * From a declaration come its CRD, its RBAC rules, its reference page, validation, drift detection, ingest, finalizers
 * and contract tests. A declaration does no I/O of its own: it names endpoints, and a {@link Workspace} calls them.
 *
 * Guarantees that every declaration gives, checked by the contract tests:
 * - every operation may be repeated: a get of an absent resource returns `undefined`, and deleting an absent one
 *   succeeds;
 * - `toSpec(observed)` is accepted by `spec`;
 * - without `update`, every field of `desired` is immutable.
 *
 * @module
 */
import * as z from "zod";
import type { Endpoint, PlainApi, Workspace } from "./resource/endpoint.ts";
import type { ExternalOperations, ExternalState, Intent, Owner } from "./resource/external.ts";
import type { FieldRules } from "./resource/fields.ts";
import type {
  CelRule,
  Example,
  PrinterColumn,
  SecretReference,
  Single,
  SpecIssue,
  Subject,
} from "./resource/manifest.ts";
import type { Once } from "./resource/once.ts";
import type { PartOperations } from "./resource/parts.ts";
import type { Runs } from "./resource/runs.ts";

export * from "./resource/endpoint.ts";
export * from "./resource/external.ts";
export * from "./resource/fields.ts";
export * from "./resource/ingest.ts";
export * from "./resource/manifest.ts";
export type * from "./resource/once.ts";
export * from "./resource/parts.ts";
export type * from "./resource/runs.ts";

/** The API group of all kinds, inherited from the Rust operator that this project replaces. */
export const GROUP = "com.dstancu.databricks";
/** The version of all kinds. */
export const VERSION = "v1";

/** A kind of managed resource. */
export interface Resource<
  Spec = Record<string, unknown>,
  Desired extends object = Record<string, unknown>,
  Observed extends object = Record<string, unknown>,
> {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** A description of the kind, for `kubectl explain`. */
  readonly description: string;
  /** The noun for messages: `job`, `secret scope`. */
  readonly noun: string;
  /** `tag` when names are not unique in Databricks; `natural` when a path or name is. */
  readonly identity: "natural" | "tag";
  readonly spec: z.ZodType<Spec>;
  readonly observed: z.ZodType<Observed>;
  /** The schema of `comparable(observed)`: fields outside it never count as drift. */
  readonly comparableSchema: z.ZodType;
  /** The kind's own status fields, besides those that all kinds have. */
  readonly statusFields?: z.ZodRawShape;
  /**
   * Descriptions of fields of Databricks' types, by type and field, for this kind only: `{ "sql.Channel": {
   * dbsql_version: "…" } }`.
   */
  readonly descriptions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly fields: FieldRules;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Set if the API is of the plain form, so that the mock can serve it from this declaration. */
  readonly plain?: PlainApi;
  readonly external: ExternalOperations<Desired, Observed>;
  readonly parts?: PartOperations<Desired, Observed>;
  readonly printerColumns: readonly PrinterColumn[];
  readonly rules?: readonly CelRule[];
  /** Example manifests: complete objects that the contract tests run. */
  readonly examples: readonly Example[];
  /** The version of the API in use, for cookies. */
  apiVersion(workspace: Workspace): string;
  /** The manifest in the form that the Databricks API takes. */
  desired(spec: Spec, subject: Subject): Desired;
  /** The path of `desired`'s fields in the manifest, for messages: `spec.job.settings`. */
  readonly desiredPath: string;
  /** Manifest fields below which unknown fields are also sent to Databricks; by default `desiredPath`. */
  readonly passesOn?: readonly string[];
  /** Manifest fields below `passesOn` that are for the operator only: nothing below them is sent. */
  readonly keepsBack?: readonly string[];
  /** Finds errors in a manifest that its schema cannot detect. */
  validate?(spec: Spec): SpecIssue[];
  /** Finds probable errors in a manifest. They are reported, and the manifest is sent anyway. */
  doubts?(spec: Spec): SpecIssue[];
  /**
   * The parents (a catalog, a schema) that list a manifest's resource, for an API that lists only below one.
   * `external.list` is then called once for each parent that a manifest names.
   */
  parents?(desired: Desired): readonly string[];
  /**
   * Returns a value that changes whenever an observed resource changes (`update_time`, `etag`), in rows and in gets. A
   * row with only some of the fields (`partial`) is then followed by a get only when its stamp changed.
   */
  stamp?(observed: Observed): string | undefined;
  /** The part of an observed resource that is compared with `desired`, without the ownership tag. */
  comparable(observed: Observed, owner: Owner): Record<string, unknown>;
  /** The key that makes an external resource unique, from `desired` or `observed`; for natural identity. */
  naturalKey?(fields: Partial<Desired & Observed>): string;
  /** The field of `desired` that holds the name in Databricks; by default `name`. */
  readonly nameField?: string;
  /** The id that the predecessor wrote into `spec`. */
  specId?(spec: Spec): string | undefined;
  /** The UID in the ownership tag that an observed resource carries. */
  ownerUid?(observed: Observed, tag: string): string | undefined;
  /**
   * The operator's mark on an observed resource, for kinds that carry one: its path, and whether it is there.
   * `undefined` when a write would add none.
   */
  mark?(observed: Observed, intent: Intent<Desired>): { readonly path: string; readonly isThere: boolean } | undefined;
  /** The roles that a manifest claims and that only one object of a namespace can have, such as being a default. */
  singles?(desired: Desired): readonly Single[];
  /** The reason why a read returned only part of a resource. Nothing is written after such a read. */
  cut?(observed: Observed): string | undefined;
  /** The fields that an update must name to preserve their values: see {@link FieldRules.replaces}. */
  keeps?(observed: Observed, workspace: Workspace): Record<string, unknown>;
  /** Another manager of an observed resource, for a warning: `a Databricks Asset Bundle`. */
  managedBy?(observed: Observed): string | undefined;
  /** The creator of an observed resource, and its time of creation (ms since the epoch), if Databricks returns them. */
  made?(observed: Observed): { readonly by?: string | undefined; readonly at?: number | undefined };
  /** The field that names the Secret, for messages: `spec.secret_name`. */
  readonly referenceField?: string;
  /** The Secret or ConfigMap that holds values to send. */
  reference?(spec: Spec): SecretReference | undefined;
  /**
   * A manifest with the text of a ConfigMap's key in it, which is then compared like any field. Without this, and for
   * content that is not text, the value is sent like one of a Secret, and never read back.
   */
  fill?(spec: Spec, text: string): Spec;
  /** True for a kind whose manifests may refer to a ConfigMap. */
  readonly readsConfigMaps?: true;
  /** True for a kind of which only some manifests need a Secret. */
  readonly isReferenceOptional?: boolean;
  /**
   * The `spec` of an api-owned object, for the kinds that the predecessor ingested. By default it has the manifest's
   * fields that `comparable` returns.
   */
  toSpec?(observed: Observed, owner: Pick<Owner, "tag">): Record<string, unknown>;
  /** The name in Databricks from which an ingested object's name is made. */
  displayName?(observed: Observed): string;
  /**
   * The state of an observed resource (or of a list's row), for kinds that start, are busy or fail. The object is Ready
   * only in a state that says so. Without this, a resource is ready as soon as it exists.
   */
  state?(observed: Observed): ExternalState;
  /**
   * The values of `statusFields`, from an observed resource. Values that change all the time (counts, times) do not
   * belong here, since each change is a write to Kubernetes.
   */
  show?(observed: Observed): Record<string, unknown>;
  /** For resources that happen once and end, instead of being kept equal to the manifest. */
  readonly once?: Once<Desired, Observed>;
  /**
   * True while compute that costs money runs for it, from a list's row and from `desired`. The time is counted
   * (`databricks_compute_running_seconds_total`).
   */
  isRunning?(observed: Observed, desired: Desired): boolean;
  /** The costs and losses that the kind can cause. */
  readonly dangers?: Dangers;
  /** The address of its page in the webapp. */
  url?(host: string, id: string): string;
  /** For resources that run: status shows the newest run, and `spec` may request one. */
  readonly runs?: Runs<Spec, Desired>;
}

/** The costs and losses that a kind can cause. Each text ends a sentence. */
export interface Dangers {
  /**
   * The data that a deletion in Databricks destroys: `its tables`. Such a resource is retained when its object is
   * deleted, unless annotation databricks-operator/deletion-policy says `delete`; and it is never recreated to change a
   * field.
   */
  readonly deletesData?: string;
  /** The part that costs money while it runs: `its clusters, until they stop by themselves`. */
  readonly costs?: string;
  /** The top-level fields whose change may raise these costs; by default every field. */
  readonly costlyFields?: readonly string[];
}

/**
 * The name that a desired state gives the resource in Databricks.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nameOf } from "./resource.ts";
 *
 * assert.equal(nameOf({}, { name: "etl" }), "etl");
 * assert.equal(nameOf({ nameField: "cluster_name" }, { cluster_name: "notebooks" }), "notebooks");
 * ```
 */
export function nameOf(
  { nameField = "name" }: Pick<Resource, "nameField">,
  desired: Record<string, unknown>,
): string | undefined {
  const name = desired[nameField];
  return typeof name === "string" ? name : undefined;
}

/** The field of every manifest that chooses the connection to the workspace. */
const connection = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
  .describe("The DatabricksConnection; without it the one named default, else the ConfigMap").optional();

/**
 * Declares a kind. Its type parameters are checked here and erased, so that the reconciler treats all kinds alike. The
 * fields of all manifests are added.
 */
export function defineResource<Spec, Desired extends object, Observed extends object>(
  resource: Resource<Spec, Desired, Observed>,
): Resource {
  const spec = (resource.spec as unknown as z.ZodObject).extend({ connection });
  const desired = ({ connection: _ours, ...rest }: Spec & { connection?: string }, subject: Subject) =>
    resource.desired(rest as Spec, subject);
  return { ...resource, spec, desired } as unknown as Resource;
}
