/**
 * Parts of an external resource, which are written one call at a time.
 *
 * @module
 */
import type { Workspace } from "./endpoint.ts";
import type { Intent } from "./external.ts";

/** A part's state in Databricks: `value` is compared; `stamp` tells when a write-only part was last written. */
export interface ObservedPart {
  readonly value?: unknown;
  readonly stamp?: string;
}

/** Parts of an external resource that are written one call at a time: keys of a scope, ACLs of a scope. */
export interface PartOperations<Desired, Observed> {
  /** What a part is called in messages: `key`, `ACL`. */
  readonly noun: string;
  /** The field of `desired` that holds the parts, if one does; it is not compared as a field. */
  readonly field?: string;
  /** True when parts that appear beside ours are drift; false when other objects may hold parts of their own. */
  readonly exclusive: boolean;
  /** True when a part's value cannot be read back. */
  readonly writeOnly: boolean;
  /** The parts that are wanted (by name), or `undefined` when the manifest does not speak of them. */
  desired(intent: Intent<Desired>): Record<string, unknown> | undefined;
  /** The parts as Databricks holds them. */
  observed(observed: Observed): Record<string, ObservedPart>;
  /** Writes one part. */
  put(workspace: Workspace, id: string, name: string, value: unknown): Promise<void>;
  /** Deletes one part; succeeds when there is none. */
  delete(workspace: Workspace, id: string, name: string): Promise<void>;
  /** Names of which it gives the same are of one part, where Databricks may write a name in another way. */
  spelling?(name: string): string;
  /** Parts without which the operator could not go on, such as its own permission. Asked before anything is taken away. */
  needed?(workspace: Workspace): Promise<Record<string, unknown>>;
}
