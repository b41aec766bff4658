/**
 * Ingest: resources that Databricks holds and no object describes get an object with owner `api`, which surfaces their
 * state in Kubernetes.
 *
 * @module
 */
import { type KubeClient, KubeError, type KubeObject } from "../../kubernetes/client.ts";
import { logger } from "../../telemetry/log.ts";
import { type External, GROUP, type Resource, VERSION } from "../../resource.ts";
import type { Connection } from "../connect/connections.ts";
import { hashOf } from "../plan/fields.ts";
import { annotations } from "../object/status.ts";

const log = logger("ingest");
/** How many objects are made at a time. */
const PARALLEL = 8;

/** What {@link ingest} needs. */
export interface IngestOptions {
  readonly resource: Resource;
  readonly client: KubeClient;
  readonly connection: Connection;
  /** True when an object holds the resource, or asks for it. */
  readonly isTaken: (external: External) => boolean;
  /** True when we wrote or deleted it after the list was begun, so that the list is out of date about it. */
  readonly isStale: (id: string) => boolean;
  /** Takes the new object into the store. */
  readonly observeWrite: (object: KubeObject) => void;
}

/** The API server takes no such object: what Databricks holds is too big, or of another type than the CRD knows. */
const UNACCEPTABLE = [400, 413, 422];

/** Makes an object for each listed resource that has none; one that cannot have one is told in the log, and passed over. */
export async function ingest(listed: Iterable<External>, options: IngestOptions): Promise<void> {
  const missing = [...listed].filter((external) =>
    !options.isStale(external.id) && !options.isTaken(external) && !isMarked(external, options)
  );
  const queue = missing.values();
  await Promise.all(Array.from({ length: PARALLEL }, () => work(queue, options)));
}

/** Takes one resource after the other from a queue that is shared with others. */
async function work(queue: Iterable<External>, options: IngestOptions): Promise<void> {
  for (const external of queue) {
    const whole = await wholeOf(external, options);
    if (whole !== undefined) await create(external.id, whole, options);
  }
}

/** A tag of ours belongs to an object, here or in another cluster. */
function isMarked({ observed }: External, { resource, connection }: IngestOptions): boolean {
  return resource.ownerUid?.(observed, connection.settings.ownershipTag) !== undefined;
}

async function wholeOf({ id, observed, partial }: External, { resource, connection }: IngestOptions) {
  if (partial !== true || resource.parts !== undefined) return observed;
  return await resource.external.observe(connection.workspace.background(), id);
}

async function create(id: string, observed: Record<string, unknown>, options: IngestOptions): Promise<void> {
  const { resource, client, connection: { namespace, settings } } = options;
  const path = { group: GROUP, version: VERSION, plural: resource.plural, namespace };
  const spec = resource.toSpec?.(observed, { tag: settings.ownershipTag }) ?? {};
  for (const name of objectNames(resource, id, observed)) {
    const metadata = { name, namespace, annotations: { [annotations.owner]: "api" } };
    try {
      const object = { apiVersion: `${GROUP}/${VERSION}`, kind: resource.kind, metadata, spec };
      options.observeWrite(await client.create(path, object));
      log.info(`Ingested ${resource.noun} ${id} as ${resource.kind} ${namespace}/${name}`);
      return;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === "AlreadyExists") continue;
      if (!UNACCEPTABLE.includes(error.status)) throw error;
      log.warning(`Cannot ingest ${resource.noun} ${id} into ${namespace}: ${error.message}`);
      return;
    }
  }
  log.warning(`Cannot ingest ${resource.noun} ${id} into ${namespace}: every name for it is taken`);
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
