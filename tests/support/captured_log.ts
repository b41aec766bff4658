/**
 * Captures everything that operators in the test's process log, at every level.
 *
 * @module
 */
import { configureSync, type LogRecord } from "@logtape/logtape";

/** Collects log records from now on instead of writing them. */
export function captureLog(): LogRecord[] {
  const logged: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { memory: (record) => void logged.push(record) },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["memory"] },
      { category: ["databricks_kube"], lowestLevel: "trace", sinks: ["memory"] },
    ],
  });
  return logged;
}
