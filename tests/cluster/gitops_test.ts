/** GitOps tools: the health that they see, and that the operator does not write their fields. */
import assert from "node:assert/strict";
import { LuaFactory } from "wasmoon";
import { parse } from "yaml";
import type { KubeObject } from "../../src/kubernetes/client.ts";
import { GROUP } from "../../src/resource.ts";
import { kinds } from "../../src/kinds.ts";
import { resources } from "../../src/resources/mod.ts";
import {
  clusterTest,
  condition,
  eventually,
  job,
  manifest,
  notebook,
  pathOf,
  problem,
  secret,
  type World,
} from "../support/harness.ts";
import { prepare } from "../support/needs.ts";

const lua = new LuaFactory();
const healthCheck = await Deno.readTextFile("deploy/argocd/health.lua");

/** Returns the health that Argo CD shows: `Healthy: job 1 matches the manifest`. */
async function argocd(object: KubeObject): Promise<string> {
  const engine = await lua.createEngine();
  try {
    // Argo CD passes plain numbers and strings.
    const plain = JSON.parse(JSON.stringify(object, (_, value) => typeof value === "bigint" ? Number(value) : value));
    engine.global.set("obj", plain);
    const { status, message } = await engine.doString(healthCheck);
    return `${status}: ${message}`;
  } finally {
    engine.global.close();
  }
}

/**
 * Returns the verdict of kstatus, which Flux and `kubectl apply --prune` tools use, by the rules of
 * sigs.k8s.io/cli-utils.
 */
function kstatus(object: KubeObject): string {
  const is = (type: string, status: string) => condition(object, type)?.status === status;
  if (object.metadata.deletionTimestamp !== undefined) return "Terminating";
  const { observedGeneration } = object.status ?? {};
  if (observedGeneration !== undefined && observedGeneration !== object.metadata.generation) return "InProgress";
  if (is("Reconciling", "True")) return "InProgress";
  if (is("Stalled", "True")) return "Failed";
  if (is("Ready", "False") || is("Ready", "Unknown")) return "InProgress";
  return "Current";
}

/** Waits until Argo CD and kstatus show the expected health. */
async function seen(world: World, name: string, expected: { argocd: RegExp; kstatus: string }): Promise<void> {
  await eventually(`${name} is ${expected.argocd} and ${expected.kstatus}`, async () => {
    const object = await world.get("DatabricksJob", name);
    if (object === undefined) return problem("it is not there");
    const health = await argocd(object);
    const status = kstatus(object);
    return expected.argocd.test(health) && status === expected.kstatus || problem(`${health}, ${status}`);
  });
}

clusterTest(
  "an object is progressing until the operator has seen it, and healthy when it matches the manifest",
  async (world) => {
    await world.apply(job("etl"));
    const fresh = await world.get("DatabricksJob", "etl");
    assert.equal(await argocd(fresh!), "Progressing: Waiting for the operator");
    await world.startOperator();
    await seen(world, "etl", { argocd: /^Healthy: job \d+ matches the manifest$/, kstatus: "Current" });
    const object = await world.ready("DatabricksJob", "etl");
    const edited = { ...object, metadata: { ...object.metadata, generation: 99 } };
    assert.match(await argocd(edited), /^Progressing: .*new manifest/);
    assert.equal(kstatus(edited), "InProgress");
  },
  { start: false },
);

clusterTest("an object that needs a person is degraded, with the reason", async (world) => {
  world.workspace.faults.add({ match: "jobs/create", status: 400, body: { message: "No such cluster" } });
  await world.apply(job("etl"));
  await seen(world, "etl", { argocd: /^Degraded: Cannot create job "etl".*No such cluster/, kstatus: "Failed" });
});

clusterTest(
  "a run is progressing until its end, then healthy or degraded, as an Argo CD hook needs",
  async (world) => {
    const health = (name: string, expected: RegExp) =>
      eventually(`${name} is ${expected}`, async () => {
        const object = await world.get("DatabricksRun", name);
        const told = object === undefined ? "" : await argocd(object);
        return expected.test(told) || problem(told);
      });
    for (const name of ["good", "bad", "held"]) {
      await world.apply(manifest("DatabricksRun", name, { submit: notebook(), suspend: name === "held" }));
    }
    await health("held", /^Progressing: spec\.suspend is true/);
    for (
      const [name, result, expected] of [["good", "SUCCESS", /^Healthy: /], ["bad", "FAILED", /^Degraded: /]] as const
    ) {
      await health(name, /^Progressing: Run \d+ /);
      const { status } = await world.get("DatabricksRun", name) ?? {};
      world.workspace.runs.finish(String(status?.run_id), result);
      await health(name, expected);
    }
  },
);

Deno.test("Argo CD's links name fields that all kinds have in their status", async () => {
  const { data } = parse(await Deno.readTextFile("deploy/argocd/argocd-cm.yaml")) as { data: Record<string, string> };
  const [link] = parse(data["resource.links"] ?? "") as { url: string; if: string }[];
  assert.equal(link?.url, "{{.resource.status.url}}");
  assert.match(link?.if ?? "", new RegExp(`startsWith "${GROUP}/"`));
  for (const { plural } of resources) {
    assert.match(await Deno.readTextFile(`crds/${plural}.yaml`), /^ +url:$/m, `${plural} has status.url`);
  }
});

clusterTest("an object that is retried is progressing", async (world) => {
  world.workspace.faults.add({ match: "jobs/create", status: 503 });
  await world.apply(job("etl"));
  await seen(world, "etl", { argocd: /^Progressing: Cannot create job "etl".*503/, kstatus: "InProgress" });
  world.workspace.faults.clear();
  await seen(world, "etl", { argocd: /^Healthy/, kstatus: "Current" });
});

clusterTest("a paused object is suspended", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.annotate("DatabricksJob", "etl", "paused", "true");
  await seen(world, "etl", { argocd: /^Suspended: Nothing is done/, kstatus: "Current" });
});

clusterTest(
  "a paused object with an unapplied edit, or without a resource, is not current",
  async (world) => {
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    await world.annotate("DatabricksJob", "etl", "paused", "true");
    await seen(world, "etl", { argocd: /^Suspended/, kstatus: "Current" });
    await world.patch("DatabricksJob", "etl", { spec: { job: { settings: { max_concurrent_runs: 7 } } } });
    await eventually("the operator saw the edit", async () => {
      const object = await world.get("DatabricksJob", "etl");
      return object?.status?.observedGeneration === object?.metadata.generation;
    });
    await seen(world, "etl", { argocd: /^Suspended: Nothing is done/, kstatus: "InProgress" });
    await world.apply(job("new", {}, { paused: "true" }));
    await seen(world, "new", { argocd: /^Suspended: Nothing is done/, kstatus: "InProgress" });
    await world.annotate("DatabricksJob", "etl", "paused", null);
    await seen(world, "etl", { argocd: /^Healthy/, kstatus: "Current" });
  },
);

clusterTest("an object in deletion is progressing, and degraded if Databricks rejects the delete", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  world.workspace.faults.add({ match: "jobs/delete", status: 503 });
  await world.delete("DatabricksJob", "etl");
  await seen(world, "etl", { argocd: /^Progressing: Waiting for Databricks/, kstatus: "Terminating" });
  world.workspace.faults.clear();
  await world.gone("DatabricksJob", "etl");

  await world.apply(job("other"));
  await world.ready("DatabricksJob", "other");
  world.workspace.faults.add({ match: "jobs/delete", status: 403, body: { error_code: "PERMISSION_DENIED" } });
  await world.delete("DatabricksJob", "other");
  await seen(world, "other", { argocd: /^Degraded: Cannot delete job "other"/, kstatus: "Terminating" });
});

clusterTest("kubectl wait works for Ready and for the deletion", async (world) => {
  await world.apply(job("etl"));
  await world.kubectl(["wait", "databricksjob/etl", "--for=condition=Ready", "--timeout=60s"]);
  const gone = world.kubectl(["wait", "databricksjob/etl", "--for=delete", "--timeout=60s"]);
  await world.delete("DatabricksJob", "etl");
  await gone;
}, { needs: ["kubectl"] });

const written: readonly KubeObject[] = [
  manifest("DatabricksJob", "etl", {
    job: { settings: { tasks: [{ task_key: "main", notebook_task: { notebook_path: "/Shared/main" } }] } },
    run: { job_parameters: {} },
  }),
  manifest("GitCredential", "git", {
    secret_name: "git",
    credential: { git_provider: "gitHub", git_username: "octocat" },
  }),
  manifest("Repo", "repo", {
    repository: { path: "/Repos/team/repo", provider: "gitHub", url: "https://github.com/example/repo.git" },
  }),
  manifest("DatabricksSecretScope", "scope", { scope: { name: "scope" } }),
  manifest("DatabricksSecret", "keys", { scope: "scope", secret_name: "keys" }),
];
/** The other kinds, whose objects come from examples. */
const shown = resources.filter(({ kind }) => written.every((object) => object.kind !== kind));

/** One object of each kind, as in Git. */
const inGit: readonly KubeObject[] = [
  ...written,
  ...shown.map(({ kind, plural, examples: [example] }) => manifest(kind, plural, example?.spec ?? {})),
].map((object) => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { "app.kubernetes.io/instance": "app" },
    annotations: { "argocd.argoproj.io/tracking-id": "app:x", "databricks-operator/owner": "operator" },
  },
}));

/** Creates the prerequisites of the examples. */
async function prepareShown(world: World): Promise<void> {
  for (const { examples: [example], reference } of shown) {
    if (example === undefined) continue;
    await prepare(world.workspace, example);
    const refers = reference?.(example.spec);
    if (refers !== undefined) await world.apply(secret(refers.name, example.secret ?? {}));
  }
}

/** Applies an object as Argo CD and Flux do: on the server side, without force. */
async function applyFromGit(world: World, object: KubeObject): Promise<KubeObject> {
  const { kind = "", metadata: { name = "" } } = object;
  const path = pathOf(kind, world.namespace);
  return await world.kube.patch(path, name, object, { type: "apply", fieldManager: "argocd-controller" });
}

interface ManagedFields {
  manager: string;
  operation: string;
  subresource?: string;
  fieldsV1: Record<string, Record<string, unknown>>;
}

clusterTest("the operator owns status and finalizers, and no field from Git", async (world) => {
  assert.deepEqual(inGit.map(({ kind }) => kind).sort(), resources.map(({ kind }) => kind).sort());
  await world.apply(secret("git", { personal_access_token: "ghp_x" }));
  await world.apply(secret("keys", { user: "etl" }));
  await prepareShown(world);
  for (const object of inGit) await applyFromGit(world, object);
  for (const object of inGit) {
    const { kind = "", metadata: { name = "" } } = object;
    const now = await world.ready(kind, name);
    assert.deepEqual(now.metadata.labels, object.metadata.labels, kind);
    assert.deepEqual(now.metadata.annotations, object.metadata.annotations, kind);
    assert.deepEqual(now.metadata.finalizers, ["databricks-operator/external-resource"]);
    const entries = now.metadata.managedFields as unknown as ManagedFields[];
    const ours = entries.filter(({ manager }) => manager === "databricks-kube-operator");
    assert.deepEqual(ours.map(({ subresource }) => subresource ?? "").sort(), ["", "status"], kind);
    for (const { subresource, fieldsV1 } of ours) {
      if (subresource === "status") assert.deepEqual(Object.keys(fieldsV1), ["f:status"], kind);
      else {assert.deepEqual([Object.keys(fieldsV1), Object.keys(fieldsV1["f:metadata"]!)], [["f:metadata"], [
          "f:finalizers",
        ]]);}
    }
  }
}, { mock: { runSeconds: 1 } });

clusterTest("applying from Git again causes no conflict and no change", async (world) => {
  await world.apply(secret("git", { personal_access_token: "ghp_x" }));
  await world.apply(secret("keys", { user: "etl" }));
  await prepareShown(world);
  for (const object of inGit) await applyFromGit(world, object);
  for (const object of inGit) {
    const { kind = "", metadata: { name = "" } } = object;
    await world.ready(kind, name);
    await eventually(`${kind} ${name} is idle, and a new apply changes nothing`, async () => {
      const before = await world.ready(kind, name);
      const after = await applyFromGit(world, object);
      assert.deepEqual(after.spec, before.spec);
      assert.equal(after.metadata.generation, before.metadata.generation);
      return after.metadata.resourceVersion === before.metadata.resourceVersion ||
        problem("its status was written meanwhile");
    });
  }
}, { mock: { runSeconds: 1 } });

Deno.test("deploy/argocd/argocd-cm.yaml has the health check for each kind", async () => {
  const { data } = parse(await Deno.readTextFile("deploy/argocd/argocd-cm.yaml")) as { data: Record<string, string> };
  const keys = kinds.map(({ kind }) => `resource.customizations.health.${GROUP}_${kind}`);
  assert.deepEqual(Object.keys(data), [...keys, "resource.links"]);
  for (const key of keys) assert.equal(data[key], healthCheck);
});
