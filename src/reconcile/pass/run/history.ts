/**
 * The history of one-time resources: of the objects that have ended, the object that they refer to limits how many are
 * kept. Each object decides for itself, so that two passes never delete one too many. Databricks keeps its own records.
 *
 * @module
 */
import type { KubeObject } from "../../../kubernetes/client.ts";
import { keyOf } from "../../../kubernetes/object.ts";
import { objectKey } from "../../../base/object_key.ts";
import type { History } from "../../../resource.ts";
import { type Status, statusOf } from "../../object/status.ts";
import type { Context } from "../context.ts";
import type { Pass } from "../pass.ts";

type Fields = Record<string, unknown>;

/** Queues the other objects that have ended, since there is one more: the oldest may be one too many now. */
export function wakeEnded({ state }: Pick<Context, "state">, pass: Pass): void {
  const { history } = pass.resource.once ?? {};
  const name = history?.nameIn(specOf(pass.object));
  if (history === undefined || name === undefined) return;
  for (const other of ended(state.peers(pass.place), history, name)) {
    if (other.metadata.uid !== pass.uid) state.enqueue(keyOf(other), "low");
  }
}

/** True if newer objects with the same outcome fill the history. */
export function isSurplus({ state, references }: Pick<Context, "state" | "references">, pass: Pass): boolean {
  const { history } = pass.resource.once ?? {};
  const name = history?.nameIn(specOf(pass.object));
  if (history === undefined || name === undefined) return false;
  const holder = references.find(history.kind, objectKey(pass.namespace, name));
  if (holder === undefined || holder === "unmanaged") return false;
  const isSuccessful = (status: Status) => history.isSuccessful({ ...status });
  const { successful, failed } = history.limits(specOf(holder));
  const limit = isSuccessful(pass.status) ? successful : failed;
  if (limit === undefined) return false;
  const newer = ended(state.peers(pass.place), history, name).filter((other) =>
    other.metadata.uid !== pass.uid && isSuccessful(statusOf(other)) === isSuccessful(pass.status) &&
    isNewer(other, pass, history)
  );
  return newer.length >= limit;
}

/** If two ended at the same time, both agree on which one is newer. */
function isNewer(other: KubeObject, { uid, status }: Pass, { endedAt }: History): boolean {
  const [theirs, ours] = [endedAt({ ...statusOf(other) }), endedAt({ ...status })];
  return theirs === ours ? (other.metadata.uid ?? "") > uid : theirs > ours;
}

function ended(peers: readonly KubeObject[], { nameIn }: History, name: string): KubeObject[] {
  return peers.filter((peer) =>
    statusOf(peer).final === true && peer.metadata.deletionTimestamp === undefined && nameIn(specOf(peer)) === name
  );
}

function specOf({ spec }: KubeObject): Fields {
  return (spec ?? {}) as Fields;
}
