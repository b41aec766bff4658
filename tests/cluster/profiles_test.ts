/** A person's own sign-in, with the operator's process outside a pod. */
import assert from "node:assert/strict";
import { serve } from "../../mock/databricks/serve.ts";
import { clusterTest, job, type World } from "../support/harness.ts";

async function configure(world: World, data: Record<string, string> = {}): Promise<void> {
  const metadata = { name: "databricks-kube-operator" };
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { ingest: "false", ...data } });
}

/** Runs `run` from its source until the test has ended. */
function run(world: World, args: readonly string[], env: Record<string, string>): AsyncDisposable {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "src/main.ts", "run", "--watch-namespaces", world.namespace, ...args],
    env: { ...env, KUBECONFIG: world.kubeconfig, NO_COLOR: "1" },
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

clusterTest("run with a profile makes a job with no Secret in the cluster", async (world) => {
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

clusterTest("the SDK's environment names count for a namespace that names nothing, and for no other", async (world) => {
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
