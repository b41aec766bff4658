import assert from "node:assert/strict";
import { make } from "../../mock/certificate.ts";
import { FakeClock } from "../base/clock_fake.ts";
import { connect } from "./kubeconfig.ts";
import { readServiceAccount } from "./service_account.ts";
import { scriptedServer } from "./server_fake.ts";

/** A directory of files, for the time of a test. */
async function files(contents: Record<string, string>) {
  const dir = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(contents)) await Deno.writeTextFile(`${dir}/${name}`, text);
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

const environment = (variables: Record<string, string>) => (name: string) => variables[name];

/** A kubeconfig with the contexts `one` (namespace `first`) and `two`; JSON is YAML. */
function kubeconfig(cluster: Record<string, unknown>, user: Record<string, unknown> = {}): string {
  return JSON.stringify({
    "current-context": "one",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [
      { name: "one", context: { cluster: "c", user: "u", namespace: "first" } },
      { name: "two", context: { cluster: "c", user: "u" } },
    ],
  });
}

Deno.test("connect explains what to do without a configured cluster", async () => {
  const env = environment({ HOME: "/nonexistent" });
  const text = /No Kubernetes cluster is configured \(.*\): set KUBECONFIG, or run in a pod$/;
  await assert.rejects(connect({ env }), text);
  await assert.rejects(connect({ env, kubeconfig: "/nonexistent/config" }), text);
});

Deno.test("connect in a pod needs only its mounted files, and POD_NAMESPACE wins", async () => {
  await using pod = await files({ token: "t\n", "ca.crt": await testCertificate(), namespace: "mine\n" });
  const variables = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  const options = { serviceAccountDir: pod.dir };
  const first = await connect({ ...options, env: environment(variables) });
  assert.deepEqual([first.client.server, first.namespace, first.inCluster], ["https://[fd00::1]:6443", "mine", true]);
  const second = await connect({ ...options, env: environment({ ...variables, POD_NAMESPACE: "other" }) });
  assert.equal(second.namespace, "other");
  for (const { client } of [first, second]) client.close();
});

Deno.test("a pod's token is read again each minute", async () => {
  await using pod = await files({ token: "old", "ca.crt": "ca" });
  const clock = new FakeClock();
  const env = environment({ KUBERNETES_SERVICE_HOST: "10.0.0.1" });
  const account = await readServiceAccount({ dir: pod.dir, env, clock });
  assert.equal(await account!.token(), "old");
  await Deno.writeTextFile(`${pod.dir}/token`, "new");
  await clock.advance(59_999);
  assert.equal(await account!.token(), "old");
  await clock.advance(1);
  assert.equal(await account!.token(), "new");
  await Deno.remove(`${pod.dir}/token`);
  await clock.advance(60_000);
  await assert.rejects(account!.token(), /Cannot read the service account token/);
});

Deno.test("a pod's certificate authority is read again each minute, and a missing file changes nothing", async () => {
  await using pod = await files({ token: "t", "ca.crt": "old" });
  const clock = new FakeClock();
  const env = environment({ KUBERNETES_SERVICE_HOST: "10.0.0.1" });
  const account = await readServiceAccount({ dir: pod.dir, env, clock });
  assert.deepEqual(await account!.newestCaCerts(), ["old"]);
  await Deno.writeTextFile(`${pod.dir}/ca.crt`, "new");
  await clock.advance(60_000);
  assert.deepEqual(await account!.newestCaCerts(), ["new"]);
  await Deno.remove(`${pod.dir}/ca.crt`);
  await clock.advance(60_000);
  assert.deepEqual(await account!.newestCaCerts(), ["old"]);
});

Deno.test("a certificate authority that is replaced in its file takes effect, in a pod and with a kubeconfig", async () => {
  const [old, next] = await Promise.all([make(), make()]);
  const list = { kind: "NamespaceList", metadata: {}, items: [] };
  const options = { hostname: "127.0.0.1", port: 0, cert: next.chain, key: next.key, onListen: () => {} };
  const server = Deno.serve(options, () => Response.json(list));
  const port = String(server.addr.port);
  await using home = await files({ "ca.crt": old.ca, token: "t" });
  const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": `${home.dir}/ca.crt` };
  await Deno.writeTextFile(`${home.dir}/config`, kubeconfig(cluster));
  const variables = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: port };
  const clusters = await Promise.all([
    connect({ env: environment(variables), serviceAccountDir: home.dir }),
    connect({ env: environment({}), kubeconfig: `${home.dir}/config` }),
  ]);
  await Deno.writeTextFile(`${home.dir}/ca.crt`, next.ca);
  for (const { client } of clusters) {
    await client.list({ group: "", version: "v1", plural: "namespaces" });
    client.close();
  }
  await server.shutdown();
});

Deno.test("connect takes server, namespace and token from a kubeconfig's context", async () => {
  await using server = scriptedServer();
  await using home = await files({ config: kubeconfig({ server: server.url }, { token: "s3cret" }) });
  for (const [context, expected] of [[undefined, "first"], ["two", "default"]]) {
    const env = environment({ KUBECONFIG: `${home.dir}/missing:${home.dir}/config` });
    const { client, namespace, inCluster } = await connect({ env, context });
    assert.deepEqual([client.server, namespace, inCluster], [server.url, expected, false]);
    const found = client.discover("", "v1");
    const { headers, json } = await server.next();
    assert.equal(headers.get("authorization"), "Bearer s3cret");
    json({ resources: [] });
    await found;
    client.close();
  }
});

Deno.test("connect reports a failed exec plugin", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "false" };
  await using home = await files({ config: kubeconfig({ server: "https://x.invalid" }, { exec }) });
  await assert.rejects(connect({ kubeconfig: `${home.dir}/config` }), /Cannot log in with kubeconfig context "one"/);
});

Deno.test("connect rejects unsupported settings and missing contexts", async () => {
  const clusters = [{ "insecure-skip-tls-verify": true }, { "tls-server-name": "other" }];
  for (const cluster of clusters) {
    await using home = await files({ config: kubeconfig({ server: "https://x.invalid", ...cluster }) });
    const name = Object.keys(cluster)[0]!;
    await assert.rejects(connect({ kubeconfig: `${home.dir}/config` }), new RegExp(`context "one" uses ${name}`));
  }
  await using home = await files({ config: kubeconfig({ server: "https://x.invalid" }) });
  const three = connect({ kubeconfig: `${home.dir}/config`, context: "three" });
  await assert.rejects(three, /has no context "three" with a cluster; it has "one", "two"/);
  await using broken = await files({ config: "clusters: [" });
  await assert.rejects(connect({ kubeconfig: `${broken.dir}/config` }), /Cannot read kubeconfig/);
});

async function testCertificate(): Promise<string> {
  const { rootCertificates } = await import("node:tls");
  return rootCertificates[0]!;
}
