/**
 * Serves an embedded Kubernetes API: `deno run -A mock/kubernetes/main.ts --port 6443 --kubeconfig kubeconfig`.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { Command, InvalidArgumentError } from "commander";
import { interrupted } from "../interrupted.ts";
import { serveKubernetes } from "./serve.ts";

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("Not a number from 0 on.");
  return value;
}

async function main(): Promise<void> {
  const { port, plainPort, kubeconfig } = new Command("kubernetes")
    .description("Serves an embedded Kubernetes API on 127.0.0.1")
    .option("--port <number>", "the port for TLS; 0 for a free one", number, 0)
    .option("--plain-port <number>", "the port for plain HTTP, for curl; 0 for a free one", number, 0)
    .option("--kubeconfig <file>", "where to write the kubeconfig", "kubeconfig")
    .parse(process.argv.slice(2), { from: "user" })
    .opts<{ port: number; plainPort: number; kubeconfig: string }>();
  await using served = await serveKubernetes(undefined, { port, plainPort });
  await writeFile(kubeconfig, served.kubeconfig);
  console.log(`Embedded Kubernetes API on ${served.url}: kubectl --kubeconfig ${kubeconfig} get namespaces`);
  console.log(`Without TLS: curl -H "authorization: Bearer ${served.api.token}" ${served.plainUrl}/api/v1/namespaces`);
  await interrupted();
}

if (import.meta.main) await main();
