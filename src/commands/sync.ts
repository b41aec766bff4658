/**
 * `sync`: makes the operator check an object's resource now. Docs: docs/commands.md.
 *
 * It sets annotation `databricks-operator/sync` with the rights of the kubeconfig, and sends nothing to Databricks
 * itself.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import type { KubeClient, KubeObject, ResourcePath } from "../kubernetes/client.ts";
import { annotation, annotations, statusOf } from "../reconcile/object/status.ts";
import { stateOf } from "./status.ts";
import { targetOf, type TargetOptions } from "./target.ts";

/** The options of the command line. */
export interface SyncOptions extends TargetOptions {
  /** The time to wait for the operator's check (s). */
  readonly timeout: number;
  /** False: does not wait for the check. */
  readonly wait: boolean;
}

/** The interval between two reads of the object (ms). */
const POLL = 500;

/** Runs the command for `<kind>/<name>`. @returns 0 if the object is Ready after the check, else 1. */
export async function sync(target: string, options: SyncOptions): Promise<number> {
  const { client, resource, path, namespace, name, title } = await targetOf(target, options);
  const before = await client.get(path, name);
  if (annotation(before, "paused") === "true") {
    throw new Error(`${title} is paused: remove annotation ${annotations.paused}`);
  }
  const text = new Date(systemClock.now()).toISOString();
  const ask = (value: string | null) =>
    client.patch(path, name, { metadata: { annotations: { [annotations.sync]: value } } }, {
      fieldManager: "databricks-kube-operator-sync",
    });
  await ask(text);
  if (!options.wait) return 0;
  const object = await looked(client, path, { name, text, timeoutMs: options.timeout * 1000 });
  if (object === undefined) {
    // An operator that does not know the annotation stops its work on the object until the annotation is removed.
    await ask(null);
    throw new Error(
      `nobody looked at ${title} within ${options.timeout} s: is an operator running, does it watch this namespace, ` +
        `and is it of this version? See kubectl describe ${resource.singular} ${name} -n ${namespace}`,
    );
  }
  const { ready, reason, message } = stateOf(resource.kind, object);
  console.log(`${title}: ${ready === "True" ? message : `${reason}: ${message}`}`);
  return ready === "True" ? 0 : 1;
}

/** The object after the operator has checked it; `undefined` if time ran out. */
async function looked(
  client: KubeClient,
  path: ResourcePath,
  { name, text, timeoutMs }: { readonly name: string; readonly text: string; readonly timeoutMs: number },
): Promise<KubeObject | undefined> {
  const end = systemClock.monotonic() + timeoutMs;
  while (systemClock.monotonic() < end) {
    const object = await client.get(path, name);
    if (statusOf(object).sync_request?.text === text) return object;
    await systemClock.sleep(POLL);
  }
}
