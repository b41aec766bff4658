/**
 * Parts of an external resource, which are written by calls of their own: one by one, or all at once.
 *
 * @module
 */
import type { Workspace } from "./endpoint.ts";
import type { Intent } from "./external.ts";
import type { SpecIssue } from "./manifest.ts";

/** A part's state in Databricks: `value` is compared; `stamp` is the time of a write-only part's last write. */
export interface ObservedPart {
  readonly value?: unknown;
  readonly stamp?: string;
}

/** Parts of an external resource: keys of a scope, ACLs of a scope, permissions on a job. */
export type PartOperations<Desired, Observed> =
  & PartRules<Desired>
  & (PartsOneByOne<Observed> | PartsAtOnce);

/** The resource that parts belong to and that another object (or a person) makes. */
export interface Holder {
  /** The reason while it is missing. */
  readonly reason: "ScopeMissing" | "ParentMissing";
  /** Begins a sentence: `Secret scope`. */
  readonly noun: string;
  /** The way out while it is missing: `create it, for example with a DatabricksSecretScope`. */
  readonly advice: string;
}

/** The rules that all parts have. */
export interface PartRules<Desired> {
  /** The noun for messages: `key`, `ACL`. */
  readonly noun: string;
  /** The resource that the parts belong to; without it messages speak of the object that names it. */
  readonly holder?: Holder;
  /** The field of `desired` that holds the parts, if one does; it is not compared as a field. */
  readonly field?: string;
  /** True when parts that appear beside ours are drift; false when other objects may hold parts of their own. */
  readonly exclusive: boolean;
  /** True when a part's value cannot be read back. */
  readonly writeOnly: boolean;
  /** The parts that are wanted (by name), or `undefined` when the manifest does not speak of them. */
  desired(intent: Intent<Desired>, spec: Record<string, unknown>): Record<string, unknown> | undefined;
  /** Names of which it gives the same are of one part, where Databricks may write a name in another way. */
  spelling?(name: string): string;
}

/** Parts that come with the resource that they belong to, and are written one call at a time. */
export interface PartsOneByOne<Observed> {
  /** The parts as Databricks holds them. */
  observed(observed: Observed): Record<string, ObservedPart>;
  /** Writes one part. */
  put(workspace: Workspace, id: string, name: string, value: unknown): Promise<void>;
  /** Deletes one part; succeeds when there is none. */
  delete(workspace: Workspace, id: string, name: string): Promise<void>;
  /** Parts without which the operator could not go on, such as its own permission. Asked before anything is taken away. */
  needed?(workspace: Workspace): Promise<Record<string, unknown>>;
}

/**
 * Parts that are read by a call of their own and written by one call that says all of them. They are read when the
 * manifest changes, after a start, and by turns at the sweeps: never at every pass.
 */
export interface PartsAtOnce {
  /** Reads the parts; `undefined` when what they belong to is gone. */
  read(workspace: Workspace, id: string): Promise<Record<string, ObservedPart> | undefined>;
  /** Makes the parts those that are wanted. It may be repeated. */
  putAll(workspace: Workspace, id: string, change: PartChange): Promise<void>;
  /**
   * Adds to the wanted parts those that must exist although the manifest does not name them: an owner, the operator's
   * own permission. Called only before a write.
   */
  complete?(workspace: Workspace, change: Omit<PartChange, "put" | "deleted">, id: string): Promise<Completed>;
  /** The remedy when {@link read} finds nothing, as the end of a message. */
  readonly missing?: string;
}

/** A change of parts that are written at once; values by name. */
export interface PartChange {
  /** All parts that are to be there. */
  readonly wanted: Readonly<Record<string, unknown>>;
  /** The parts that Databricks has. */
  readonly held: Readonly<Record<string, unknown>>;
  /** The parts that the manifest names. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Names of those that are new or have another value. */
  readonly put: readonly string[];
  /** Names of those that go. */
  readonly deleted: readonly string[];
}

/** The result of {@link PartsAtOnce.complete}: all parts to write, or the reason why the manifest cannot be applied. */
export type Completed = { readonly wanted: Readonly<Record<string, unknown>> } | { readonly issue: SpecIssue };

/** True for parts that are written by one call. */
export function isAtOnce<Observed>(parts: PartsOneByOne<Observed> | PartsAtOnce): parts is PartsAtOnce {
  return "putAll" in parts;
}
