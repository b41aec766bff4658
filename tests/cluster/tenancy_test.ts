/** A namespace's token, Secrets and references do not leave it. */
import assert from "node:assert/strict";
import type { KubeClient } from "../../src/kubernetes/client.ts";
import { clusterTest, job, manifest, secret, sweeps, type World } from "../support/harness.ts";

/** A client that records the requested Secrets: `namespace/name`, or the selection of a list. */
function noting(client: KubeClient, asked: Set<string>): KubeClient {
  const note = (plural: string, namespace: string | undefined, what: string | undefined) => {
    if (plural === "secrets") asked.add(`${namespace}/${what?.replace(/^metadata\.name=/, "")}`);
  };
  const selected = (options: { fieldSelector?: string | undefined; isMetadataOnly?: boolean | undefined }) =>
    options.isMetadataOnly ? "(metadata)" : options.fieldSelector;
  const list: KubeClient["list"] = (path, options = {}) => {
    note(path.plural, path.namespace, selected(options));
    return client.list(path, options);
  };
  const watch: KubeClient["watch"] = (path, options) => {
    note(path.plural, path.namespace, selected(options));
    return client.watch(path, options);
  };
  const get: KubeClient["get"] = (path, name, options) => {
    note(path.plural, path.namespace, name);
    return client.get(path, name, options);
  };
  const fenced: KubeClient["fenced"] = (fence) => noting(client.fenced(fence), asked);
  return new Proxy(client, {
    get(target, name) {
      const own = { list, watch, get, fenced }[name as "list"] ?? Reflect.get(target, name, target);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

/** A DatabricksSecret that writes to scope "team". */
function filler(from: string, name = "filler") {
  return manifest("DatabricksSecret", name, { scope: "team", secret_name: from });
}

clusterTest("Secrets are read only by name, and only in watched namespaces", async (world) => {
  const [second, other] = [await world.addNamespace("second"), await world.addNamespace("other")];
  world.workspace.secrets.addScope("team");
  for (const namespace of [second, other]) {
    await world.connect({ namespace });
    await world.apply(secret(`in-${namespace}`, { key: "value" }), namespace);
    await world.apply(filler(`in-${namespace}`), namespace);
  }
  await world.apply(secret("unused", { key: "value" }));
  const asked = new Set<string>();
  const namespaces = [world.namespace, second];
  await world.startOperator({ client: noting(world.kube, asked), namespaces });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  await world.ready("DatabricksSecret", "filler", second);
  const settings = namespaces.map((namespace) => `${namespace}/databricks-api-secret`);
  assert.deepEqual([...asked].sort(), [...settings, `${second}/in-${second}`].sort());
}, { start: false });

clusterTest("a reference cannot reach outside its namespace", async (world) => {
  const second = await world.addNamespace("second");
  world.workspace.secrets.addScope("team");
  await world.connect({ namespace: second });
  await world.apply(secret("mine", { key: "value" }));
  const asked = new Set<string>();
  await world.startOperator({ client: noting(world.kube, asked), namespaces: [world.namespace, second] });
  const first = world.namespace;
  for (
    const [index, name] of ["mine", `${first}/mine`, `../../${first}/secrets/mine`, "x,metadata.name!=y"].entries()
  ) {
    await world.apply(filler(name, `filler-${index}`), second);
    const { message } = await world.blocked("DatabricksSecret", `filler-${index}`, "SecretMissing", second);
    assert.ok(message.includes(name), message);
  }
  assert.equal([...asked].some((one) => one.includes("metadata.name!=")), false, "nothing becomes part of a selector");
  assert.deepEqual(world.workspace.secrets.keys("team"), []);
  const others = [...asked].filter((one) => one.startsWith(`${world.namespace}/`));
  assert.deepEqual(others, [`${world.namespace}/databricks-api-secret`]);
}, { start: false });

clusterTest("a namespace's token is used only for its own objects", async (world) => {
  const second = await world.addNamespace("second");
  const tokens: Record<string, string> = { [world.namespace]: "token-of-first", [second]: "token-of-second" };
  const sent: { token: string; line: string }[] = [];
  const send = async (request: Request) => {
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    sent.push({ token, line: `${request.url} ${await request.clone().text()}` });
    request.headers.set("authorization", "Bearer token");
    return await world.workspace.transport.send(request);
  };
  for (const [namespace, token] of Object.entries(tokens)) await world.connect({ namespace, token });
  await world.startOperator({ namespaces: Object.keys(tokens), transport: () => ({ send }) });
  for (const namespace of Object.keys(tokens)) {
    await world.apply(job("etl", { name: `of-${tokens[namespace]}` }), namespace);
    await applyCredential(world, namespace, tokens[namespace] ?? "");
  }
  for (const namespace of Object.keys(tokens)) {
    const { status } = await world.ready("DatabricksJob", "etl", namespace);
    await world.ready("GitCredential", "git", namespace);
    world.workspace.jobs.edit(String(status?.id), (settings) => void (settings.max_concurrent_runs = 5));
  }
  await sweeps(world.workspace, "/jobs/list", 4);
  for (const namespace of Object.keys(tokens)) {
    await world.delete("DatabricksJob", "etl", namespace);
    await world.gone("DatabricksJob", "etl", namespace);
  }
  for (const token of Object.values(tokens)) {
    const about = sent.filter(({ line }) => line.includes(`of-${token}`));
    // At least the two creates; the time of the first look decides whether the edit is repaired.
    assert.ok(about.length >= 2, `${about.length} requests concerned resources of ${token}`);
    assert.deepEqual(new Set(about.map((one) => one.token)), new Set([token]));
  }
}, { start: false });

async function applyCredential(world: World, namespace: string, token: string): Promise<void> {
  await world.apply(secret("git", { personal_access_token: `git-of-${token}` }), namespace);
  const credential = { git_provider: namespace === world.namespace ? "gitHub" : "gitLab", git_username: `of-${token}` };
  await world.apply(manifest("GitCredential", "git", { credential, secret_name: "git" }), namespace);
}
