/**
 * Ingest: creates objects with owner `api` for Databricks resources without an object, so that their state shows in
 * Kubernetes.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { ConnectionError, RateLimitedError, UnauthenticatedError } from "../../databricks/errors.ts";
import { WorkEndedError } from "../../http/write_fence.ts";
import {
  type KubeClient,
  KubeConnectionError,
  KubeError,
  type KubeObject,
  type ResourcePath,
} from "../../kubernetes/client.ts";
import { logger } from "../../telemetry/log.ts";
import { type External, GROUP, isAtOnce, type Resource, VERSION } from "../../resource.ts";
import type { WorkspaceConnection } from "../connect/workspace_connection.ts";
import { hashOf } from "../plan/fields.ts";
import { toldSpec } from "../plan/told_spec.ts";
import { connectionIn, DEFAULT } from "../object/place.ts";
import { annotations, statusOf } from "../object/status.ts";

const log = logger("ingest");
/** The number of objects created at a time. */
const PARALLEL = 8;
/** The number of resources examined under one lock, during which nothing is bound in the workspace. */
const BATCH = 64;

/** Options of {@link ingest}. */
export interface IngestOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly connection: WorkspaceConnection;
  /** Returns a function that is true for a resource that an object holds or requests. Called again in each lock. */
  readonly taken: () => (external: External) => boolean;
  /** Runs a section while nothing is bound in the workspace. */
  readonly locked: (section: () => Promise<void>) => Promise<void>;
  /** True if the operator wrote or deleted the resource after the list began, so that the list is outdated. */
  readonly isStale: (id: string) => boolean;
  /** True for a copy that a person made, which carries the tag of the original. */
  readonly isCopy: (id: string) => boolean;
  /** Takes the new object into the store. */
  readonly observeWrite: (object: KubeObject) => void;
  readonly refusals: Refusals;
}

/** A resource with everything that Databricks returns about it. */
interface Whole {
  readonly external: External;
  readonly observed: Record<string, unknown>;
}

/**
 * Creates an object for each listed resource that has none. A resource that cannot have an object is logged and tried
 * again later; those listed after it get theirs. When this settles, no request is in flight.
 *
 * @throws the first error that concerns the API server or the workspace as a whole; the rest is then left to the next
 * sweep.
 */
export async function ingest(listed: Iterable<External>, options: IngestOptions): Promise<void> {
  const { refusals } = options;
  const all = [...listed];
  refusals.keep(new Set(all.map(({ id }) => id)));
  const isTaken = options.taken();
  const missing = all.filter((external) => isWithoutObject(external, isTaken, options) && !refusals.hold(external));
  for (let at = 0; at < missing.length; at += BATCH) await ingestBatch(missing.slice(at, at + BATCH), options);
}

async function ingestBatch(batch: readonly External[], options: IngestOptions): Promise<void> {
  const wholes: Whole[] = [];
  await forEach(batch, options, async (external) => {
    const observed = await wholeOf(external, options);
    if (observed !== undefined) wholes.push({ external, observed });
  });
  const order = new Map(batch.map(({ id }, index) => [id, index]));
  wholes.sort((a, b) => (order.get(a.external.id) ?? 0) - (order.get(b.external.id) ?? 0));
  await options.locked(async () => {
    const isTaken = options.taken();
    // The whole resource may name what a row omits, such as the folder: an object may request the resource by that.
    const missing = wholes.filter(({ external, observed }) =>
      isWithoutObject({ ...external, observed }, isTaken, options)
    );
    await forEach(missing, options, ({ external, observed }) => create(external, observed, options));
  });
}

/**
 * Works on several items at a time. An error about one item alone is logged, and its resource is left alone for a
 * while; any other ends the work.
 *
 * @throws that error, when the items in progress have ended.
 */
async function forEach<T extends External | Whole>(
  items: readonly T[],
  options: IngestOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        if (isGeneral(error)) failures.push(error);
        else refuse("external" in item ? item.external as External : item, error, options);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  if (failures.length > 0) throw failures[0];
}

function refuse(external: External, error: unknown, { resource, connection, refusals }: IngestOptions): void {
  const text = error instanceof Error ? error.message : String(error);
  const minutes = Math.ceil(refusals.add(external) / 60_000);
  log.warning(
    `Cannot ingest ${resource.noun} ${external.id} into ${connection.namespace}: ${text}; ` +
      `it is tried again after ${minutes} min, or when it changes`,
  );
}

const GENERAL = [WorkEndedError, KubeConnectionError, ConnectionError, RateLimitedError, UnauthenticatedError];

/** True for an error that the next resource would meet, too: the API server is down, or forbids all creates. */
function isGeneral(error: unknown): boolean {
  if (GENERAL.some((type) => error instanceof type)) return true;
  if (!(error instanceof KubeError)) return false;
  const { status, message } = error;
  // 404: the kind is not served. Of 403, those of RBAC and of a namespace that is being deleted concern every object;
  // those of quotas and admission webhooks concern this one.
  return [401, 404, 429, 503, 504].includes(status) ||
    (status === 403 && /cannot create resource|is being terminated/.test(message));
}

function isWithoutObject(
  external: External,
  isTaken: (external: External) => boolean,
  options: IngestOptions,
): boolean {
  const isFree = options.isCopy(external.id) || !isMarked(external, options);
  return isFree && !options.isStale(external.id) && !isTaken(external);
}

/** A tag of the operator belongs to an object, here or in another cluster. */
function isMarked({ observed }: External, { resource, connection }: IngestOptions): boolean {
  return resource.ownerUid?.(observed, connection.settings.ownershipTag) !== undefined;
}

async function wholeOf({ id, observed, partial, lacks }: External, { resource, connection }: IngestOptions) {
  const { parts } = resource;
  // Parts that need a get are missing in a manifest that is made from the row.
  const isPartOnly = parts !== undefined && !isAtOnce(parts);
  if ((partial !== true && lacks !== true) || isPartOnly) return observed;
  const whole = await resource.external.observe(connection.workspace.background(), id);
  const cut = whole === undefined ? undefined : resource.cut?.(whole);
  // A spec made from it would lose the rest when the object is handed over to the manifest.
  if (cut !== undefined) throw new Error(`it was read in part only: ${cut}`);
  return whole;
}

async function create(external: External, observed: Record<string, unknown>, options: IngestOptions): Promise<void> {
  const { resource, client, connection: { namespace, place, settings } } = options;
  const { id } = external;
  const path = { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  const connection = connectionIn(place);
  const spec = {
    ...connection !== DEFAULT && { connection },
    ...toldSpec(resource, observed, settings.ownershipTag),
  };
  for (const name of objectNames(resource, id, observed)) {
    const metadata = { name, namespace, annotations: { [annotations.owner]: "api" } };
    try {
      const object = { apiVersion: `${GROUP}/${VERSION}`, kind: resource.kind, metadata, spec };
      options.observeWrite(await client.create(path, object));
      options.refusals.forget(id);
      log.info(`Ingested ${resource.noun} ${id} as ${resource.kind} ${namespace}/${name}`);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
      // The store may be older than an object that another process, or this one, created a moment ago.
      const holder = await objectFor(external, { name, path }, options);
      if (holder === undefined) continue;
      options.observeWrite(holder);
      return;
    }
  }
  refuse(external, "every name for it is taken", options);
}

/** The first pause after a refusal, which doubles with each one (ms). */
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 3_600_000;

/** Resources that got no object because of what they are, and when each is tried again. */
export class Refusals {
  readonly #clock: Clock;
  readonly #refused = new Map<string, { hash: string; pause: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True for a resource that was refused recently and has not changed since. */
  hold({ id, observed }: External): boolean {
    const refused = this.#refused.get(id);
    return refused !== undefined && refused.until > this.#clock.monotonic() && refused.hash === hashOf(observed);
  }

  /** Notes a refusal. @returns how long the resource is left alone (ms). */
  add({ id, observed }: External): number {
    const hash = hashOf(observed);
    const before = this.#refused.get(id);
    const pause = before?.hash === hash ? Math.min(before.pause * 2, LONGEST_PAUSE) : FIRST_PAUSE;
    this.#refused.set(id, { hash, pause, until: this.#clock.monotonic() + pause });
    return pause;
  }

  /** Forgets a resource that has an object now. */
  forget(id: string): void {
    this.#refused.delete(id);
  }

  /** Forgets resources that are gone. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#refused.keys()) if (!ids.has(id)) this.#refused.delete(id);
  }
}

/** The object with this name, if it holds or names this resource. It is listed, since the Role grants no `get`. */
async function objectFor(
  { id, observed }: External,
  { name, path }: { name: string; path: ResourcePath },
  { resource, client, connection: { namespace, workspace } }: IngestOptions,
): Promise<KubeObject | undefined> {
  const { items: [object] } = await client.list(path, { fieldSelector: `metadata.name=${name}` });
  const { id: heldId, workspace: host = workspace.host } = object === undefined ? {} : statusOf(object);
  if (object === undefined || host !== workspace.host) return undefined;
  if (heldId !== undefined) return heldId === id ? object : undefined;
  const spec = resource.spec.safeParse(object.spec ?? {});
  if (!spec.success) return undefined;
  const key = resource.naturalKey?.(resource.desired(spec.data, { name, namespace }));
  const isSame = resource.specId?.(spec.data) === id ||
    (key !== undefined && key === resource.naturalKey?.(observed));
  return isSame ? object : undefined;
}

/**
 * The names to try for an ingested object: from its name in Databricks, and then with the id, which is unique.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { objectName } from "./ingest.ts";
 *
 * assert.equal(objectName("Nightly Report (EU)", "job"), "nightly-report-eu");
 * assert.equal(objectName("Überblick", "job"), "uberblick");
 * assert.equal(objectName("日本", "job"), "job");
 * ```
 */
export function objectNames(resource: Resource, id: string, observed: Record<string, unknown>): string[] {
  const suffix = /^\d+$/.test(id) ? id : hashOf(id).toLowerCase().replace(/[^a-z0-9]/g, "").slice(0, 8);
  const shown = resource.displayName?.(observed) ?? "";
  const base = objectName(shown, resource.singular);
  const unique = `${base}-${suffix}`;
  return base === resource.singular ? [unique] : [base, unique];
}

/** A text as a valid Kubernetes name: lower case letters, digits and hyphens. */
export function objectName(text: string, fallback: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const name = plain.replace(/[^a-z0-9]+/g, "-").slice(0, 200).replace(/^-+|-+$/g, "");
  return name === "" ? fallback : name;
}
