/**
 * The contract of a kind: everything the operator needs to know about one kind of managed resource, as a value.
 *
 * From a declaration come its CRD, its RBAC rules, its reference page, validation, drift detection, ingest, finalizers
 * and contract tests. A declaration does no I/O of its own: it names endpoints, and a {@link Workspace} calls them.
 *
 * Guarantees that every declaration gives, checked by the contract tests:
 * - an operation may be repeated: what is absent is `undefined`, and deleting what is gone succeeds;
 * - `toSpec(observed)` is accepted by `spec`;
 * - without `update`, every field of `desired` is immutable.
 *
 * @module
 */
import type { z } from "zod";

/** The API group of all kinds, inherited from the Rust operator that this project replaces. */
export const GROUP = "com.dstancu.databricks";
/** The version of all kinds. */
export const VERSION = "v1";

/** One Databricks REST endpoint. */
export interface Endpoint {
  /** The HTTP method. */
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** The path; `{name}` is filled from the input, or from the workspace's parameters (`{jobs_api_version}`). */
  readonly path: string;
  /** True when a lost answer may be followed by the same call again. A create is not repeatable. */
  readonly repeatable: boolean;
  /** The name of the array that a paged list answers with, when the endpoint is paged by `page_token`. */
  readonly items?: string;
  /** The query parameter that takes the next page's token; `page_token` without it. */
  readonly pageToken?: string;
  /** Fields of the input that hold secrets: they are taken out of what Databricks answers when it refuses the call. */
  readonly secrets?: readonly string[];
  /** Refusals of this endpoint that mean something other than their status and code say. */
  readonly errors?: readonly Quirk[];
}

/** A refusal that means something other than its status and code say. Every condition that is present must hold. */
export interface Quirk {
  readonly why: string;
  readonly status?: number;
  readonly code?: RegExp;
  readonly message?: RegExp;
  /** `absent`: what the call names does not exist; `taken`: the name or path is in use. */
  readonly means: "absent" | "taken";
}

/**
 * Declares an endpoint from its method and path; everything but `POST` is repeatable unless `options` says otherwise.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { endpoint } from "./resource.ts";
 *
 * assert.equal(endpoint("GET /api/2.0/secrets/scopes/list").repeatable, true);
 * assert.equal(endpoint("POST /api/2.0/secrets/scopes/create").repeatable, false);
 * ```
 */
export function endpoint(
  line: string,
  options: Partial<Omit<Endpoint, "method" | "path">> = {},
): Endpoint {
  const [method, path] = line.split(" ") as [Endpoint["method"], string];
  return { method, path, repeatable: method !== "POST", ...options };
}

/** The input of a call: path parameters, query (GET, DELETE) or JSON body (others). */
export type CallInput = Record<string, unknown>;

/** What a declaration may ask of a workspace. */
export interface Workspace {
  /** Where the workspace is, as an origin: `https://adb-1.azuredatabricks.net`. */
  readonly host: string;
  /** The version of the Jobs API that is in use: `"2.2"` or `"2.1"`. */
  readonly jobsApiVersion: string;
  /** Calls an endpoint once (repeating it only where that is safe) and returns the parsed answer. */
  call(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown>>;
  /** Like `call`, but `undefined` where Databricks says that what the call names does not exist. */
  tryCall(endpoint: Endpoint, input?: CallInput): Promise<Record<string, unknown> | undefined>;
  /** Follows `next_page_token` and yields the pages' items; throws when a page token comes back again. */
  pages(endpoint: Endpoint, input?: CallInput): AsyncIterable<Record<string, unknown>[]>;
}

/** The managed resource on whose behalf a call is made. */
export interface Owner {
  /** The managed resource's UID. */
  readonly uid: string;
  /** Its name. */
  readonly name: string;
  /** The key of the ownership tag on jobs; empty when it is turned off. */
  readonly tag: string;
}

/** What the operator wants of one external resource. */
export interface Intent<Desired = Record<string, unknown>> {
  /** What the manifest asks for. */
  readonly desired: Desired;
  /** For whom. */
  readonly owner: Owner;
  /** Write-only values from the referenced Secret, by its keys; empty without a reference. */
  readonly values: Readonly<Record<string, Uint8Array>>;
  /** The paths that differ, for an update; empty for a create. */
  readonly changes: readonly string[];
}

/** An external resource with its id. Ids are strings, so that int64 stays exact. */
export interface External<Observed = Record<string, unknown>> {
  readonly id: string;
  readonly observed: Observed;
  /** True when a list cut something off, so that only a get tells the whole. */
  readonly partial?: boolean;
  /** True when a list's row refers to something that it does not hold: lists leave things out. */
  readonly lacks?: boolean;
  /** True when it carries the mark of the object for which it was looked for: that proves whose it is. */
  readonly marked?: boolean;
}

/**
 * True for an id; a field that an answer lacks is "undefined" as text, and identifies nothing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isId } from "./resource.ts";
 *
 * const answer: { job_id?: bigint } = {};
 * assert.equal(isId(String(answer.job_id)), false);
 * assert.equal(isId("901234567890123456"), true);
 * ```
 */
export function isId(id: string | undefined): id is string {
  return id !== undefined && !["", "undefined", "null", "NaN"].includes(id);
}

/** What is known when a create may have happened and its external resource is looked for. */
export interface FindContext {
  /** When the create was begun (ms since the epoch), if that was recorded. */
  readonly since?: number;
  /** The name that the create asked for, if it differs from what is desired now. */
  readonly name?: string;
  /** The UIDs that the object had before it was restored: their marks count as its own. */
  readonly formerUids?: readonly string[];
  /** Where nothing carries the object's mark, look also for what has its name and carries nobody's. */
  readonly unmarked?: boolean;
}

/** When a create may have been under way (ms since the epoch), as far as that is known. */
export interface Attempt {
  readonly since?: number;
  readonly until?: number;
}

/** The operations on an external resource. Each may be repeated. */
export interface ExternalOperations<Desired, Observed> {
  /** Reads by id; `undefined` when there is none. */
  observe(workspace: Workspace, id: string, intent?: Intent<Desired>): Promise<Observed | undefined>;
  /**
   * Looks for what a create with this intent would have made, oldest first. Kinds with a natural key (a path, a scope
   * name) find by it; jobs by their ownership tag.
   */
  find(workspace: Workspace, intent: Intent<Desired>, context: FindContext): Promise<External<Observed>[]>;
  /**
   * Whether a create of ours made what was found by its name alone: its creator is our own user, and it was made during
   * the attempt. Absent where nothing tells; a person then decides.
   */
  isOurs?(
    workspace: Workspace,
    found: External<Observed>,
    options: { readonly intent: Intent<Desired>; readonly attempt: Attempt },
  ): Promise<boolean>;
  /**
   * Creates and returns the id; the reconciler takes an answer without one ({@link isId}) for an answer that was lost.
   * Absent for a kind that only fills something that exists (keys of a scope).
   */
  create?(workspace: Workspace, intent: Intent<Desired>): Promise<string>;
  /** Makes the external resource as desired. Absent for a kind that cannot be changed. */
  update?(workspace: Workspace, id: string, intent: Intent<Desired>): Promise<void>;
  /** Deletes; succeeds when there is none. Absent for a kind that has only parts. */
  delete?(workspace: Workspace, id: string): Promise<void>;
  /** `whole` where a row of the list tells all that {@link observe} does; else a row may tell less, or otherwise. */
  readonly rows?: "whole";
  /**
   * Lists all, for sweeps; absent where the API has no list. A `quick` one may leave out what costs further calls: it is
   * the first after a start.
   */
  list?(workspace: Workspace, options?: { quick?: boolean }): AsyncIterable<External<Observed>[]>;
  /**
   * The second source about a resource that `observe` misses: true while the API's list, filtered by name, still holds
   * it; for a kind without a list, while what it is part of is listed. Without it, `list` is read whole.
   */
  isListed?(workspace: Workspace, id: string, intent: Intent<Desired>): Promise<boolean>;
  /** Who the workspace's credentials stand for, as {@link Resource.made} tells who made what. */
  self?(workspace: Workspace): Promise<string>;
  /** Takes our mark off what is to stay in Databricks after its managed resource is gone. */
  release?(workspace: Workspace, id: string, owner: Owner): Promise<void>;
}

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

/** Rules about the fields of `desired`, as data. */
export interface FieldRules {
  /** Fields that cannot be changed after creation. */
  readonly immutable?: readonly string[];
  /** Fields that only a create reads: they are never compared with what Databricks holds. */
  readonly createOnly?: readonly string[];
  /** Fields that a create cannot set, so that an update follows it. */
  readonly updateOnly?: readonly string[];
  /** Fields that Databricks never answers: after our write they are taken to be as they were asked for. */
  readonly unread?: readonly string[];
  /** Fields that Databricks computes: never compared. */
  readonly outputOnly?: readonly string[];
  /** Lists whose elements have a key, by path: `{ "tasks": "task_key", "tasks.depends_on": "task_key" }`. */
  readonly keyedBy?: Readonly<Record<string, string>>;
  /** Lists without keys whose order means nothing, by path. */
  readonly unordered?: readonly string[];
  /** Text fields that Databricks may spell in another way, by path, with what makes two spellings equal. */
  readonly spelling?: Readonly<Record<string, (text: string) => string>>;
  /**
   * What Databricks may answer in place of what was asked, by path: true when the answer stands for it. `answered` is
   * `undefined` where the field is left out.
   */
  readonly answers?: Readonly<Record<string, (asked: unknown, answered: unknown) => boolean>>;
  /** Top-level fields that are left alone unless the manifest sets one of the named: what they hold is then no drift. */
  readonly onlyIfAsked?: Readonly<Record<string, readonly string[]>>;
  /** True when an update replaces all fields, so that it removes what the manifest does not name. */
  readonly replaces?: boolean;
  /** What top-level fields hold that nobody set: a take-over does not name them as about to be removed. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Top-level fields that no call can clear once they are set. */
  readonly irremovable?: readonly string[];
  /** Names of fields, at any depth, whose values no message shows. */
  readonly confidential?: readonly string[];
}

/** A reference to a Secret in the object's own namespace. */
export interface SecretReference {
  readonly name: string;
  /** The field that holds the reference, for messages: `spec.secret_name`. */
  readonly field: string;
  /** The only key that is used, or `undefined` for all of them. */
  readonly key?: string;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** 1 shows the column with `-o wide` only. */
  readonly priority?: number;
}

/** The columns of every kind. `Synced` is False where what was applied still holds, but the operator cannot go on. */
export const commonColumns: readonly PrinterColumn[] = [
  { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: "Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  { name: "Message", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
  { name: "Synced", type: "string", jsonPath: '.status.conditions[?(@.type=="Synced")].status', priority: 1 },
  { name: "Sync Reason", type: "string", jsonPath: '.status.conditions[?(@.type=="Synced")].reason', priority: 1 },
  { name: "Owner", type: "string", jsonPath: ".status.owner", priority: 1 },
];

/** A cross-field rule (CEL) for the API server to enforce on `spec`. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** The path below `spec` that the rule stands on, e.g. `["repository"]`; the root of `spec` without it. */
  readonly at?: readonly string[];
}

/** Something that is wrong with a manifest and that no schema expresses. */
export interface SpecIssue {
  /** The field: `spec.job.settings.tasks[1].task_key`. */
  readonly path: string;
  /** What is wrong and what to do: `"etl" is used twice: give each task a key of its own`. */
  readonly message: string;
}

/** Something that only one object of a namespace can have. */
export interface Single {
  /** Equal where it is the same thing: `default of github`. */
  readonly key: string;
  /** The field that asks for it. */
  readonly path: string;
  /** What who has it is, for messages: `the default credential for gitHub`. */
  readonly what: string;
}

/** The manifest's metadata that `desired` may use. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
}

/**
 * An API of the plain sort: `create` answers with the id, `get`, `update` and `delete` take it, `list` holds all, and a
 * name is there once. The mock serves such an API from the declaration alone.
 */
export interface PlainApi {
  /** The field that holds the id: `policy_id`. */
  readonly id: string;
  /** The field that holds the name: `name`. */
  readonly name: string;
}

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
  /** What the kind is, for `kubectl explain`. */
  readonly description: string;
  /** What it is called in messages: `job`, `secret scope`. */
  readonly noun: string;
  /** `tag` when names are not unique in Databricks; `natural` when a path or name is. */
  readonly identity: "natural" | "tag";
  readonly spec: z.ZodType<Spec>;
  readonly observed: z.ZodType<Observed>;
  /** The schema of `comparable(observed)`: fields outside it never count as drift. */
  readonly comparableSchema: z.ZodType;
  /** The kind's own status fields, besides those that all kinds have. */
  readonly statusFields?: z.ZodRawShape;
  readonly fields: FieldRules;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Set where the API is of the plain sort, and the mock is to serve it from this declaration. */
  readonly plain?: PlainApi;
  readonly external: ExternalOperations<Desired, Observed>;
  readonly parts?: PartOperations<Desired, Observed>;
  readonly printerColumns: readonly PrinterColumn[];
  readonly rules?: readonly CelRule[];
  /** Example manifests: complete objects that the contract tests run. */
  readonly examples: readonly Example[];
  /** The version of the API that answers, for cookies. */
  apiVersion(workspace: Workspace): string;
  /** What the manifest asks of Databricks. */
  desired(spec: Spec, subject: Subject): Desired;
  /** Where the fields of `desired` stand in the manifest, for messages: `spec.job.settings`. */
  readonly desiredPath: string;
  /** Below which fields of the manifest Databricks is sent also what the schema does not know; `desiredPath` without it. */
  readonly passesOn?: readonly string[];
  /** What is wrong with a manifest, beyond its schema. */
  validate?(spec: Spec): SpecIssue[];
  /** What may be wrong with a manifest that is sent all the same: its author is told. */
  doubts?(spec: Spec): SpecIssue[];
  /** What of an observed resource is compared with `desired`; the ownership tag is not part of it. */
  comparable(observed: Observed, owner: Owner): Record<string, unknown>;
  /** What makes an external resource the only one of its kind, from `desired` or `observed`; for natural identity. */
  naturalKey?(fields: Partial<Desired & Observed>): string;
  /** The id that the predecessor wrote into `spec`. */
  specId?(spec: Spec): string | undefined;
  /** The UID in the ownership tag that an observed resource carries. */
  ownerUid?(observed: Observed, tag: string): string | undefined;
  /**
   * Our mark on an observed resource, for kinds that carry one: its path, and whether it is there. `undefined` when a
   * write would put none.
   */
  mark?(observed: Observed, intent: Intent<Desired>): { readonly path: string; readonly isThere: boolean } | undefined;
  /** What is asked for that only one object of a namespace can have: to be the default of something. */
  singles?(desired: Desired): readonly Single[];
  /** Why an observed resource was read in part only, so that nothing must be written after it. */
  cut?(observed: Observed): string | undefined;
  /** What an update has to name so that a resource that was made otherwise keeps it: see {@link FieldRules.replaces}. */
  keeps?(observed: Observed, workspace: Workspace): Record<string, unknown>;
  /** Who else manages an observed resource, for a warning: `a Databricks Asset Bundle (deployment.kind is BUNDLE)`. */
  managedBy?(observed: Observed): string | undefined;
  /** Which user made an observed resource, and when (ms since the epoch), where Databricks tells. */
  made?(observed: Observed): { readonly by?: string | undefined; readonly at?: number | undefined };
  /** The Secret whose values are sent. */
  reference?(spec: Spec): SecretReference | undefined;
  /** The `spec` of an api-owned object. Absent when the kind is not ingested. */
  toSpec?(observed: Observed, owner: Pick<Owner, "tag">): Record<string, unknown>;
  /** The name in Databricks from which an ingested object's name is made. */
  displayName?(observed: Observed): string;
  /** A page in the webapp. */
  url?(host: string, id: string): string;
  /** True when runs are followed (jobs). */
  readonly hasRuns?: boolean;
  /**
   * Why a run must not be asked for, and what to do instead; `undefined` when it may be. It is asked before the request,
   * for what Databricks would carry out to the user's harm.
   */
  runProblem?(desired: Desired): string | undefined;
}

/** A manifest that shows a use of a kind, with the Secret that it refers to. */
export interface Example {
  /** What it shows. */
  readonly title: string;
  /** The manifest's `spec`, as a user writes it. */
  readonly spec: Record<string, unknown>;
  /** The data of the referenced Secret (text). */
  readonly secret?: Record<string, string>;
  /** What must exist in the workspace beforehand: scopes. */
  readonly needs?: { readonly scope?: string };
  /** A change of `spec` that leads to an update, where the kind has one. */
  readonly edited?: Record<string, unknown>;
}

/**
 * Declares a kind. Its type parameters are checked here and erased, so that the reconciler treats all kinds alike.
 */
export function defineResource<Spec, Desired extends object, Observed extends object>(
  resource: Resource<Spec, Desired, Observed>,
): Resource {
  return resource as unknown as Resource;
}
