/**
 * An embedded Kubernetes API for one test, with the CRDs.
 *
 * @module
 */
import { type ServedKubernetes, serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { toCrd } from "../../src/generate/crd.ts";
import { kinds } from "../../src/kinds.ts";

let crds: readonly { readonly name: string; readonly text: string }[] | undefined;

/** Serves an API that has the CRDs; without `maxStreams` the runtime decides how many requests a connection takes. */
export async function serveWithCrds(maxStreams?: number): Promise<ServedKubernetes> {
  const served = await serveKubernetes(undefined, maxStreams === undefined ? {} : { maxStreams });
  crds ??= kinds.map(toCrd).map((crd) => ({ name: crd.metadata.name, text: JSON.stringify(crd) }));
  for (const { name, text } of crds) await apply(served, name, text);
  return served;
}

/** In process: Deno's client sends bodies of 1 to 64 KB 40 ms late (`mock/deno_tls.ts`), and there is a CRD for each kind. */
async function apply({ api, url }: ServedKubernetes, name: string, body: string): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=test&force=true`;
  const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/apply-patch+yaml" };
  const response = await api.fetch(new Request(url + path, { method: "PATCH", headers, body }));
  if (!response.ok) throw new Error(`The CRD ${name} is refused: ${await response.text()}`);
}
