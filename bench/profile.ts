/**
 * `deno task bench:profile`: shows where a Deno process spends its CPU time, or which values fill its heap.
 *
 * The process must have been started with `--inspect=127.0.0.1:9229`, or with `--inspect-wait=…` to include its start.
 * `--seconds 30` sets the length of the profile, and the functions with the most self time are printed; `--heap` prints
 * the heap after a garbage collection, by constructor.
 *
 * @module
 */
import { Command } from "commander";
import { Inspector } from "../tests/support/inspector.ts";

interface CpuProfile {
  readonly nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  readonly samples: number[];
  readonly timeDeltas: number[];
}

async function profileCpu(inspector: Inspector, seconds: number): Promise<void> {
  await inspector.ask("Profiler.enable");
  await inspector.ask("Profiler.setSamplingInterval", { interval: 500 });
  await inspector.ask("Profiler.start");
  await inspector.ask("Runtime.runIfWaitingForDebugger");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { profile } = await inspector.ask("Profiler.stop") as unknown as { profile: CpuProfile };
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const sums = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const { functionName = "", url = "", lineNumber = 0 } = frames.get(id) ?? {};
    const name = `${functionName || "(anonymous)"} ${url.split("/").slice(-2).join("/")}:${lineNumber + 1}`;
    sums.set(name, (sums.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
  }
  print(sums, "ms");
}

async function profileHeap(inspector: Inspector): Promise<void> {
  const { snapshot: { meta }, nodes, strings } = await inspector.heap();
  const [type, name, size] = ["type", "name", "self_size"].map((field) => meta.node_fields.indexOf(field));
  const sums = new Map<string, number>();
  let total = 0;
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) {
    const kind = meta.node_types[0][nodes[at + (type ?? 0)] ?? 0] ?? "";
    const bytes = nodes[at + (size ?? 0)] ?? 0;
    const label = kind === "object" || kind === "closure" ? `${kind} ${strings[nodes[at + (name ?? 0)] ?? 0]}` : kind;
    sums.set(label, (sums.get(label) ?? 0) + bytes / 1000);
    total += bytes / 1000;
  }
  sums.set("(all)", total);
  print(sums, "kB");
}

function print(sums: ReadonlyMap<string, number>, unit: string): void {
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, 40);
  for (const [name, value] of sorted) console.log(`${value.toFixed(0).padStart(9)} ${unit}  ${name}`);
}

if (import.meta.main) {
  const program = new Command("profile")
    .option("--inspect <host:port>", "the address of the inspector", "127.0.0.1:9229")
    .option("--seconds <n>", "the seconds to profile", Number, 30)
    .option("--heap", "profile the heap instead of CPU time");
  program.parse(Deno.args, { from: "user" });
  const { inspect, seconds, heap } = program.opts<{ inspect: string; seconds: number; heap?: boolean }>();
  using inspector = await Inspector.connect(inspect);
  await (heap ? profileHeap(inspector) : profileCpu(inspector, seconds));
}
