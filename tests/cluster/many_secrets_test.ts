/**
 * 500 Secrets in use in one namespace, on connections of 100 streams as an API server has them: every watch has its
 * place, and no request waits for one. `tests/server/stalls_test.ts` shows it on a real API server.
 */
import assert from "node:assert/strict";
import type { PolicyRule } from "../../mock/kubernetes/access.ts";
import type { EmbeddedKubernetes } from "../../mock/kubernetes/server.ts";
import { Streams } from "../../mock/streams.ts";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { toRules } from "../../src/generate/rbac.ts";
import type { KubeClient, KubeObject } from "../../src/kubernetes/client.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { resourcePath } from "../../src/kubernetes/paths.ts";
import { kinds } from "../../src/kinds.ts";
import { serveWithCrds } from "../support/embedded_api.ts";
import { condition, eventually, job, manifest, pathOf, problem, secret, World } from "../support/harness.ts";

const NAMESPACE = "many";
const names = Array.from({ length: 500 }, (_, index) => `secret-${index}`);
/** Watches of kinds, of settings and of the API Secret: each is one stream. */
const OTHERS = kinds.length + 5;

/** The world of a test, and what it counts. */
interface Crowd {
  readonly world: World;
  readonly api: EmbeddedKubernetes;
  /** The watches by connection. */
  readonly streams: Streams;
  /** The operator's client. */
  readonly client: KubeClient;
}

/** Creates the Secrets and their objects without the network, which would take most of the test. */
async function fill(api: EmbeddedKubernetes): Promise<void> {
  const create = async (object: KubeObject) => {
    const url = `http://kubernetes${resourcePath(pathOf(object.kind ?? "", NAMESPACE))}`;
    const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
    const answer = await api.fetch(new Request(url, { method: "POST", headers, body: JSON.stringify(object) }));
    if (!answer.ok) throw new Error(await answer.text());
    await answer.body?.cancel();
  };
  for (const name of names) {
    await create(secret(name, { [name]: "one" }));
    await create(manifest("DatabricksSecret", name, { scope: "team", secret_name: name }));
  }
}

/** Runs a test with an operator that may read the given Secrets, or without them all. */
async function inCrowd(readable: readonly string[] | undefined, test: (crowd: Crowd) => Promise<void>): Promise<void> {
  const streams = new Streams((path) => /[?&]watch=true/.test(path));
  await using served = await serveWithCrds({ maxStreams: 100, streams });
  const configMap = "databricks-kube-operator";
  const rules: PolicyRule[] = toRules(kinds, { configMap, ...readable && { secrets: readable } });
  served.api.addUser("operator-token", rules.map((rule) => ({ ...rule, namespaces: [NAMESPACE] })), "operator");
  const file = await Deno.makeTempFile();
  const clientOf = async (kubeconfig: string) => {
    await Deno.writeTextFile(file, kubeconfig);
    return (await connect({ kubeconfig: file })).client;
  };
  const admin = await clientOf(served.kubeconfig);
  const client = await clientOf(served.kubeconfigOf("operator-token", NAMESPACE));
  await admin.create({ group: "", version: "v1", plural: "namespaces" }, { metadata: { name: NAMESPACE } });
  const workspace = new MockWorkspace();
  workspace.secrets.addScope("team");
  const world = new World({ kube: admin, namespace: NAMESPACE, workspace, kubeconfig: file });
  try {
    // With the harness's interval of one second, all 500 would be read again every second.
    await world.connect({ settings: { ingest: "false", default_requeue_interval: "300" } });
    await fill(served.api);
    await world.startOperator({ client });
    await test({ world, api: served.api, streams, client });
  } finally {
    // First, or hundreds of watches would end at once on connections that are being closed: Deno's node:http2 (2.9) may
    // abort the process then.
    await served.close();
    await world.stopOperators();
    for (const one of [admin, client]) one.close();
    await Deno.remove(file);
  }
}

async function allReady(world: World): Promise<void> {
  // Asks Kubernetes only when that can be: a list of all objects costs as much as many of the operator's requests.
  await eventually("all keys are sent", () => {
    const { length } = world.workspace.secrets.keys("team");
    return length === names.length || problem(`${length} are`);
  }, { patience: 60_000 });
  await eventually("all objects are Ready", async () => {
    const objects = await world.list("DatabricksSecret");
    const waiting = objects.filter((object) => condition(object, "Ready")?.status !== "True");
    return waiting.length === 0 || problem(`${waiting.length} are not`);
  }, { patience: 60_000 });
}

/** A changed Secret is sent, a new object is served, and 50 requests at a time are answered at once. */
async function goesOn({ world, client }: Crowd): Promise<void> {
  for (const name of ["secret-0", "secret-499"]) {
    await world.apply(secret(name, { [name]: "two" }));
    await eventually(`the change of ${name} is sent`, () => {
      return new TextDecoder().decode(world.workspace.secrets.value("team", name)) === "two";
    });
  }
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  const jobs = pathOf("DatabricksJob", NAMESPACE);
  await Promise.all(Array.from({ length: 50 }, () => client.list(jobs, { timeoutMs: 3000 })));
}

Deno.test("500 Secrets of a namespace whose Secrets may be listed share a watch, and stall nothing", async () => {
  await inCrowd(undefined, async (crowd) => {
    const { api, streams, world } = crowd;
    await allReady(world);
    await goesOn(crowd);
    const watches = api.requests.find({ verb: "watch", resource: "secrets", user: "operator", status: 200 });
    const byName = watches.filter(({ query }) => query.fieldSelector !== undefined);
    assert.ok(byName.length <= 20 + 5, `${byName.length} Secrets have a watch of their own`);
    assert.equal(watches.length - byName.length, 1, "one watch is of the metadata of all");
    assert.ok(api.openWatches <= 20 + 1 + OTHERS, `${api.openWatches} watches are open`);
    assert.ok(streams.most < 80, `${streams.most} watches were open on one connection`);
    assert.equal(streams.mostConnections, 1, "one connection holds all watches");
  });
});

Deno.test("500 Secrets that may be read by name only have a watch each, and stall nothing", async () => {
  await inCrowd(["databricks-api-secret", ...names], async (crowd) => {
    const { api, streams, world } = crowd;
    await allReady(world);
    await goesOn(crowd);
    assert.ok(
      api.openWatches >= names.length && api.openWatches <= names.length + OTHERS,
      `${api.openWatches} are open`,
    );
    assert.ok(streams.most < 80, `${streams.most} watches were open on one connection`);
    const enough = Math.ceil((names.length + OTHERS) / 75);
    assert.ok(streams.mostConnections <= enough, `${streams.mostConnections} connections had watches`);
    const refused = api.requests.find({ resource: "secrets", user: "operator", status: 403 });
    assert.deepEqual([...new Set(refused.map(({ query }) => query.fieldSelector))], [undefined]);
  });
});
