/** The operator, as a process, with the permissions from the chart: it needs them all, and no others. */
import assert from "node:assert/strict";
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { GROUP, isIngestedByDefault, isIngestible } from "../../src/resource.ts";
import { resources } from "../../src/resources/mod.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { exampleFiles } from "../support/documents.ts";
import { startProcess } from "../support/api_servers.ts";
import { baselineOf, eventually, installCrds, manifest, notebook, problem, secret, World } from "../support/harness.ts";
import { freePort } from "../support/ports.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { embeddedAccount, granted, realAccount, rulesOf } from "./account.ts";
import { hasHelm, render, type Values } from "./helm.ts";

const NAMESPACE = "operator";
const TEAM = "team";
const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
/** The Secrets named by the settings and the examples. */
const SECRETS = [
  ...new Set([
    "databricks-api-secret",
    ...resources.flatMap(({ examples, reference }) => examples.flatMap(({ spec }) => reference?.(spec)?.name ?? [])),
  ]),
];
/**
 * Rights that the story does not use: creating objects of kinds that are ingested only if the setting names them;
 * deleting objects of kinds that it does not ingest, for objects with owner `api` and expired ones; and reading the
 * namespace when an object is deleted after its credentials.
 */
const unused = ({ kinds = [] }: Values) => {
  const others = resources.filter((one) => !isIngestedByDefault(one) && isChosen(kinds, one.kind));
  const right = (verb: string) => ({ plural }: { readonly plural: string }) => `${verb} ${plural}.${GROUP}`;
  return [...others.map(right("delete")), ...others.filter(isIngestible).map(right("create")), "get namespaces"];
};

const isChosen = (kinds: unknown, kind: string) => !Array.isArray(kinds) || kinds.length === 0 || kinds.includes(kind);

const noHelm = hasHelm ? "" : "HELM_BINARY: the path of Helm 3";
const binary = Deno.env.get("K3S_BINARY");
const needs = [
  ...noHelm === "" ? [] : [noHelm],
  ...binary === undefined ? ["K3S_BINARY"] : [],
].join(" and ");

/** The kinds of the story's objects. */
const STORY = ["DatabricksJob", "GitCredential", "Repo", "DatabricksSecretScope", "DatabricksSecret"];

/** Values, and the namespace of the story's objects. */
const cases: readonly { name: string; values: Values; namespace: string }[] = [
  { name: "in its namespace", values: {}, namespace: NAMESPACE },
  { name: "with named Secrets", values: { rbac: { secretNames: SECRETS } }, namespace: NAMESPACE },
  { name: "for a watched namespace", values: { watchNamespaces: [TEAM] }, namespace: TEAM },
  { name: "for some kinds", values: { kinds: STORY, watchNamespaces: [TEAM] }, namespace: TEAM },
  { name: "for all namespaces", values: { allNamespaces: true }, namespace: TEAM },
];

const stories = new SideBySide(3);
for (const { name, values, namespace } of cases) {
  told(`the operator uses all rights that the chart grants ${name}, and needs no others`, noHelm, async () => {
    const objects = await render({ ...values, installCRDs: false }, NAMESPACE);
    await using served = await serveKubernetes();
    const { client } = await connectTo(served.kubeconfig);
    await prepare(client);
    const text = embeddedAccount(served, objects, NAMESPACE);
    const played = play({ client, kubeconfig: await kept(text), namespace, objects });
    const refusals = () => served.api.requests.find({ user: "operator", status: 403 });
    await played.catch((error) => {
      throw new Error(`refused: ${refusals().map(({ verb, path }) => `${verb} ${path}`)}`, { cause: error });
    });
    const used = Object.entries(served.api.requests.verbs("operator")).flatMap(([resource, verbs]) =>
      verbs.map((verb) => `${verb} ${resource}`)
    );
    assert.deepEqual(refusals(), []);
    assert.deepEqual([...used, ...unused(values)].sort(), granted(rulesOf(objects)));
    client.close();
  });
}

// With named Secrets the operator has fewer rights than without, and works in the same way.
for (const { name, values, namespace } of cases.slice(1)) {
  told(`a real API server rejects no request of the operator, ${name}`, needs, async () => {
    const objects = await render({ ...values, installCRDs: false }, NAMESPACE);
    await using server = await startProcess(binary ?? "");
    const adminKubeconfig = await Deno.readTextFile(server.kubeconfig);
    const { client } = await connectTo(adminKubeconfig);
    await prepare(client);
    const text = await realAccount({ client, adminKubeconfig }, objects);
    await play({ client, kubeconfig: await kept(text), namespace, objects });
    client.close();
  });
}

/** Registers a story; a few run at the same time, since they mostly wait. */
function told(name: string, missing: string, fn: () => Promise<void>): void {
  stories.test({ name: missing === "" ? name : `${name} (needs ${missing})`, ignore: missing !== "", fn });
}

async function connectTo(kubeconfig: string) {
  return await connect({ kubeconfig: await kept(kubeconfig) });
}

async function kept(text: string): Promise<string> {
  const path = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(path, text);
  return path;
}

async function prepare(client: KubeClient): Promise<void> {
  await installCrds(client);
  for (const name of [NAMESPACE, TEAM]) await client.create(NAMESPACES, { metadata: { name } });
}

interface Stage {
  readonly client: KubeClient;
  /** The kubeconfig of the account. */
  readonly kubeconfig: string;
  /** The namespace of the story's objects. */
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}

/** Makes the operator do everything it can: create, run, repair, ingest, follow, report, delete, hand over. */
async function play({ client, kubeconfig, namespace, objects }: Stage): Promise<void> {
  const world = new World({ kube: client, namespace, workspace: new MockWorkspace(), kubeconfig });
  await world.apply(secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }));
  await world.configure({});
  const port = freePort();
  const args = [...argsOf(objects), `--lease-namespace=${NAMESPACE}`, `--http-address=127.0.0.1:${port}`];
  await using replica = await Replica.start(world, args);
  await replica.leads();
  await using other = await Replica.start(world, [...args, "--http-address=127.0.0.1:0"]);
  await other.says(/Waiting for lease/);
  await eventually("it is ready", async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
  await applyExamples(world);
  await runAndRepair(world);
  await ingestAndFollow(world);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.deepEqual(metrics.split("\n").filter((line) => /^rest_client_requests_total.*code="403"/.test(line)), []);
  for (const [kind, name] of READY) await world.delete(kind, name);
  for (const [kind, name] of READY) await world.gone(kind, name);
  assert.deepEqual(world.workspace.secrets.scopes().map(({ name }) => name), []);
  replica.send("SIGTERM");
  assert.equal(await replica.ended(), 0);
  await other.leads();
  for (const { log } of [replica, other]) assert.doesNotMatch(log, /[Ff]orbidden/);
}

const READY = [
  ["DatabricksJob", "nightly-report"],
  ["DatabricksJob", "word-count"],
  ["DatabricksSecret", "team-secret"],
  ["DatabricksSecretScope", "team-secrets"],
  ["DatabricksSecretScope", "shared-secrets"],
  ["GitCredential", "github"],
  ["Repo", "reports"],
] as const;

/** The arguments of the pod, except for its address. */
function argsOf(objects: readonly KubeObject[]): string[] {
  const pod = objects.find(({ kind }) => kind === "Deployment")?.spec as {
    template: { spec: { containers: [{ args: string[] }] } };
  };
  return pod.template.spec.containers[0].args.filter((arg) => arg !== "run" && !arg.startsWith("--http-address"));
}

async function applyExamples(world: World): Promise<void> {
  const auth = { secret_name: "databricks-api-secret" };
  await world.apply(manifest("DatabricksConnection", "second", { host: DATABRICKS_URL, auth }));
  for (const file of await exampleFiles()) {
    if (file !== "examples/settings.yaml") await world.apply(await Deno.readTextFile(file));
  }
  for (const [kind, name] of READY) await world.ready(kind, name);
}

async function runAndRepair(world: World): Promise<void> {
  const object = await world.ready("DatabricksJob", "nightly-report");
  const { jobs } = world.workspace;
  await eventually("the run of spec.run was started", async () => {
    const { status } = await world.ready("DatabricksJob", "nightly-report");
    return status?.run_request !== undefined || problem(JSON.stringify(status));
  });
  const schedule = () => jobs.get(String(object.status?.id))?.settings.schedule as Record<string, unknown>;
  const wanted = schedule().quartz_cron_expression;
  // Twice the same, so that the Event is patched the second time.
  for (let times = 1; times <= 2; times++) {
    await eventually("the state after the last write is known", async () => {
      return baselineOf(await world.ready("DatabricksJob", "nightly-report"))?.observed !== undefined;
    });
    schedule().quartz_cron_expression = "0 0 4 * * ?";
    await eventually(`it was reverted (${times})`, () => schedule().quartz_cron_expression === wanted);
    await eventually(`an Event reports it (${times})`, async () => {
      const path = { group: "", version: "v1", plural: "events", namespace: world.namespace };
      const { items } = await world.kube.list(path, { fieldSelector: "involvedObject.name=nightly-report" });
      const counts = items.filter(({ reason }) => reason === "DriftCorrected").map(({ count }) => Number(count));
      return counts.some((count) => count >= times) || problem(JSON.stringify(items.map(({ reason }) => reason)));
    });
  }
}

async function ingestAndFollow(world: World): Promise<void> {
  const { jobs, credentials, repos, secrets } = world.workspace;
  const jobId = jobs.add({ name: "theirs", ...notebook() });
  const credentialId = credentials.add({ git_provider: "gitLab", git_username: "theirs" });
  const repository = { path: "/Repos/team/theirs", url: "https://github.com/example/theirs", provider: "gitHub" };
  const repoId = repos.add(repository);
  secrets.addScope("theirs");
  const ingested = [
    ["DatabricksJob", "theirs"],
    ["GitCredential", "gitlab-theirs"],
    ["Repo", "theirs"],
    ["DatabricksSecretScope", "theirs"],
  ] as const;
  for (const [kind, name] of ingested) await world.ready(kind, name);
  Object.assign(jobs.get(jobId)?.settings ?? {}, { name: "renamed" });
  await eventually("the object follows", async () => {
    const spec = (await world.get("DatabricksJob", "theirs"))?.spec as { job: { settings: { name: string } } };
    return spec.job.settings.name === "renamed";
  });
  jobs.remove(jobId);
  credentials.remove(credentialId);
  repos.remove(repoId);
  secrets.removeScope("theirs");
  for (const [kind, name] of ingested) await world.gone(kind, name);
}
