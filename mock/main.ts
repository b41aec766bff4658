/**
 * Serves a stand-in Databricks workspace: `deno task mock --port 8099 --token demo`, or with Node the npm package's
 * command `databricks-mock`.
 *
 * @module
 */
import process from "node:process";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Doubts, readDoubt } from "./databricks/doubts.ts";
import { serve } from "./databricks/serve.ts";
import { type FaultRule, gatewayPages } from "./faults.ts";
import { MockWorkspace } from "./databricks/workspace.ts";
import { interrupted } from "./interrupted.ts";

interface Flags {
  port: number;
  host: string;
  token: string;
  latency: number;
  rate?: number;
  errorEvery?: number;
  wrongBodyEvery?: number;
  sinkHole?: boolean;
  gateway?: FaultRule["gateway"];
  gatewaySeconds: number;
  oauth: Record<string, string>;
  runSeconds?: number;
  doubt: Partial<Doubts>;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("Not a number of at least 0.");
  return value;
}

function doubt(text: string, former: Partial<Doubts>): Partial<Doubts> {
  try {
    return { ...former, ...readDoubt(text) };
  } catch (error) {
    throw new InvalidArgumentError((error as RangeError).message);
  }
}

function client(text: string, former: Record<string, string>): Record<string, string> {
  const [, id, secret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) throw new InvalidArgumentError("It must be <client_id>:<secret>.");
  return { ...former, [id]: secret };
}

function readFlags(args: string[]): Flags {
  return new Command("mock")
    .description("Serves a stand-in Databricks workspace")
    .option("--port <number>", "the port; 0 for a free one", number, 8099)
    .option("--host <address>", "the address; 0.0.0.0 in a container", "127.0.0.1")
    .option("--token <token>", "the personal access token that it accepts", "token")
    .option("--latency <ms>", "the delay of every request", number, 0)
    .option("--rate <number>", "the limit of requests per second; further ones get 429", number)
    .option("--error-every <n>", "every nth call to the API gets 503", number)
    .option("--wrong-body-every <n>", "every nth call gets a proxy's HTML page with 200", number)
    .addOption(
      new Option("--gateway <page>", "calls to the API get a proxy's page").choices(
        Object.keys(gatewayPages),
      ),
    )
    .option("--gateway-seconds <number>", "the duration of --gateway after the start", number, Infinity)
    .option("--sink-hole", "calls to the API never get an answer")
    .option("--oauth <client_id:secret>", "an OAuth client that may sign in; repeatable", client, {})
    .option(
      "--run-seconds <number>",
      "the duration of a run; by default, runs end only through /_/runs/:id/finish",
      number,
    )
    .option(
      "--doubt <name=answer>",
      "the answer to a doubt (docs/doubts.md); repeatable",
      doubt,
      {},
    )
    .parse(args, { from: "user" })
    .opts<Flags>();
}

/** Adds faults to a workspace, except for the control endpoints under /_/. */
function spoil(
  { faults }: MockWorkspace,
  { errorEvery, wrongBodyEvery, sinkHole, gateway, gatewaySeconds }: Flags,
): void {
  const match = / \/api\//;
  const body = { error_code: "TEMPORARILY_UNAVAILABLE", message: "The service is overloaded." };
  if (sinkHole) faults.add({ match, hang: true });
  if (gateway) faults.add({ match, gateway, forMs: gatewaySeconds * 1000 });
  if (errorEvery) faults.add({ match, every: errorEvery, status: 503, body });
  if (wrongBodyEvery) faults.add({ match, every: wrongBodyEvery, body: "<html><body>Please log in</body></html>" });
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  const { port, token, latency: latencyMs, rate, runSeconds } = flags;
  const limits = { ...(rate && { ratePerSecond: rate }), ...(runSeconds !== undefined && { runSeconds }) };
  const ended = interrupted();
  const workspace = new MockWorkspace({ token, latencyMs, doubts: flags.doubt, clients: flags.oauth, ...limits });
  spoil(workspace, flags);
  await using server = await serve(workspace, { port, hostname: flags.host }).catch((error) => {
    if (error.code !== "EADDRINUSE") throw error;
    console.error(`Port ${port} is in use: choose another with --port, or 0 for a free one`);
    process.exit(1);
  });
  console.log(`Mock Databricks workspace on ${server.url} (token: ${token})`);
  await ended;
}

if (import.meta.main) await main();
