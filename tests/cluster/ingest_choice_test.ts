/** The setting `ingest` names kinds: their resources in Databricks get objects, which never write to them. */
import assert from "node:assert/strict";
import { type Endpoint, isIngestedByDefault, isIngestible, type Resource } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import type { WorkspaceClient } from "../../src/databricks/workspace.ts";
import { clientOf } from "../support/clients.ts";
import { clusterTest, condition, eventually, job, manifest, problem, sweeps, type World } from "../support/harness.ts";
import { prepare } from "../support/needs.ts";

const unstarted = { start: false };
const OWNER = "databricks-operator/owner";
const ingestible = resources.filter(isIngestible);
const NO_OWNER = { uid: "", name: "", tag: "" };
const POLICIES = resources.find(({ kind }) => kind === "DatabricksClusterPolicy") as Resource;
const POLICY = { policy: { name: "small", definition: '{"a":{"type":"fixed","value":"b"}}' } };

/** Creates the resource of a kind's first example as a person would, and returns its id. */
async function makeOutside(world: World, workspace: WorkspaceClient, resource: Resource): Promise<string> {
  const [example] = resource.examples;
  assert.ok(example !== undefined);
  await prepare(world.workspace, example);
  const spec = resource.spec.parse(example.spec) as Record<string, unknown>;
  const secret = Object.entries(example.secret ?? {});
  const id = await resource.external.create?.(workspace, {
    desired: resource.desired(spec, { name: "example", namespace: "team" }),
    owner: NO_OWNER,
    values: Object.fromEntries(secret.map(([key, text]) => [key, new TextEncoder().encode(text)])),
    changes: [],
  });
  assert.ok(id !== undefined);
  return id;
}

/** Waits until exactly one object follows a resource, and returns it. */
async function followerOf(world: World, { kind }: Resource, id: string) {
  return await eventually(`${kind} ${id} is followed`, async () => {
    const objects = (await world.list(kind)).filter(({ status }) => status?.id === id);
    const [object] = objects;
    const synced = condition(object, "Synced");
    if (object !== undefined && objects.length === 1 && synced?.status === "True") return object;
    return problem(`${objects.length}: ${JSON.stringify(synced)}`);
  });
}

/** The specs and versions of all objects, to detect any change. */
async function versions(world: World): Promise<unknown> {
  const all = await Promise.all(ingestible.map(({ kind }) => world.list(kind)));
  return all.flat().map(({ kind, spec, metadata: { name, resourceVersion } }) => [kind, name, resourceVersion, spec]);
}

/** Makes a policy as a person would, and returns its id. */
async function addPolicy(world: World, name: string): Promise<string> {
  const body = { ...POLICY.policy, name };
  const answer = await clientOf(world.workspace).call(POLICIES.endpoints.create as Endpoint, body);
  return String(answer.policy_id);
}

clusterTest("ingest: all creates objects of each kind, and writes nothing to Databricks", async (world) => {
  const workspace = clientOf(world.workspace);
  const ids = new Map<string, string>();
  for (const resource of ingestible) ids.set(resource.kind, await makeOutside(world, workspace, resource));
  world.workspace.ledger.clear();
  await world.startOperator();
  for (const resource of ingestible) {
    const object = await followerOf(world, resource, ids.get(resource.kind) ?? "");
    assert.equal(object.metadata.annotations?.[OWNER], "api", resource.kind);
    assert.equal(object.metadata.finalizers, undefined, `${resource.kind}: nothing blocks its deletion`);
  }
  await Promise.all(ingestible.map((resource) => sweepsOf(world, resource, 2)));
  const before = await versions(world);
  await Promise.all(ingestible.map((resource) => sweepsOf(world, resource, 3)));
  assert.deepEqual(await versions(world), before, "an unchanged followed resource is not written");
  for (const resource of ingestible) {
    for (const { metadata: { name = "" } } of await world.list(resource.kind)) await world.delete(resource.kind, name);
  }
  for (const resource of ingestible) await followerOf(world, resource, ids.get(resource.kind) ?? "");
  assert.deepEqual(world.workspace.ledger.writes(), [], "also not when its object is deleted");
}, { ...unstarted, settings: { ingest: "all" }, mock: { doubts: { defaultSchema: "does not count" } } });

async function sweepsOf(world: World, { endpoints }: Resource, count: number): Promise<void> {
  const { path } = endpoints.list ?? endpoints.listAll ?? { path: "" };
  await sweeps(world.workspace, path.replace("{jobs_api_version}", "2.2"), count);
}

clusterTest("ingest with kinds: resources of other kinds get no object", async (world) => {
  const id = await addPolicy(world, "theirs");
  world.workspace.secrets.addScope("theirs");
  await world.startOperator();
  await followerOf(world, POLICIES, id);
  await sweeps(world.workspace, "/policies/clusters/list", 3);
  assert.deepEqual(await world.list("DatabricksSecretScope"), []);
  assert.deepEqual(await world.list("DatabricksJob"), []);
}, { ...unstarted, settings: { ingest: "clusterpolicies" } });

clusterTest("ingest: true creates no objects of kinds that the predecessor did not have", async (world) => {
  const workspace = clientOf(world.workspace);
  const ids = new Map<Resource, string>();
  for (const resource of ingestible) ids.set(resource, await makeOutside(world, workspace, resource));
  await world.startOperator();
  for (const resource of ingestible.filter(isIngestedByDefault)) {
    await followerOf(world, resource, ids.get(resource) ?? "");
  }
  await sweeps(world.workspace, "/jobs/list", 3);
  for (const { kind } of ingestible.filter((resource) => !isIngestedByDefault(resource))) {
    assert.deepEqual(await world.list(kind), [], kind);
  }
}, unstarted);

clusterTest("an ingested policy follows Databricks, and its object is deleted with it", async (world) => {
  const id = await addPolicy(world, "small");
  await world.startOperator();
  await world.ready("DatabricksClusterPolicy", "small");
  const workspace = clientOf(world.workspace);
  const { endpoints, external } = POLICIES;
  const definition = '{"a":{"type":"fixed","value":"c"}}';
  await workspace.call(endpoints.update as Endpoint, { policy_id: id, name: "small", definition });
  await eventually("spec follows", async () => {
    const { policy } = (await world.get("DatabricksClusterPolicy", "small"))?.spec as typeof POLICY;
    return policy.definition === definition || problem(policy.definition);
  });
  world.workspace.ledger.clear();
  await external.delete?.(workspace, id);
  await world.gone("DatabricksClusterPolicy", "small");
}, { ...unstarted, settings: { ingest: "clusterpolicies" } });

clusterTest(
  "a kind that is removed from ingest keeps its objects, and nothing is deleted in Databricks",
  async (world) => {
    await addPolicy(world, "small");
    await world.startOperator();
    const before = await world.ready("DatabricksClusterPolicy", "small");
    await world.configure({ ingest: "jobs" });
    await sweeps(world.workspace, "/jobs/list", 2);
    await addPolicy(world, "later");
    world.workspace.ledger.clear();
    await sweeps(world.workspace, "/policies/clusters/list", 3);
    const objects = await world.list("DatabricksClusterPolicy");
    assert.deepEqual(objects.map(({ metadata }) => metadata.uid), [before.metadata.uid]);
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  { ...unstarted, settings: { ingest: "clusterpolicies" } },
);

clusterTest("a policy of an object is not ingested beside it, and never taken from it", async (world) => {
  await world.startOperator();
  await world.apply(manifest("DatabricksClusterPolicy", "ours", POLICY));
  await world.ready("DatabricksClusterPolicy", "ours");
  await sweeps(world.workspace, "/policies/clusters/list", 3);
  const objects = await world.list("DatabricksClusterPolicy");
  assert.deepEqual(objects.map(({ metadata }) => metadata.name), ["ours"]);
  assert.equal(objects[0]?.status?.owner, "operator");
}, { ...unstarted, settings: { ingest: "all" } });

clusterTest(
  "a misspelt kind in ingest sets a condition and emits an Event with key, value and valid values",
  async (world) => {
    await world.startOperator();
    await world.apply(manifest("DatabricksClusterPolicy", "ours", POLICY));
    await world.ready("DatabricksClusterPolicy", "ours");
    await world.configure({ ingest: "clusterpolicy" });
    const says =
      /ingest: "clusterpolicy" must be "true", "false", "all", or plural names of kinds.*: .*clusterpolicies/;
    await eventually("the condition is set", async () => {
      const invalid = condition(await world.get("DatabricksClusterPolicy", "ours"), "SettingsValid");
      return says.test(invalid?.message ?? "") || problem(JSON.stringify(invalid));
    });
    assert.match(await world.event("databricks-kube-operator", "InvalidSetting"), says);
  },
  { ...unstarted, settings: { ingest: "false" } },
);

clusterTest(
  "a kind in ingest that --kinds excludes is reported",
  async (world) => {
    await world.startOperator({ resources: resources.filter(({ kind }) => kind === "DatabricksJob") });
    assert.match(
      await world.event("databricks-kube-operator", "KindNotManaged"),
      /ingest: "jobs,clusterpolicies": .* not work on DatabricksClusterPolicy: add DatabricksClusterPolicy to --kinds/,
    );
    await world.apply(job("etl"));
    assert.notEqual(condition(await world.ready("DatabricksJob", "etl"), "SettingsValid")?.status, "False");
  },
  { ...unstarted, settings: { ingest: "jobs,clusterpolicies" } },
);

clusterTest(
  "an optional field, such as a repo's branch, is also followed",
  async (world) => {
    const { repos } = world.workspace;
    const id = repos.add({
      path: "/Repos/team/x",
      url: "https://github.com/example/x",
      provider: "gitHub",
      branch: "main",
    });
    await world.startOperator();
    const branch = async () => {
      const { repository } = (await world.get("Repo", "x"))?.spec as { repository: { branch?: string } };
      return repository.branch;
    };
    await world.ready("Repo", "x");
    await eventually("spec shows the branch", async () => await branch() === "main");
    await sweeps(world.workspace, "/api/2.0/repos", 3);
    Object.assign(repos.get(id) ?? {}, { branch: "dev" });
    await eventually("spec follows", async () => await branch() === "dev" || problem(String(await branch())));
    assert.deepEqual(world.workspace.ledger.writes(), []);
  },
  { ...unstarted, settings: { ingest: "repos" } },
);

clusterTest(
  "a manifest adopts a followed resource after its object is deleted as the condition says",
  async (world) => {
    const id = await addPolicy(world, "small");
    await world.startOperator();
    await world.ready("DatabricksClusterPolicy", "small");
    await world.apply(manifest("DatabricksClusterPolicy", "ours", POLICY));
    const { message } = await world.blocked("DatabricksClusterPolicy", "ours", "AlreadyExists");
    assert.match(
      message,
      /held by DatabricksClusterPolicy "\S*small".*adopt: "true" on this object.* and then delete that one/,
    );
    await world.annotate("DatabricksClusterPolicy", "ours", "adopt", "true");
    await world.annotate("DatabricksClusterPolicy", "small", "deletion-policy", "retain");
    await world.delete("DatabricksClusterPolicy", "small");
    const { status } = await world.ready("DatabricksClusterPolicy", "ours");
    assert.equal(status?.id, id);
    await sweeps(world.workspace, "/policies/clusters/list", 3);
    assert.equal((await world.list("DatabricksClusterPolicy")).length, 1);
    assert.equal(world.workspace.ledger.count("POST", "/policies/clusters/delete"), 0);
  },
  { ...unstarted, settings: { ingest: "clusterpolicies" } },
);
