/**
 * Argo CD's settings for the kinds: the health check in deploy/argocd/health.lua, under each kind's key, and links to
 * pages in Databricks.
 *
 * @module
 */
import { stringify } from "yaml";
import { GROUP } from "../src/resource.ts";

const FOLDER = "deploy/argocd/";

/** Links from an object to its page in Databricks (Argo CD's deep links). */
const LINKS = [{
  url: "{{.resource.status.url}}",
  title: "Databricks",
  description: "The page of the resource in Databricks",
  if: `resource.apiVersion startsWith "${GROUP}/" && resource.status?.url != nil`,
}];

/** The files, by path. */
export function argocdFiles(resources: readonly { kind: string }[]): [string, string][] {
  const lua = Deno.readTextFileSync(new URL(`../${FOLDER}health.lua`, import.meta.url));
  const data = resources.map(({ kind }) => [`resource.customizations.health.${GROUP}_${kind}`, lua]);
  const patch = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "argocd-cm", namespace: "argocd", labels: { "app.kubernetes.io/part-of": "argocd" } },
    data: { ...Object.fromEntries(data), "resource.links": stringify(LINKS) },
  };
  const head = [
    "# Written by deno task generate from health.lua. It has the keys of these kinds only, so merge it into yours:",
    "# kubectl patch configmap argocd-cm --namespace argocd --patch-file deploy/argocd/argocd-cm.yaml",
  ];
  return [[`${FOLDER}argocd-cm.yaml`, `${head.join("\n")}\n${stringify(patch, { aliasDuplicateObjects: false })}`]];
}
