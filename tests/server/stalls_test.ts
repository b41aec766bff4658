/**
 * Nothing stalls anything else, on a real API server with the compiled operator: many Secrets, many namespaces, and a
 * load balancer that forgets connections.
 */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { deadlyProxy } from "../../src/kubernetes/proxy_fake.ts";
import { binary as program, needs as cannotCompile } from "../image/binary.ts";
import { startProcess } from "../support/api_servers.ts";
import { eventually, installCrds, job, manifest, problem, secret, World } from "../support/harness.ts";
import { freePort } from "../support/ports.ts";
import { DATABRICKS_URL, Replica } from "../support/replica.ts";

const binary = Deno.env.get("K3S_BINARY");
const needs = binary === undefined ? " (needs K3S_BINARY: an executable that serves a control plane)" : cannotCompile;
/** If there is no runtime to compile with, the source is run instead. */
const compiled = cannotCompile === "" ? { binary: program } : {};
const namespaces = { group: "", version: "v1", plural: "namespaces" };

Deno.test({
  name: `no namespace stalls another on a real API server${needs}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (test) => {
    await using server = await startProcess(binary ?? "");
    const { client } = await connect({ kubeconfig: server.kubeconfig });
    await installCrds(client);
    client.close();
    const step = (name: string, fn: (world: World) => Promise<void>) =>
      test.step(name, () => inWorld(server.kubeconfig, fn));
    await step("500 Secrets in use stall neither each other nor a job", manySecrets);
    await step("60 watched namespaces start side by side", manyNamespaces);
    await step("an edit behind connections that a load balancer forgot is carried out within 45 s", forgotten);
  },
});

let worlds = 0;

async function inWorld(kubeconfig: string, fn: (world: World) => Promise<void>): Promise<void> {
  const { client } = await connect({ kubeconfig });
  const namespace = `stalls-${++worlds}`;
  await client.create(namespaces, { metadata: { name: namespace } });
  const world = new World({ kube: client, namespace, workspace: new MockWorkspace(), kubeconfig });
  await connectTo(world, namespace);
  try {
    await fn(world);
  } finally {
    // The namespaces end with the API server.
    client.close();
  }
}

async function connectTo(world: World, namespace: string): Promise<void> {
  await world.apply(
    secret("databricks-api-secret", { databricks_url: DATABRICKS_URL, access_token: "token" }),
    namespace,
  );
  await world.configure({ ingest: "false" }, namespace);
}

async function manySecrets(world: World): Promise<void> {
  // The default: with the harness's interval of one second, all 500 would be read again every second.
  await world.configure({ ingest: "false", default_requeue_interval: "300" });
  world.workspace.secrets.addScope("team");
  const names = Array.from({ length: 500 }, (_, index) => `secret-${index}`);
  await inParallel(names, async (name) => {
    await world.create(secret(name, { [name]: name }));
    await world.create(manifest("DatabricksSecret", name, { scope: "team", secret_name: name }));
  });
  const begun = performance.now();
  await using _operator = await Replica.start(world, [], compiled);
  await eventually("every key exists", () => {
    const { length } = world.workspace.secrets.keys("team");
    return length === names.length || problem(`${length} are`);
  }, { patience: 90_000 });
  console.log(`500 Secrets: ${Math.round(performance.now() - begun)} ms`);
  await world.apply(secret("secret-7", { "secret-7": "changed" }));
  await world.apply(job("etl"));
  await eventually("the job is created", () => world.workspace.jobs.ids().length === 1, { patience: 15_000 });
  await eventually("the changed key is sent", () => {
    return new TextDecoder().decode(world.workspace.secrets.value("team", "secret-7")) === "changed";
  }, { patience: 15_000 });
}

async function manyNamespaces(world: World): Promise<void> {
  const names = Array.from({ length: 59 }, (_, index) => `${world.namespace}-${index}`);
  await inParallel(names, async (name) => {
    await world.kube.create(namespaces, { metadata: { name } });
    await connectTo(world, name);
  });
  const begun = performance.now();
  const address = `127.0.0.1:${freePort()}`;
  const watched = [world.namespace, ...names].join();
  await using operator = await Replica.start(
    world,
    [`--watch-namespaces=${watched}`, `--http-address=${address}`],
    compiled,
  );
  await eventually("it is ready", async () => {
    const answer = await fetch(`http://${address}/readyz`);
    await answer.body?.cancel();
    return answer.ok || problem(operator.log);
  });
  const took = performance.now() - begun;
  console.log(`60 namespaces: ${Math.round(took)} ms`);
  // It takes 2 to 4 s, depending on the load. One connection for all watches took 30 s.
  assert.ok(took < 15_000, `it took ${Math.round(took)} ms`);
}

async function forgotten(world: World): Promise<void> {
  await using proxy = deadlyProxy(new URL(world.kube.server).port);
  const config = parse(await Deno.readTextFile(world.kubeconfig));
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${proxy.port}`;
  const kubeconfig = await Deno.makeTempFile();
  await Deno.writeTextFile(kubeconfig, stringify(config));
  await using _operator = await Replica.start(world, ["--kubeconfig", kubeconfig], compiled);
  await world.apply(job("etl"));
  const { status } = await world.ready("DatabricksJob", "etl");
  const description = () => world.workspace.jobs.get(String(status?.id))?.settings.description;
  const edit = async (text: string) => {
    const begun = performance.now();
    await world.apply(job("etl", { description: text }));
    await eventually(`the edit "${text}" is executed`, () => description() === text, { patience: 60_000 });
    return performance.now() - begun;
  };
  await edit("before");
  proxy.silence();
  const took = await edit("after");
  console.log(`an edit behind forgotten connections: ${Math.round(took)} ms`);
  assert.ok(took < 45_000, `it took ${Math.round(took)} ms`);
  await Deno.remove(kubeconfig);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}
