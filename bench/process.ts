/**
 * Measures a process: CPU time, memory, and metrics in Prometheus' format. Linux only, from `/proc`.
 *
 * @module
 */

/** The resources that a process has used. */
export interface Usage {
  /** The CPU time of all threads since the start (s). */
  readonly cpu: number;
  /** The peak of its memory since the last {@link resetPeak}, in MB (10^6 bytes). */
  readonly peakMb: number;
  /** Its current memory, in MB. */
  readonly residentMb: number;
}

/** Clock ticks per second, the same on all Linux machines. */
const TICKS = 100;

/** Reads the resources that a process has used. */
export async function usageOf(pid: number): Promise<Usage> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The second field is the program's name and may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const megabytes = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))?.[1]) * 1024 / 1e6;
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
    peakMb: Math.round(megabytes("VmHWM")),
    residentMb: Math.round(megabytes("VmRSS")),
  };
}

/** Resets the peak of a process's memory, so that {@link usageOf} covers the time from now on. */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** The cumulative buckets of a histogram, by their upper bounds. */
export function bucketsOf(text: string, name: string): Map<string, number> {
  const lines = text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, "gm"));
  return new Map([...lines].map(([, bound = "", count]) => [bound, Number(count)]));
}

/** Counts the open files of a process, and the sockets among them. */
export async function openFilesOf(pid: number): Promise<{ files: number; sockets: number }> {
  let [files, sockets] = [0, 0];
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    files++;
    // One that was closed in the meantime no longer has a target.
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    if (target.startsWith("socket:")) sockets++;
  }
  return { files, sockets };
}

/** The sum of a metric over all label values that `labels` does not fix. */
export function sumOf(text: string, name: string, labels: Record<string, string> = {}): number {
  return text.split("\n").filter((line) =>
    (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) &&
    Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))
  ).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/**
 * The value below which the given share of the values lies.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { percentile } from "./process.ts";
 *
 * assert.equal(percentile([5, 1, 3, 2, 4], 0.5), 3);
 * assert.equal(percentile([], 0.99), undefined);
 * ```
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
