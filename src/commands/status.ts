/**
 * `status`: says which objects are not Ready, and why. Docs: docs/commands.md.
 *
 * It reads Kubernetes only, with the rights of the kubeconfig.
 *
 * @module
 */
import type { KubeClient, KubeObject } from "../kubernetes/client.ts";
import { connect } from "../kubernetes/kubeconfig.ts";
import { conditionOf } from "../reconcile/object/conditions.ts";
import { statusOf } from "../reconcile/object/status.ts";
import { kinds } from "../kinds.ts";
import { allObjects } from "./all_objects.ts";
import { type NamespaceOptions, namespacesOf } from "./namespaces.ts";
import { structured } from "./structured.ts";
import { table } from "./table.ts";

/** The options of the command line. */
export interface StatusOptions extends NamespaceOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Also lists Ready objects. */
  readonly all?: boolean;
  readonly output: "text" | "json" | "yaml" | "name";
  /** Exits with 1 if an object is not Ready. */
  readonly exitCode?: boolean;
}

/** The state of an object. */
export interface ObjectState {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly ready: "True" | "False" | "Unknown";
  /** The reason and message of the condition that is not as it should be; otherwise of `Ready`. */
  readonly reason: string;
  readonly message: string;
  /** The page in Databricks. */
  readonly url?: string | undefined;
}

/** Runs the command and returns the exit code. */
export async function status(options: StatusOptions): Promise<number> {
  const { kubeconfig, context } = options;
  const { client, namespace } = await connect({ kubeconfig, context });
  const states = await statesOf(client, namespacesOf(options, options.namespace ?? namespace));
  const shown = options.all ? states : states.filter((state) => !isWell(state));
  print(shown, states, options);
  return options.exitCode && states.some((state) => !isWell(state)) ? 1 : 0;
}

async function statesOf(client: KubeClient, namespaces: readonly string[] | "all"): Promise<ObjectState[]> {
  const states: ObjectState[] = [];
  for await (const [{ kind }, object] of allObjects(client, namespaces, kinds)) states.push(stateOf(kind, object));
  return states;
}

/**
 * The state of an object, in the words of its conditions.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stateOf } from "./status.ts";
 *
 * const { ready, reason } = stateOf("DatabricksJob", { metadata: { name: "etl", namespace: "team" } });
 * assert.deepEqual([ready, reason], ["Unknown", "NotReconciled"]);
 * ```
 */
export function stateOf(kind: string, object: KubeObject): ObjectState {
  const { conditions, url } = statusOf(object);
  const { name = "", namespace = "" } = object.metadata;
  const [ready, synced] = ["Ready", "Synced"].map((type) => conditionOf(conditions, type));
  const common = { namespace, kind, name, url };
  if (ready === undefined) {
    const message = "no operator has worked on it: is one running, and does it watch this namespace?";
    return { ...common, ready: "Unknown", reason: "NotReconciled", message };
  }
  // The last applied manifest may be Ready while a newer edit cannot be applied.
  const { status, reason, message } = ready.status === "True" && synced?.status === "False" ? synced : ready;
  return { ...common, ready: ready.status === "True" ? status : ready.status, reason, message };
}

function isWell({ ready }: ObjectState): boolean {
  return ready === "True";
}

function print(shown: readonly ObjectState[], all: readonly ObjectState[], { output }: StatusOptions): void {
  if (output === "json" || output === "yaml") return console.log(structured(shown, output));
  if (output === "name") return shown.forEach(({ kind, name }) => console.log(`${kind.toLowerCase()}/${name}`));
  const columns = ["NAMESPACE", "KIND", "NAME", "READY", "REASON", "MESSAGE"];
  const rows = shown.map((
    { namespace, kind, name, ready, reason, message },
  ) => [namespace, kind, name, ready, reason, message]);
  if (rows.length > 0) console.log(table(columns, rows));
  const well = all.filter(isWell).length;
  console.log(`${all.length} object${all.length === 1 ? "" : "s"}: ${well} Ready, ${all.length - well} not`);
}
