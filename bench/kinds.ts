/**
 * `deno task bench:kinds`: measures the cost of kinds without objects: the time from the operator's start to readiness,
 * and its memory then, with all kinds and with the predecessor's five. Then it measures the calls of a steady minute
 * with one object of each kind. Linux only.
 *
 * @module
 */
import { resources } from "../src/resources/mod.ts";
import { condition, pathOf } from "../tests/support/objects.ts";
import { oneOfEach } from "../tests/support/one_of_each.ts";
import { eventually, problem } from "../tests/support/waiting.ts";
import { pause } from "./pace.ts";
import { percentile } from "./process.ts";
import { NAMESPACE, Rig, startApiServer } from "./rig.ts";

/** The number of starts of each selection, in alternation. */
const TIMES = 7;
/** The time between readiness and the measurement of memory (ms). */
const IDLE_MS = 10_000;
/** The time until new objects are quiet, and the length of the steady measurement (minutes). */
const SETTLE = 2;
const STEADY = 10;
const NAME = "one";
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
  await steady(rig);
}

/** Prints the calls per minute in steady state, with one object of each kind and default settings. */
async function steady(rig: Rig): Promise<void> {
  await rig.startOperator();
  for (const object of await oneOfEach(rig.workspace, NAME)) {
    await rig.kube.create(pathOf(object.kind ?? "", NAMESPACE), object, { fieldManager: "bench" });
  }
  for (const { kind } of resources) {
    await eventually(`${kind} is applied`, async () => {
      const { items } = await rig.kube.list(pathOf(kind, NAMESPACE));
      const synced = items.map((item) => condition(item, "Synced"));
      return synced[0]?.status === "True" || problem(JSON.stringify(synced));
    }, { patience: 120_000 });
  }
  await pause(SETTLE * 60_000);
  const before = { ...rig.workspace.ledger.counts() };
  await pause(STEADY * 60_000);
  const made = Object.entries(rig.workspace.ledger.counts())
    .map(([endpoint, count]) => ({ endpoint, count: count - (before[endpoint] ?? 0) }))
    .filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  const calls = made.reduce((sum, { count }) => sum + count, 0);
  console.log(`One object of each kind: ${calls / STEADY} calls per minute over ${STEADY} minutes`);
  for (const { endpoint, count } of made) console.log(`${count} ${endpoint}`);
}

function callsOf(rig: Rig): number {
  return Object.values(rig.workspace.ledger.counts()).reduce((sum, count) => sum + count, 0);
}

async function start(rig: Rig, { args, readyMs, residentMb }: Choice): Promise<void> {
  readyMs.push(await rig.startOperator(args));
  await pause(IDLE_MS);
  residentMb.push((await rig.snapshot()).usage.residentMb);
  await rig.stopOperator();
}
