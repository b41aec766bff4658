/**
 * `deno task demo`: runs the operator, a mock Databricks workspace and a Kubernetes API in one process, and plays a
 * story that shows what they do. `--once` plays it to its end and exits with 0, or with 1 if a step failed.
 *
 * @module
 */
import { Command, Option } from "commander";
import { MockWorkspace } from "../../mock/databricks/workspace.ts";
import { serve } from "../../mock/databricks/serve.ts";
import { connect } from "../../src/kubernetes/kubeconfig.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { demoOperator } from "./operator.ts";
import { Screen, standardOutput } from "./screen.ts";
import { look, play, setUp, type Stage, tidyUp } from "./story.ts";

const NAMESPACE = "databricks-demo";

const program = new Command("demo").description("Shows the operator at work, without other programs")
  .option("--once", "play the story to its end; exit 1 if a step fails")
  .addOption(
    new Option("--kube <which>", "the Kubernetes API to use").choices(["embedded", "k3s", "current"]).default(
      "embedded",
    ),
  );

if (import.meta.main) {
  await program.parseAsync(Deno.args, { from: "user" });
  Deno.exit(await main(program.opts()));
}

async function main({ once = false, kube }: { once?: boolean; kube: "embedded" | "k3s" | "current" }): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.abort());
  await using cluster = await startCluster(kube, NAMESPACE);
  const workspace = new MockWorkspace({ token: "demo", runSeconds: 6 });
  await using served = await serve(workspace);
  const { client } = await connect({ kubeconfig: cluster.kubeconfig });
  const screen = new Screen(standardOutput, heading(cluster, served.url));
  if (standardOutput.isTerminal) standardOutput.write("\u001b[2J");
  const stage: Stage = { kube: client, namespace: NAMESPACE, workspace, url: served.url, screen, signal: stop.signal };
  const operator = demoOperator(client, NAMESPACE);
  try {
    await setUp(stage, new URL("../../examples", import.meta.url).pathname);
    await operator.start();
    await play(stage);
    if (!once) await linger(stage);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    screen.say(`✗ ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    if (kube === "current") await tidyUp(stage);
    await operator.stop();
    client.close();
  }
}

function heading({ kubeconfig, name }: Cluster, url: string): string[] {
  return [
    "databricks-kube-operator demo",
    `  Kubernetes (${name}):  export KUBECONFIG=${kubeconfig}; kubectl -n ${NAMESPACE} get databricks`,
    `  mock workspace:  ${url}  (token demo; ${url}/_/jobs, ${url}/_/ledger?count=true)`,
  ];
}

/** Keeps running and shows what happens, until Ctrl-C. */
async function linger(stage: Stage): Promise<void> {
  stage.screen.say("Now try it yourself, with the kubectl command at the top. Ctrl-C ends the demo.");
  while (!stage.signal.aborted) {
    await look(stage);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
