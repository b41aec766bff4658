/**
 * Everything that the operators of a test's process log, at every level.
 *
 * @module
 */
import { configureSync, type LogRecord } from "@logtape/logtape";

/** Collects what is logged from now on, in place of writing it. */
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
