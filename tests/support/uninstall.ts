/**
 * Removes the CRDs: Kubernetes deletes every object, and Databricks must keep everything.
 *
 * @module
 */
import assert from "node:assert/strict";
import { toCrd } from "../../src/generate/crd.ts";
import { KubeError, type KubeObject } from "../../src/kubernetes/client.ts";
import type { Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { eventually, installCrds, job, manifest, secret, type World } from "./harness.ts";

const crds = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
const repository = { path: "/Repos/team/reports", url: "https://github.com/example/reports", provider: "gitHub" };
const keys = (token: string) => ({ personal_access_token: token });

const objects: readonly KubeObject[] = [
  job("etl"),
  manifest("GitCredential", "git", {
    secret_name: "git",
    credential: { git_username: "octocat", git_provider: "gitHub" },
  }),
  manifest("Repo", "reports", { repository }),
  manifest("DatabricksSecretScope", "team", { scope: { name: "team" } }),
  manifest("DatabricksSecret", "values", { scope: "team", secret_name: "values" }),
];

/** Creates one object of each of the predecessor's kinds, and waits until all are Ready. */
export async function makeOneOfEach(world: World): Promise<void> {
  world.workspace.repos.addFolder("/Repos/team");
  await world.apply(secret("git", keys("git-token")));
  await world.apply(secret("values", { password: "1" }));
  for (const object of objects) await world.apply(object);
  for (const { kind = "", metadata: { name = "" } } of objects) await world.ready(kind, name);
}

/** Deletes all CRDs, or those of some kinds, as a complete uninstall does. */
export async function deleteCrds(world: World, kinds = resources): Promise<void> {
  for (const resource of kinds) await world.kube.delete(crds, toCrd(resource).metadata.name);
}

/** The declaration of a kind. */
export function kindNamed(kind: string): Resource {
  const found = resources.find((resource) => resource.kind === kind);
  if (found === undefined) throw new TypeError(`There is no kind ${kind}`);
  return found;
}

/** Installs one CRD, as `kubectl apply` does. */
export async function installCrd({ kube }: World, kind: Resource): Promise<void> {
  const crd = toCrd(kind);
  await kube.patch(crds, crd.metadata.name, crd, { type: "apply", force: true, fieldManager: "test" });
}

/** Waits until the CRDs are gone, with all their objects, and installs them again. */
export async function crdsGoAndCome(world: World, kinds = resources): Promise<void> {
  await crdsGo(world, kinds);
  await installCrds(world.kube);
}

/** Waits until CRDs are gone, with all their objects. */
export async function crdsGo(world: World, kinds = resources): Promise<void> {
  for (const resource of kinds) {
    const { name } = toCrd(resource).metadata;
    await eventually(`${name} is gone`, async () => {
      try {
        await world.kube.get(crds, name);
        return false;
      } catch (error) {
        return error instanceof KubeError && error.status === 404;
      }
    });
  }
}

/** Fails if anything that {@link makeOneOfEach} created is missing in Databricks. */
export function assertAllKept({ workspace }: World): void {
  assert.equal(workspace.jobs.ids().length, 1);
  assert.equal(workspace.credentials.all().length, 1);
  assert.equal(workspace.repos.all().length, 1);
  assert.equal(new TextDecoder().decode(workspace.secrets.value("team", "password")), "1");
  const deletions = workspace.ledger.calls.filter(({ method, path }) => method === "DELETE" || /delete$/.test(path));
  assert.deepEqual(deletions, []);
}
