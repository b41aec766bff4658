/**
 * The demo's operator, with short intervals.
 *
 * @module
 */
import { httpTransport } from "../../src/databricks/call/transport.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { Operator } from "../../src/reconcile/operator.ts";

/** An operator for one namespace, not yet started. */
export function demoOperator(client: KubeClient, namespace: string): Operator {
  return new Operator({
    client,
    namespaces: [namespace],
    configMapName: "databricks-kube-operator",
    transport: httpTransport,
    allowLoopback: true,
    timings: { baselineMs: 1000, missMs: 1000 },
  });
}
