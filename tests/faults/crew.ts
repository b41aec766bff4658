/**
 * Works on many items at the same time: on as many as the machine has idle time for.
 *
 * @module
 */

/** The numbers of items that are worked on at the same time. */
export interface Crew {
  /** So many start whatever the load is. */
  readonly least: number;
  /** So many at most; more than `least` start only if there is room. */
  readonly most: number;
  /** Measures for a moment whether the machine has room for one more. */
  readonly hasRoom?: () => Promise<boolean>;
}

/** The duration of a measurement (ms): an operator that has just started shows in it. */
const MEASURED = 300;
/** The part of the CPU time that is idle if there is room. */
const IDLE = 0.15;

/** Works on all items. @returns the largest number that were worked on at the same time. */
export async function workOnAll<T>(
  items: readonly T[],
  { least, most, hasRoom = isIdle }: Crew,
  work: (item: T) => Promise<void>,
): Promise<number> {
  const running = new Set<Promise<void>>();
  let reached = 0;
  for (const item of items) {
    while (running.size >= most) await Promise.race(running);
    while (running.size >= least && !await hasRoom());
    const task: Promise<void> = work(item).finally(() => running.delete(task));
    running.add(task);
    reached = Math.max(reached, running.size);
  }
  await Promise.all(running);
  return reached;
}

/** True if the CPUs are idle for a part of a measurement; false where that cannot be measured. */
async function isIdle(): Promise<boolean> {
  const before = await cpuTimes();
  await new Promise((resolve) => setTimeout(resolve, MEASURED));
  const after = await cpuTimes();
  if (before === undefined || after === undefined) return false;
  return after.idle - before.idle > IDLE * (after.all - before.all);
}

/** The CPU times of the machine since its start; Linux only. */
async function cpuTimes(): Promise<{ idle: number; all: number } | undefined> {
  const text = await Deno.readTextFile("/proc/stat").catch(() => "");
  const [user, nice, system, idle, ...rest] = text.split("\n", 1)[0]?.split(/\s+/).slice(1).map(Number) ?? [];
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return undefined;
  const [waiting = 0] = rest;
  return { idle: idle + waiting, all: [user, nice, system, idle, ...rest].reduce((sum, time) => sum + time, 0) };
}
