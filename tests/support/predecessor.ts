/**
 * The objects that the Rust operator leaves to this one, and a chart that works like its chart.
 *
 * @module
 */
import { stringify } from "yaml";
import { toCrd } from "../../src/generate/crd.ts";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { kinds } from "../../src/kinds.ts";
import { job, manifest, notebook, type World } from "./harness.ts";

/** The finalizer that it puts on jobs, credentials, repos and scopes. */
export const FINALIZERS: readonly string[] = ["databricks-operator/remote_api_resource"];
/** Returns the metadata of the objects that {@link leaveObjects} made. */
export async function objectsLeft(world: World): Promise<(KubeObject["metadata"] | undefined)[]> {
  const objects = [await world.get("DatabricksJob", "etl"), await world.get("DatabricksSecretScope", "team")];
  return objects.map((object) => object?.metadata);
}

/** Makes a job, whose id is in `spec`, and a scope, both already in the workspace, and connects to it at `url`. */
export async function leaveObjects(world: World, url: string): Promise<void> {
  const { workspace } = world;
  const id = workspace.jobs.add({ name: "etl", ...notebook() });
  workspace.secrets.addScope("team-secrets");
  const etl = job("etl", { name: "etl" });
  const spec = { job: { job_id: BigInt(id), ...(etl.spec as { job: object }).job } };
  const finalizers = [...FINALIZERS];
  await world.create({ ...etl, spec, metadata: { ...etl.metadata, finalizers } });
  const scope = manifest("DatabricksSecretScope", "team", { scope: { name: "team-secrets" } });
  await world.create({ ...scope, metadata: { ...scope.metadata, finalizers } });
  await world.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "databricks-api-secret" },
    stringData: { databricks_url: url, access_token: "token" },
  });
  await world.configure({ ingest: "false" });
}

/**
 * Writes a chart like the predecessor's: a StatefulSet, and CRDs among the templates, without the annotation that makes
 * Helm keep them.
 */
export async function oldChart(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "old-chart-" });
  await Deno.mkdir(`${folder}/templates`);
  const name = "databricks-kube-operator";
  const labels = { app: name };
  const container = { name: "dko", image: "example.invalid/dko:0.8.0" };
  const objects = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name },
      spec: {
        serviceName: name,
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } },
      },
    },
    ...kinds.map((resource) => oldCrd(toCrd(resource))),
  ];
  await Deno.writeTextFile(`${folder}/Chart.yaml`, stringify({ apiVersion: "v2", name, version: "0.8.0" }));
  const texts = objects.map((object) => stringify(object, { aliasDuplicateObjects: false }));
  await Deno.writeTextFile(`${folder}/templates/all.yaml`, texts.join("---\n"));
  return folder;
}

/** A CRD without this operator's columns and status; the API server therefore drops them. */
function oldCrd({ apiVersion, kind, metadata: { name }, spec }: ReturnType<typeof toCrd>) {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: open } } };
  const { plural, singular, kind: named, listKind } = spec.names;
  const names = { plural, singular, kind: named, listKind };
  const versions = [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }];
  return { apiVersion, kind, metadata: { name }, spec: { group: spec.group, scope: spec.scope, names, versions } };
}
