/**
 * `deno task bench:kinds`: what kinds without objects cost: the start of the operator until its probe says that it works,
 * and the memory that it holds then, with all kinds and with the five of the predecessor. Linux only.
 *
 * @module
 */
import { resources } from "../src/resources/mod.ts";
import { percentile } from "./process.ts";
import { Rig, startApiServer } from "./rig.ts";

/** The number of starts of each choice; they alternate. */
const TIMES = 7;
/** The time between readiness and the look at the memory (ms). */
const IDLE_MS = 10_000;
const FIVE = "DatabricksJob,GitCredential,Repo,DatabricksSecretScope,DatabricksSecret";

interface Choice {
  readonly name: string;
  readonly args: readonly string[];
  readonly readyMs: number[];
  readonly residentMb: number[];
}

if (import.meta.main) {
  const choices: Choice[] = [
    { name: `all ${resources.length}`, args: [], readyMs: [], residentMb: [] },
    { name: "five", args: [`--kinds=${FIVE}`], readyMs: [], residentMb: [] },
  ];
  await using server = await startApiServer();
  await using rig = await Rig.make(server, { settings: { ingest: "false" } });
  for (let time = 0; time < TIMES; time++) for (const choice of choices) await start(rig, choice);
  console.log("| kinds | start to ready (median, worst) | memory (median) |\n|---|---|---|");
  for (const { name, readyMs, residentMb } of choices) {
    const [middle, worst] = [percentile(readyMs, 0.5) ?? 0, Math.max(...readyMs)].map((ms) => (ms / 1000).toFixed(2));
    console.log(`| ${name} | ${middle} s, ${worst} s | ${percentile(residentMb, 0.5)} MB |`);
  }
  console.log(`Calls to Databricks: ${callsOf(rig)}`);
}

function callsOf(rig: Rig): number {
  return Object.values(rig.workspace.ledger.counts()).reduce((sum, count) => sum + count, 0);
}

async function start(rig: Rig, { args, readyMs, residentMb }: Choice): Promise<void> {
  readyMs.push(await rig.startOperator(args));
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  residentMb.push((await rig.snapshot()).usage.residentMb);
  await rig.stopOperator();
}
