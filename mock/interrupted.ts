/**
 * Waits for the signal that tells a program to stop.
 *
 * @module
 */
import process from "node:process";

/** Resolves at the first SIGINT or SIGTERM. */
export function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const end = () => resolve();
  for (const signal of signals) process.on(signal, end);
  return promise.finally(() => signals.forEach((signal) => process.off(signal, end)));
}
