/**
 * `hand-back`: gives the objects back to the Rust operator that this project replaces. Docs: docs/migration.md.
 *
 * Nothing is sent to Databricks, and no object is deleted. The command refuses while an operator of this project holds
 * the lease; it cannot see one that runs without a lease (outside a pod).
 *
 * @module
 */
import { type Clock, systemClock } from "../base/clock.ts";
import { type KubeClient, KubeError, type KubeObject } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { readRecord } from "../kubernetes/election/record.ts";
import { GROUP, type Resource, VERSION } from "../resource.ts";
import { resources } from "../resources/mod.ts";
import { allObjects } from "./all_objects.ts";
import { releaseConnections, whyNot } from "./hand_back_connections.ts";
import { type HandBackPlan, planHandBack } from "./hand_back_plan.ts";
import { type NamespaceOptions, namespacesOf } from "./namespaces.ts";

/** The options of the command line. */
export interface HandBackOptions extends NamespaceOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly leaseName: string;
  /** By default the context's own namespace. */
  readonly leaseNamespace?: string;
  readonly dryRun?: boolean;
}

/** Options of {@link giveBack}. */
export interface GiveBackOptions {
  readonly client: KubeClient;
  readonly namespaces: readonly string[] | "all";
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly dryRun?: boolean;
  /** Takes the lines that report what was done. */
  readonly say: (line: string) => void;
  readonly clock?: Clock;
}

/** The number of objects by result. */
interface Tally {
  given: number;
  refused: number;
  left: number;
}

/** Runs the command and gives the process's exit code. */
export async function handBack(options: HandBackOptions): Promise<number> {
  const { kubeconfig, context } = options;
  const { client, namespace } = await connect({ kubeconfig, context });
  const lease = { name: options.leaseName, namespace: options.leaseNamespace ?? namespace };
  const namespaces = namespacesOf(options, namespace);
  return await giveBack({
    client,
    namespaces,
    lease,
    dryRun: options.dryRun ?? false,
    say: (line) => console.log(line),
  });
}

/** @returns 0 when all objects are given back, 1 when some are not. */
export async function giveBack(options: GiveBackOptions): Promise<number> {
  const { say, dryRun, namespaces } = options;
  await refuseWhileHeld(options);
  const tally: Tally = { given: 0, refused: 0, left: 0 };
  const staying = await releaseConnections(options);
  for await (const [resource, object] of allObjects(options.client, namespaces, resources)) {
    await give(options, { resource, object, tally, staying });
  }
  const done = dryRun ? "would be given back" : "given back";
  say(`${tally.given} ${done}, ${tally.refused} refused, ${tally.left} left as they are`);
  if (tally.refused > 0) say("What was refused the Rust operator would create again, or could not delete: see above");
  return tally.refused === 0 ? 0 : 1;
}

/** @throws when a running operator holds the lease, or that of a shard. */
async function refuseWhileHeld({ client, lease, say, clock = systemClock }: GiveBackOptions): Promise<void> {
  const { namespace } = lease;
  const path = { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace };
  const read = (name: string) => orNone(client.get(path, name));
  const leases = [await read(lease.name)];
  // Shards have leases of their own, numbered from 0.
  for (let shard = 0, found = true; found; shard++) {
    const one = await read(`${lease.name}-${shard}`);
    found = one !== undefined;
    leases.push(one);
  }
  // A wrong name looks like an operator that is gone, so the output says so.
  if (leases.every((one) => one === undefined)) {
    say(`Lease "${namespace}/${lease.name}" does not exist: if the operator's is another, name it with --lease-name`);
  }
  for (const held of leases) {
    const { holder, renewTime, durationMs = 0 } = readRecord(held);
    if (holder === "" || Date.parse(renewTime ?? "") + durationMs <= clock.now()) continue;
    throw new Error(
      `Lease "${namespace}/${held?.metadata.name}" is held by "${holder}": scale the operator to 0 and wait until ` +
        `its pods are gone`,
    );
  }
}

async function orNone(answer: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

interface Giving {
  readonly resource: Resource;
  readonly object: KubeObject;
  readonly tally: Tally;
  /** The connections that stay. */
  readonly staying: ReadonlySet<string>;
}

async function give(options: GiveBackOptions, { resource, object, tally, staying }: Giving): Promise<void> {
  const { say, dryRun } = options;
  const { namespace, name } = object.metadata;
  const refused = whyNot(object, staying);
  const plan = refused === undefined
    ? planHandBack(resource.kind, object)
    : { action: "refuse", why: refused } as const;
  const label = `${resource.kind} ${namespace}/${name}`;
  if (plan.action === "none") {
    tally.left++;
    return say(`${label}: ${plan.why}`);
  }
  const why = plan.action === "refuse" ? plan.why : dryRun ? undefined : await write(options, resource, object, plan);
  if (why !== undefined) {
    tally.refused++;
    return say(`${label}: refused: ${why}`);
  }
  if (plan.action !== "give") return;
  tally.given++;
  say(`${label}: ${plan.did}`);
  for (const warning of plan.warnings) say(`${label}: warning: ${warning}`);
}

/** @returns the reason why it could not be written. */
async function write(
  { client }: GiveBackOptions,
  { plural }: Resource,
  object: KubeObject,
  { patch, statusPatch }: HandBackPlan & { action: "give" },
): Promise<string | undefined> {
  const { namespace, name = "", uid } = object.metadata;
  const path = { group: GROUP, version: VERSION, plural, namespace };
  let { resourceVersion } = object.metadata;
  try {
    if (patch !== undefined) {
      const metadata = { ...patch.metadata as Record<string, unknown>, uid, resourceVersion };
      ({ metadata: { resourceVersion } } = await client.patch(path, name, { ...patch, metadata }));
    }
    const metadata = { uid, resourceVersion };
    await client.patch(path, name, { metadata, status: statusPatch }, { subresource: "status" });
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return error.status === 409 ? "somebody else wrote it meanwhile: run this again" : error.message;
  }
}
