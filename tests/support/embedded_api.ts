/**
 * An embedded Kubernetes API for one test, with the CRDs.
 *
 * @module
 */
import { type ServedKubernetes, serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { resources } from "../../src/resources/mod.ts";

let crds: readonly { readonly name: string; readonly text: string }[] | undefined;

/** Serves an API that has the CRDs; without `maxStreams` the runtime decides how many requests a connection takes. */
export async function serveWithCrds(maxStreams?: number): Promise<ServedKubernetes> {
  const served = await serveKubernetes(undefined, maxStreams === undefined ? {} : { maxStreams });
  crds ??= resources.map(toCrd).map((crd) => ({ name: crd.metadata.name, text: JSON.stringify(crd) }));
  for (const { name, text } of crds) await apply(served, name, text);
  return served;
}

/** In process: over TLS, Deno 2.9 sends bodies of some size 40 ms late (Nagle's algorithm), and there is a CRD for each kind. */
async function apply({ api, url }: ServedKubernetes, name: string, body: string): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=test&force=true`;
  const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/apply-patch+yaml" };
  const response = await api.fetch(new Request(url + path, { method: "PATCH", headers, body }));
  if (!response.ok) throw new Error(`The CRD ${name} is refused: ${await response.text()}`);
}
