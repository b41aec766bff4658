/**
 * Parts of an external resource, which need calls of their own: one by one, or all at once.
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

/** The resource that parts belong to and that another object (or a person) creates. */
export interface Holder {
  /** The reason while it is missing. */
  readonly reason: "ScopeMissing" | "ParentMissing";
  /** Begins a sentence: `Secret scope`. */
  readonly noun: string;
  /** The remedy while it is missing: `create it, for example with a DatabricksSecretScope`. */
  readonly advice: string;
}

/** The rules that all parts have. */
export interface PartRules<Desired> {
  /** The noun for messages: `key`, `ACL`. */
  readonly noun: string;
  /** The resource that the parts belong to; by default the object's own. */
  readonly holder?: Holder;
  /** The field of `desired` with the parts, if there is one; it is not compared as a field. */
  readonly field?: string;
  /**
   * True if parts that appear beside the object's own are drift; false if other objects may have parts of their own.
   */
  readonly exclusive: boolean;
  /** True if a part's value cannot be read back. */
  readonly writeOnly: boolean;
  /** The wanted parts by name; `undefined` if the manifest does not name any. */
  desired(intent: Intent<Desired>, spec: Record<string, unknown>): Record<string, unknown> | undefined;
  /** Names for which it returns the same value denote one part, if Databricks may spell a name differently. */
  spelling?(name: string): string;
}

/** Parts that are returned with the resource that they belong to, and are written one by one. */
export interface PartsOneByOne<Observed> {
  /** The parts in Databricks. */
  observed(observed: Observed): Record<string, ObservedPart>;
  /** Writes one part. */
  put(workspace: Workspace, id: string, name: string, value: unknown): Promise<void>;
  /** Deletes one part; succeeds if there is none. */
  delete(workspace: Workspace, id: string, name: string): Promise<void>;
  /**
   * Parts without which the operator could not continue, such as its own permission. Called before anything is removed.
   */
  needed?(workspace: Workspace): Promise<Record<string, unknown>>;
}

/**
 * Parts that are read by a call of their own and written by one call that lists all of them. They are read when the
 * manifest changes, after a start, and in turns at the sweeps: not in every pass.
 */
export interface PartsAtOnce {
  /** Reads the parts; `undefined` if the resource that they belong to is gone. */
  read(workspace: Workspace, id: string): Promise<Record<string, ObservedPart> | undefined>;
  /** Sets the parts to the wanted ones. It may be repeated. */
  putAll(workspace: Workspace, id: string, change: PartChange): Promise<void>;
  /**
   * Adds to the wanted parts those that must exist although the manifest does not name them: an owner, the operator's
   * own permission. Called only before a write.
   */
  complete?(workspace: Workspace, change: Omit<PartChange, "put" | "deleted">, id: string): Promise<Completed>;
  /** The remedy if {@link read} finds nothing, as the end of a message. */
  readonly missing?: string;
}

/** A change of parts that are written at once; values by name. */
export interface PartChange {
  /** All parts that should exist. */
  readonly wanted: Readonly<Record<string, unknown>>;
  /** The parts in Databricks. */
  readonly held: Readonly<Record<string, unknown>>;
  /** The parts that the manifest names. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Names of parts that are new or have another value. */
  readonly put: readonly string[];
  /** Names of parts that are removed. */
  readonly deleted: readonly string[];
}

/** The result of {@link PartsAtOnce.complete}: all parts to write, or the reason why the manifest cannot be applied. */
export type Completed = { readonly wanted: Readonly<Record<string, unknown>> } | { readonly issue: SpecIssue };

/** True for parts that are written by one call. */
export function isAtOnce<Observed>(parts: PartsOneByOne<Observed> | PartsAtOnce): parts is PartsAtOnce {
  return "putAll" in parts;
}
