/** Tests against a real API server. They create and remove one namespace. */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { systemClock } from "../base/clock.ts";
import type { KubeError } from "./client.ts";
import { EventRecorder } from "./events.ts";
import { Informer } from "./watch/informer.ts";
import { connect, type ConnectedCluster } from "./kubeconfig.ts";
import { deadlyProxy } from "./proxy_fake.ts";
import { until } from "./server_fake.ts";

const kubeconfig = Deno.env.get("TEST_KUBECONFIG");
if (kubeconfig) Deno.test("with a real API server", (test) => all(test, kubeconfig));
else console.log("Not run: tests with a real API server, which TEST_KUBECONFIG would name");

async function all(test: Deno.TestContext, kubeconfig: string): Promise<void> {
  const { client } = await connect({ kubeconfig });
  const namespaces = { group: "", version: "v1", plural: "namespaces" };
  const namespace = `kubernetes-test-${crypto.randomUUID().slice(0, 8)}`;
  const configMaps = { group: "", version: "v1", plural: "configmaps", namespace };
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  try {
    await test.step("a stale resourceVersion in a merge patch is rejected", () => staleWrite(client, configMaps));
    await test.step("an informer follows creates, changes and deletes", () => follow(client, configMaps));
    await test.step("an Event appears in kubectl describe", () => describe(client, configMaps, kubeconfig));
    await test.step("an exec plugin's token is used", () => execPlugin(client, namespace, kubeconfig));
    const isLocal = ["127.0.0.1", "localhost"].includes(new URL(client.server).hostname);
    const ignore = !isLocal;
    const fn = () => halfOpen(client, configMaps, kubeconfig);
    await test.step({ name: "a connection that went silent is left behind", ignore, fn });
  } finally {
    await client.delete(namespaces, namespace);
    client.close();
  }
}

type Client = ConnectedCluster["client"];
type Path = Parameters<Client["get"]>[0] & { namespace: string };

async function staleWrite(client: Client, path: Path): Promise<void> {
  const made = await client.create(path, { metadata: { name: "stale" }, data: { value: "1" } });
  const { resourceVersion } = made.metadata;
  const changed = await client.patch(path, "stale", { metadata: { resourceVersion }, data: { value: "2" } });
  assert.equal(changed.data?.value, "2");
  const again = client.patch(path, "stale", { metadata: { resourceVersion }, data: { value: "3" } });
  await assert.rejects(again, (error: KubeError) => error.status === 409 && error.reason === "Conflict");
  await client.delete(path, "stale", { preconditions: { uid: made.metadata.uid! } });
  await client.delete(path, "stale");
  await assert.rejects(client.get(path, "stale"), (error: KubeError) => error.status === 404);
}

async function follow(client: Client, path: Path): Promise<void> {
  for (const name of ["a", "b", "c"]) await client.create(path, { metadata: { name } });
  const told: string[] = [];
  const informer = new Informer({ client, path, pageSize: 2, onChange: (key) => told.push(key) });
  informer.start();
  await informer.synced;
  assert.ok(["a", "b", "c"].every((name) => informer.get(`${path.namespace}/${name}`)));
  await client.delete(path, "a");
  await client.patch(path, "b", { data: { value: "new" } });
  await until(() => informer.get(`${path.namespace}/b`)?.data?.value === "new");
  assert.equal(informer.get(`${path.namespace}/a`), undefined);
  // The watch continues over another connection.
  client.reset();
  told.length = 0;
  informer.observeWrite(await client.patch(path, "c", { data: { value: "own" } }));
  await client.create(path, { metadata: { name: "d" } });
  await until(() => informer.get(`${path.namespace}/d`) !== undefined);
  // The control plane creates kube-root-ca.crt there at some time.
  const ours = told.filter((key) => !key.endsWith("/kube-root-ca.crt"));
  assert.deepEqual(ours, [`${path.namespace}/c`, `${path.namespace}/d`]);
  await informer.stop();
}

async function describe(client: Client, path: Path, kubeconfig: string): Promise<void> {
  const object = await client.create(path, { metadata: { name: "described" } });
  const events = new EventRecorder({ client, component: "databricks-kube-operator", clock: systemClock });
  for (let i = 0; i < 3; i++) events.record(object, "Warning", "DriftCorrected", "data.value");
  await events.flush();
  events.record(object, "Warning", "DriftCorrected", "data.value");
  await events.flush();
  const args = ["--kubeconfig", kubeconfig, "-n", path.namespace, "describe", "configmap", "described"];
  const { stdout } = await new Deno.Command("kubectl", { args }).output();
  assert.match(
    new TextDecoder().decode(stdout),
    /Warning +DriftCorrected +\S+ \(x4 over \S+\) +databricks-kube-operator +data\.value/,
  );
}

/** Signs in as a ServiceAccount, with a plugin that prints its token. */
async function execPlugin(client: Client, namespace: string, kubeconfig: string): Promise<void> {
  const accounts = { group: "", version: "v1", plural: "serviceaccounts", namespace };
  await client.create(accounts, { metadata: { name: "robot" } });
  const tokens = `/api/v1/namespaces/${namespace}/serviceaccounts/robot/token`;
  const { status } = await client.request("POST", tokens, { body: { spec: {} } });
  const apiVersion = "client.authentication.k8s.io/v1";
  const credential = { apiVersion, kind: "ExecCredential", status: { token: (status as { token: string }).token } };
  const config = parse(await Deno.readTextFile(kubeconfig));
  config.users[0].user = { exec: { apiVersion, command: "echo", args: [JSON.stringify(credential)] } };
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, stringify(config));
  const robot = await connect({ kubeconfig: file });
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const review = await robot.client.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { body });
  const { userInfo } = review.status as { userInfo: { username: string } };
  assert.equal(userInfo.username, `system:serviceaccount:${namespace}:robot`);
  robot.client.close();
  await Deno.remove(file);
}

/** Calls and watches through a proxy that silently drops its connections, like a lost route. */
async function halfOpen(client: Client, path: Path, kubeconfig: string): Promise<void> {
  await using proxy = deadlyProxy(new URL(client.server).port);
  const config = parse(await Deno.readTextFile(kubeconfig));
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${proxy.port}`;
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, stringify(config));
  const { client: proxied } = await connect({ kubeconfig: file });
  const informer = new Informer({ client: proxied, path, idleMs: 1500, onChange: () => {} });
  informer.start();
  await informer.synced;
  await Promise.all(Array.from({ length: 100 }, () => proxied.list(path)));
  assert.equal(proxy.connections(), 2, "one for requests and one for watches");
  proxy.silence();
  await assert.rejects(proxied.list(path, { timeoutMs: 200 }), /no answer from .* for 0.2 s/);
  await proxied.list(path, { timeoutMs: 20_000 });
  await client.create(path, { metadata: { name: "after-silence" } });
  await until(() => informer.get(`${path.namespace}/after-silence`) !== undefined);
  // The list that follows the silence may show it before the watch has a connection again.
  assert.ok(proxy.connections() > 2);
  await informer.stop();
  proxied.close();
  await Deno.remove(file);
}
