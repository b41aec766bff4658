/**
 * The pace of a benchmark: pauses, and work that is done side by side.
 *
 * @module
 */

/** The number of manifests that are applied at the same time. */
const PARALLEL = 20;

/** Resolves after so long (ms); at once if that is over. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Does the work for each number below `count`, {@link PARALLEL} at a time. */
export async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
