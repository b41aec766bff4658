/**
 * `deno task bench`: measures the operator's cost with 200, 1,000 and 10,000 jobs. For each scenario it prints a table
 * and a line of JSON for machines, and finally the targets with the measured values.
 *
 * The operator is a separate process, between a real API server and a mock workspace that is served on a port. CPU
 * seconds and MB differ between machines; counts do not.
 *
 * @module
 */
import { Command } from "commander";
import { type Program, programOf, thisProgram } from "./revision.ts";
import { Rig, startApiServer } from "./rig.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { mediansOf, printScenario, type Row, slopeTable, targetTable } from "./table.ts";

interface Options {
  readonly jobs: readonly string[];
  readonly only: readonly string[];
  readonly against?: string;
  readonly runs: number;
}

/** A number of jobs, and the scenarios that run with them. */
interface SetOfJobs {
  readonly count: number;
  readonly play: readonly Scenario[];
}

const list = (text: string) => text.split(",").map((part) => part.trim());

const program = new Command("bench")
  .description("Measures the operator. The first scenario creates the jobs that the others use.")
  .option("--jobs <numbers>", "the numbers of jobs, comma-separated", list, ["200", "1000", "10000"])
  .option("--against <revision>", "also measure the operator of another revision, alternating with this one")
  .option("--runs <number>", "the number of measurements; medians are printed", Number, 1)
  .option("--only <scenarios>", "the scenarios to run, comma-separated", list, scenarios.map(({ name }) => name))
  .addHelpText(
    "after",
    `
Scenarios:
${scenarios.map(({ name, shows }) => `  ${name.padEnd(16)} ${shows}`).join("\n")}

Variables:
  K3S_BINARY       a k3s executable, or one with its command line, run as a process
  TEST_KUBECONFIG  a cluster that runs already; it gets the CRDs and a namespace "bench"; else an embedded API is used
  OPERATOR_BINARY  an executable of the operator; else it is run from source`,
  );

if (import.meta.main) {
  program.parse(Deno.args, { from: "user" });
  const { jobs, only, against, runs } = program.opts<Options>();
  const chosen = scenarios.filter(({ name, alone }) =>
    alone === undefined && (only.includes(name) || name === "create")
  );
  const alone = scenarios.filter(({ name, alone }) => alone !== undefined && only.includes(name));
  const sets: SetOfJobs[] = [
    ...(chosen.some(({ name }) => only.includes(name))
      ? jobs.map((count) => ({ count: Number(count), play: chosen }))
      : []),
    ...alone.map((scenario) => ({ count: scenario.alone ?? 0, play: [scenario] })),
  ];
  await using other = against === undefined ? undefined : await programOf(against);
  const programs = other === undefined ? [thisProgram()] : [other, thisProgram()];
  const measured = new Map<string, Row[]>(programs.map(({ name }) => [name, []]));
  let kube = "";
  for (const set of sets) {
    for (let run = 0; run < runs; run++) {
      for (const program of programs) {
        const played = await playSet(set, program);
        kube = played.kube;
        measured.get(program.name)?.push(...played.rows);
      }
    }
  }
  const machine = { cores: navigator.hardwareConcurrency, deno: Deno.version.deno, kube, load: Deno.loadavg(), runs };
  const medians = [...measured].map(([revision, rows]) => ({ revision, rows: mediansOf(rows) }));
  const played = [...chosen, ...alone].filter(({ name }) => medians[0]?.rows.some(({ scenario }) => scenario === name));
  for (const { name } of played) printScenario(name, medians, machine);
  const rows = medians.at(-1)?.rows ?? [];
  console.log(`\n${slopeTable(rows)}\n\n${targetTable(rows)}`);
}

/** Runs scenarios one after the other, on their own API server and workspace. */
async function playSet({ count, play }: SetOfJobs, program: Program): Promise<{ rows: Row[]; kube: string }> {
  await using server = await startApiServer();
  const mock = play[0]?.name === "server limit" ? { ratePerSecond: 10 } : {};
  await using rig = await Rig.make(server, { settings: { rate_limit: "0" }, mock, program });
  await rig.startOperator();
  const rows: Row[] = [];
  for (const scenario of play) rows.push(await measure(scenario, rig, count));
  return { rows, kube: server.name.split("/").at(-1) ?? "" };
}

async function measure(scenario: Scenario, rig: Rig, jobs: number): Promise<Row> {
  await rig.resetPeak();
  const row = await scenario.play(rig, jobs);
  const { seconds, calls, cpuSeconds, residentMb, measured } = row;
  const more = Object.entries(measured).map(([name, value]) => `, ${name} ${value}`).join("");
  console.error(
    `${jobs} jobs, ${scenario.name}: ${seconds} s, ${calls} calls, ${cpuSeconds} CPU s, ${residentMb} MB${more}`,
  );
  return row;
}
