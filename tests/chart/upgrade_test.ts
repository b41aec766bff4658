/**
 * `helm upgrade` while objects are created, on a real API server with real controllers and the compiled operator as
 * processes: two never work on the same workspace, and nothing is created twice.
 */
import assert from "node:assert/strict";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { GROUP, VERSION } from "../../src/resource.ts";
import { Shard } from "../../src/reconcile/connect/shard.ts";
import { binary as program, needs as cannotCompile } from "../image/binary.ts";
import { startProcess } from "../support/api_servers.ts";
import { condition, eventually, job, problem, secret, World } from "../support/harness.ts";
import { SideBySide } from "../support/side_by_side.ts";
import { Kubelet, type Write } from "../support/kubelet.ts";
import { CHART, hasHelm, helm, IMAGE, RELEASE, type Values } from "./helm.ts";

const NAMESPACE = "ns";
const NAMESPACES = { group: "", version: "v1", plural: "namespaces" };
const POD = { group: "", version: "v1", plural: "pods", namespace: NAMESPACE };
const TAG = "databricks-kube-operator";
/** The interval at which an object is created in each namespace (ms). */
const PACE = 400;
/** How long old pods continue after their deletion (ms), as on a busy node: new ones are running by then. */
const STOP_DELAY = 8_000;
/** The time limit of a rollout (ms): leases must expire, and the machine may be busy. */
const PATIENCE = { patience: 240_000 };

const binary = Deno.env.get("K3S_BINARY");
/** If there is no runtime to compile with, the source is run instead. */
const compiled = cannotCompile === "" ? { program } : {};
const needs = [...hasHelm ? [] : ["HELM_BINARY"], ...binary === undefined ? ["K3S_BINARY"] : []].join(" and ");

/** Returns hosts of workspaces that belong to another shard with two shards than with three. */
function hosts(count: number): string[] {
  const [two, three] = [
    [0, 1].map((index) => Shard.parse(`${index}/2`)),
    [0, 1, 2].map((index) => Shard.parse(`${index}/3`)),
  ];
  const share = (shards: Shard[], url: string) => shards.findIndex((shard) => shard.owns(url));
  return Array.from({ length: 200 }, (_, index) => `http://w${index}.test`)
    .filter((url) => share(two, url) !== share(three, url)).slice(0, count);
}

/** Creates objects, one after the other in each namespace, until it is stopped. */
class Author {
  readonly names: string[] = [];
  #isStopped = false;
  readonly #work: Promise<void>;

  constructor(world: World, namespaces: readonly string[]) {
    this.#work = this.#run(world, namespaces);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#work;
  }

  async #run(world: World, namespaces: readonly string[]): Promise<void> {
    for (let index = 0; !this.#isStopped; index++) {
      for (const namespace of namespaces) {
        await world.apply(job(`job-${index}`), namespace);
        this.names.push(`${namespace}/job-${index}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  }
}

/** The processes in the order of their writes to a host; if one occurs twice, it wrote again after another one had. */
function turns(writes: readonly Write[], host: string): string[] {
  const all = writes.filter((write) => write.host === host).map(({ process }) => process);
  return all.filter((process, index) => process !== all[index - 1]);
}

/** Waits until this many pods with the new argument are ready, and there are no others. */
async function rolledOut(client: KubeClient, kubelet: Kubelet, arg: string, count: number): Promise<void> {
  await eventually(`${count} pods with ${arg} are ready, and no others`, async () => {
    const { items } = await client.list(POD);
    const isNew = items.map(({ spec, status, metadata }) => {
      const [container] = (spec as { containers: [{ args: string[] }] }).containers;
      const ready = (status?.conditions as { type: string; status: string }[] | undefined)?.find(({ type }) =>
        type === "Ready"
      );
      return container.args.includes(arg) && ready?.status === "True" && metadata.deletionTimestamp === undefined;
    });
    return isNew.length === count && isNew.every(Boolean) || problem(`${isNew}\n${kubelet.log()}`);
  }, PATIENCE);
}

interface Upgrade {
  readonly name: string;
  readonly before: Values;
  readonly after: Values;
  /** An argument that only the pods after the upgrade have. */
  readonly arg: string;
  readonly pods: number;
}

const upgrades: readonly Upgrade[] = [
  { name: "shards 2 → 3", before: { shards: 2 }, after: { shards: 3 }, arg: "--shard=ordinal/3", pods: 3 },
  { name: "one pod → 2 shards", before: {}, after: { shards: 2 }, arg: "--shard=ordinal/2", pods: 2 },
  {
    name: "leader election turned on",
    before: { leaderElection: { enabled: false } },
    after: {},
    arg: "--leader-elect",
    pods: 1,
  },
  {
    name: "another lease name",
    before: {},
    after: { leaderElection: { leaseName: "other" } },
    arg: "--lease-name=other",
    pods: 1,
  },
];

/** Two at a time: each has its own control plane, and waits for leases to expire. */
const tests = new SideBySide(2);

for (const upgrade of upgrades) {
  const name = `helm upgrade, ${upgrade.name}, while objects are created: never two at work, no twin`;
  const ignore = needs !== "";
  tests.test({ name: `${name}${ignore ? ` (needs ${needs})` : cannotCompile}`, ignore, fn: () => play(upgrade) });
}

async function play(upgrade: Upgrade): Promise<void> {
  await using server = await startProcess(binary ?? "");
  const { kubeconfig } = server;
  const { client } = await connect({ kubeconfig });
  const workspace = new MockWorkspace();
  const world = new World({ kube: client, namespace: NAMESPACE, workspace, kubeconfig });
  const urls = hosts(2);
  const namespaces = urls.map((_, index) => `n${index}`);
  for (const name of [NAMESPACE, ...namespaces]) await client.create(NAMESPACES, { metadata: { name } });
  const release = [RELEASE, CHART, "--namespace", NAMESPACE, "--kubeconfig", kubeconfig];
  await helm(["install", ...release], { ...IMAGE, ...upgrade.before });
  for (const [index, namespace] of namespaces.entries()) {
    const api = { databricks_url: urls[index] ?? "", access_token: "token" };
    await world.apply(secret("databricks-api-secret", api), namespace);
    await world.configure({ ingest: "false" }, namespace);
  }
  const args = ["--watch-namespaces", namespaces.join()];
  const options = { client, kubeconfig, namespace: NAMESPACE, binary: binary ?? "", ...compiled, workspace, args };
  await using kubelet = await new Kubelet({ ...options, stopDelayMs: STOP_DELAY }).start();
  const names = await upgradeWhileCreating({ world, kubelet, namespaces, release, upgrade });
  for (const url of urls) {
    const order = turns(kubelet.writes, new URL(url).hostname);
    assert.equal(new Set(order).size, order.length, `${url}: ${order}\n${kubelet.log()}`);
    assert.ok(order.length > 1, `${url}: the upgrade changed nothing`);
  }
  const owners = workspace.jobs.all().map(({ settings }) => (settings.tags as Record<string, string>)[TAG]);
  assert.equal(new Set(owners).size, owners.length, "no object has two jobs");
  assert.equal(owners.length, names.length);
  client.close();
}

interface Running {
  readonly world: World;
  readonly kubelet: Kubelet;
  readonly namespaces: readonly string[];
  readonly release: readonly string[];
  readonly upgrade: Upgrade;
}

/** @returns the objects that were created before, during and after the upgrade; all are Ready. */
async function upgradeWhileCreating({ world, kubelet, namespaces, release, upgrade }: Running): Promise<string[]> {
  const { kube } = world;
  await eventually("the CRDs are served", async () => {
    return (await kube.discover(GROUP, VERSION)).has("databricksjobs/status");
  });
  const author = new Author(world, namespaces);
  for (const namespace of namespaces) await world.ready("DatabricksJob", "job-0", namespace);
  await helm(["upgrade", ...release], { ...IMAGE, ...upgrade.after });
  await rolledOut(kube, kubelet, upgrade.arg, upgrade.pods);
  const sofar = kubelet.writes.length;
  await eventually("the new pods work", () => kubelet.writes.length > sofar || problem(kubelet.log()), PATIENCE);
  await author.stop();
  await eventually("all objects are ready", async () => {
    const objects = (await Promise.all(namespaces.map((name) => world.list("DatabricksJob", name)))).flat();
    const late = objects.find((object) => condition(object, "Ready")?.status !== "True");
    return late === undefined || problem(`${JSON.stringify(late.status)}\n${kubelet.log()}`);
  }, PATIENCE);
  return author.names;
}
