/**
 * `deno task bench`: what the operator costs, with 200, 1,000 and 10,000 jobs. For each scenario one table, and one line
 * of JSON for machines; then what was aimed at beside what was reached.
 *
 * The operator is a process of its own, between a real API server and a mock workspace that is served on a port. CPU
 * seconds and MB differ between machines; counts do not.
 *
 * @module
 */
import { Command } from "commander";
import { Rig, startApiServer } from "./rig.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { printScenario, printTargets, type Row } from "./table.ts";

const list = (text: string) => text.split(",").map((part) => part.trim());

const program = new Command("bench")
  .description("Measures the operator. Every scenario but the first is played on the jobs that the first one makes.")
  .option("--jobs <numbers>", "how many jobs, one set after the other", list, ["200", "1000", "10000"])
  .option("--only <scenarios>", "names of scenarios, comma-separated", list, scenarios.map(({ name }) => name))
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
  const { jobs, only } = program.opts<{ jobs: string[]; only: string[] }>();
  const chosen = scenarios.filter(({ name, alone }) =>
    alone === undefined && (only.includes(name) || name === "create")
  );
  const alone = scenarios.filter(({ name, alone }) => alone !== undefined && only.includes(name));
  const rows: Row[] = [];
  const sets = [
    ...(chosen.some(({ name }) => only.includes(name))
      ? jobs.map((count) => ({ count: Number(count), play: chosen }))
      : []),
    ...alone.map((scenario) => ({ count: scenario.alone ?? 0, play: [scenario] })),
  ];
  let kube = "";
  for (const { count, play } of sets) {
    await using server = await startApiServer();
    kube = server.name.split("/").at(-1) ?? "";
    const mock = play[0]?.alone === undefined ? {} : { ratePerSecond: 10 };
    await using rig = await Rig.make(server, { settings: { rate_limit: "0" }, mock });
    await rig.startOperator();
    for (const scenario of play) rows.push(await measure(scenario, rig, count));
  }
  const machine = { cores: navigator.hardwareConcurrency, deno: Deno.version.deno, kube, load: Deno.loadavg() };
  for (const { name } of [...chosen, ...alone]) {
    printScenario(name, rows.filter(({ scenario }) => scenario === name), machine);
  }
  printTargets(rows);
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
