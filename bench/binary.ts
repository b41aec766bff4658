/**
 * `deno task bench:binary`: measures the binary: its size, how long it takes to print its version and to become ready
 * in a pod, and its memory when idle. Linux only.
 *
 * By default it measures the binary of `deno task compile`; an argument names another one. `K3S_BINARY` or
 * `TEST_KUBECONFIG` select the API server.
 *
 * @module
 */
import { isInstalled } from "../tests/support/programs.ts";
import { startInPod } from "../tests/support/pod_process.ts";
import { eventually } from "../tests/support/waiting.ts";
import { BINARY } from "../tools/compile.ts";
import { percentile, usageOf } from "./process.ts";
import { Rig, startApiServer } from "./rig.ts";

/** The number of runs of `version`. */
const TIMES = 20;
/** The number of jobs for the idle operator. */
const JOBS = 10;
/** The length of the idle measurement (s). */
const IDLE_SECONDS = 60;

interface Row {
  readonly what: string;
  readonly value: string;
  readonly target: string;
}

if (import.meta.main) {
  const binary = await Deno.realPath(Deno.args[0] ?? BINARY);
  const rows = [await size(binary), await version(binary), ...await inPod(binary)];
  console.log("| what | measured | target |\n|---|---|---|");
  for (const { what, value, target } of rows) console.log(`| ${what} | ${value} | ${target} |`);
}

async function size(binary: string): Promise<Row> {
  return { what: "size", value: `${((await Deno.stat(binary)).size / 2 ** 20).toFixed(1)} MiB`, target: "≤ 85 MiB" };
}

async function version(binary: string): Promise<Row> {
  const seconds: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const begun = performance.now();
    await new Deno.Command(binary, { args: ["version"] }).output();
    seconds.push((performance.now() - begun) / 1000);
  }
  const [middle, worst] = [percentile(seconds, 0.5) ?? 0, Math.max(...seconds)];
  return {
    what: "version",
    value: `${middle.toFixed(2)} s (median of ${TIMES}, worst ${worst.toFixed(2)} s)`,
    target: "≤ 0.3 s",
  };
}

/** Measures the time from the start of the process to readiness, and its memory a minute later. */
async function inPod(binary: string): Promise<Row[]> {
  if (!Deno.env.has("K3S_BINARY") && !Deno.env.has("TEST_KUBECONFIG") || !isInstalled("unshare")) {
    console.error("Not measured: a pod; to measure it, set K3S_BINARY or TEST_KUBECONFIG and install util-linux");
    return [];
  }
  await using server = await startApiServer();
  await using rig = await Rig.make(server);
  for (let index = 0; index < JOBS; index++) await rig.create(`job-${index}`);
  await using pod = await startInPod(binary, {
    kube: rig.kube,
    kubeconfig: server.kubeconfig,
    namespace: rig.jobs.namespace ?? "",
    // The mock workspace is on this machine.
    args: ["--allow-loopback"],
  });
  const begun = performance.now();
  await eventually("the operator is ready", () => pod.isReady());
  const ready = (performance.now() - begun) / 1000;
  await rig.until("all jobs are Ready", () => rig.readyCount === JOBS);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const { residentMb, peakMb, cpu } = await usageOf(pod.pid);
  return [
    { what: "start to ready, in a pod", value: `${ready.toFixed(2)} s`, target: "" },
    {
      what: `memory, idle with ${JOBS} jobs`,
      value: `${residentMb} MB (peak ${peakMb} MB, ${cpu.toFixed(1)} CPU s)`,
      target: "≤ 80 MB",
    },
  ];
}
