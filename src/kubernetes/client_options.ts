/**
 * Options of a {@link KubeClient} and its calls.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Call, ConnectionOptions } from "./connection.ts";

/** The address of the API server, the credentials, and the options of all calls. */
export interface KubeClientOptions extends Omit<ConnectionOptions, "userAgent" | "clock"> {
  /** The timeout of calls other than watches, in ms; 30,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** The longest silence of a watch, in ms, if the watch itself allows more. */
  readonly idleMs?: number | undefined;
  readonly userAgent?: string | undefined;
  /** The field manager of writes; by default `databricks-kube-operator`. */
  readonly fieldManager?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The timeout of this call, in ms. */
  readonly timeoutMs?: number | undefined;
}

/** Label and field selectors. */
export interface Selectors {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Options of a list. */
export interface ListOptions extends CallOptions, Selectors {
  /** Objects per page. */
  readonly limit?: number | undefined;
  /** Returns the objects' metadata only. */
  readonly isMetadataOnly?: boolean | undefined;
  /** The token of the previous page. */
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Options of a write. */
export interface WriteOptions extends CallOptions {
  /** Makes the API server check everything and store nothing. */
  readonly dryRun?: boolean | undefined;
  /** The field manager of this write; by default the client's own. */
  readonly fieldManager?: string | undefined;
}

/** Options of a patch. */
export interface PatchOptions extends WriteOptions {
  /** By default `merge`. */
  readonly type?: "merge" | "json" | "apply" | undefined;
  readonly subresource?: "status" | undefined;
  /** Takes over fields that another manager owns (`apply` only). */
  readonly force?: boolean | undefined;
}

/** Options of a delete. */
export interface DeleteOptions extends CallOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

/** Options of a watch. */
export interface WatchOptions extends Selectors {
  /** The version after which the watch begins. */
  readonly resourceVersion: string;
  /** The time after which the API server should end the watch. */
  readonly timeoutSeconds: number;
  /** The longest silence of the stream, in ms. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  /** Returns the objects' metadata only. */
  readonly isMetadataOnly?: boolean | undefined;
  /** Called for everything that arrives. */
  readonly onActivity?: (() => void) | undefined;
}

/** Options of {@link KubeClient.request}. */
export interface RequestOptions extends CallOptions {
  readonly query?: Call["query"];
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}
