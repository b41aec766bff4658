import assert from "node:assert/strict";
import { MockWorkspace } from "../../../../mock/databricks/workspace.ts";
import { connectionTo, managed, object } from "../../../../tests/support/passes.ts";
import type { KubeObject } from "../../../kubernetes/client.ts";
import type { Resource } from "../../../resource.ts";
import { databricksJob } from "../../../resources/databricks_job.ts";
import { gitCredential } from "../../../resources/git_credential.ts";
import { refuseRivals } from "./singles.ts";

const credential = { credential: { git_provider: "gitHub", is_default_for_provider: true }, secret_name: "token" };

/** Returns how often a pass reads all objects of its namespace, and refuses it where a peer is older. */
function readsOf(resource: Resource, spec: Record<string, unknown>, peers: readonly KubeObject[] = []): number {
  const pass = object(resource, spec).pass();
  let reads = 0;
  refuseRivals(pass, managed(pass, connectionTo(new MockWorkspace())), () => {
    reads++;
    return peers;
  });
  return reads;
}

Deno.test("a pass does not read the other objects of its namespace where its manifest claims nothing that is unique", () => {
  assert.equal(readsOf(databricksJob, { job: { settings: { name: "etl" } } }), 0);
  assert.equal(readsOf(gitCredential, { ...credential, credential: { git_provider: "gitHub" } }), 0);
  assert.equal(readsOf(gitCredential, credential), 1);
});

Deno.test("of two objects with the same claim, the younger is rejected and names the older", () => {
  const metadata = { name: "first", namespace: "team", uid: "uid-0", creationTimestamp: "2020-01-01T00:00:00Z" };
  const pass = object(gitCredential, credential).pass();
  pass.object.metadata.creationTimestamp = "2021-01-01T00:00:00Z";
  const intent = managed(pass, connectionTo(new MockWorkspace()));
  assert.throws(() => refuseRivals(pass, intent, () => [{ metadata, spec: credential }]), /GitCredential "first" is/);
});
