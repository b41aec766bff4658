/** A person's own sign-in, used by an operator outside a pod. */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { serve } from "../../mock/databricks/serve.ts";
import { clusterTest, job, type World } from "../support/harness.ts";

async function configure(world: World, data: Record<string, string> = {}): Promise<void> {
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { ingest: "false", ...data } });
}

/** A file that is deleted at the end of the test. */
async function temporary(text: string) {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

/** Runs `run` from source until the end of the test. */
function run(world: World, args: readonly string[], env: Record<string, string>): AsyncDisposable {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "src/main.ts", "run", "--watch-namespaces", world.namespace, ...args],
    env: { KUBECONFIG: world.kubeconfig, NO_COLOR: "1", ...env },
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}

const OPTIONS = { settings: null, start: false, needs: ["kubectl"] } as const;

clusterTest("run with a profile creates a job without a Secret in the cluster", async (world) => {
  await using served = await serve(world.workspace);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `[dev]\nhost = ${served.url}\ntoken = token # of the mock\n`);
    await configure(world);
    await using _process = run(world, ["--profile", "dev"], { DATABRICKS_CONFIG_FILE: file });
    await world.apply(job("etl"));
    await world.ready("DatabricksJob", "etl");
    assert.equal(world.workspace.jobs.ids().length, 1);
  } finally {
    await Deno.remove(file);
  }
}, OPTIONS);

clusterTest("the SDK's variables apply only to a namespace without credentials", async (world) => {
  await using served = await serve(world.workspace);
  await configure(world, { api_secret_name: "not-there" });
  await using _process = run(world, [], { DATABRICKS_HOST: served.url, DATABRICKS_TOKEN: "token" });
  await world.apply(job("etl"));
  await world.blocked("DatabricksJob", "etl", "CredentialsMissing");
  await world.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "databricks-kube-operator" },
    data: { ingest: "false", api_secret_name: "" },
  });
  await world.ready("DatabricksJob", "etl");
}, OPTIONS);

// The kubeconfig of the embedded API contains a token that the program can print.
clusterTest("a kubeconfig with an exec plugin works, together with a profile", async (world) => {
  await using served = await serve(world.workspace);
  const kubeconfig = parse(await Deno.readTextFile(world.kubeconfig));
  const apiVersion = "client.authentication.k8s.io/v1";
  const credential = { apiVersion, kind: "ExecCredential", status: { token: kubeconfig.users[0].user.token } };
  assert.match(credential.status.token, /\S/);
  kubeconfig.users[0].user = { exec: { apiVersion, command: "echo", args: [JSON.stringify(credential)] } };
  await using file = await temporary(stringify(kubeconfig));
  await using profiles = await temporary(`[DEFAULT]\nhost = ${served.url}\ntoken = token\n`);
  await configure(world);
  await using _process = run(world, ["--profile"], { KUBECONFIG: file.path, DATABRICKS_CONFIG_FILE: profiles.path });
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
}, { ...OPTIONS, ownApi: true });

clusterTest("plan and export sign in by a profile, without a cluster and by OAuth", async (world) => {
  await using served = await serve(world.workspace);
  const client = "client_id = robot\nclient_secret = s3cret-of-robot\n";
  await using profiles = await temporary(`[dev]\nhost = ${served.url}\n${client}`);
  await using file = await temporary(stringify({ ...job("etl"), metadata: { name: "etl", namespace: "team" } }));
  const output = async (...args: readonly string[]) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-qA", "--no-check", "src/main.ts", ...args, "--profile", "dev"],
      env: { DATABRICKS_CONFIG_FILE: profiles.path, NO_COLOR: "1", KUBECONFIG: "/nonexistent" },
      stdin: "null",
    }).output();
    return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  };
  assert.match(await output("plan", "--no-cluster", "-f", file.path), /DatabricksJob team\/etl: create by manifest/);
  world.workspace.jobs.add({ name: "by hand" });
  assert.match(await output("export", "--from-workspace", "--kind", "DatabricksJob"), /name: by hand/);
}, { ...OPTIONS, mock: { clients: { robot: "s3cret-of-robot" } } });
