/**
 * An embedded Kubernetes API for one test, with the CRDs installed.
 *
 * @module
 */
import { type ServedKubernetes, serveKubernetes, type ServeKubernetesOptions } from "../../mock/kubernetes/serve.ts";
import { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { kinds } from "../../src/kinds.ts";

let defined: Promise<EmbeddedKubernetes> | undefined;

/** Serves an API with the CRDs; without `maxStreams` the runtime decides how many requests a connection takes. */
export async function serveWithCrds(options: ServeKubernetesOptions = {}): Promise<ServedKubernetes> {
  const api = new EmbeddedKubernetes();
  api.adoptDefinitions(await withCrds());
  return await serveKubernetes(api, options);
}

/** An API with the CRDs that is not served; the served ones adopt its definitions. */
export function withCrds(): Promise<EmbeddedKubernetes> {
  return defined ??= define();
}

async function define(): Promise<EmbeddedKubernetes> {
  const api = new EmbeddedKubernetes();
  const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/apply-patch+yaml" };
  for (const crd of kinds.map(toCrd)) {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
    const url = `http://kubernetes${path}?fieldManager=test&force=true`;
    const response = await api.fetch(new Request(url, { method: "PATCH", headers, body: JSON.stringify(crd) }));
    if (!response.ok) throw new Error(`The CRD ${crd.metadata.name} is refused: ${await response.text()}`);
  }
  return api;
}
