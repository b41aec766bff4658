/**
 * Logs: one line for each event, as JSON or text on standard output. Values of secrets and tokens are never passed to
 * it.
 *
 * @module
 */
import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { escapeControls } from "../base/text.ts";

/** The format of logs. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
}

/** The levels that `--log-level` takes. */
export const logLevels = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** Sends logs to standard output. Without this call nothing is written, which suits tests. */
export function configureLogs({ level, format }: LogOptions): void {
  const encoder = new TextEncoder();
  const formatter = format === "json" ? getJsonLinesFormatter({ properties: "flatten" }) : getTextFormatter();
  configureSync({
    reset: true,
    sinks: {
      // Synchronous, so that a line is out before a crash that follows it.
      stdout: (record: LogRecord) => void Deno.stdout.writeSync(encoder.encode(formatter(record))),
    },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stdout"] },
      { category: ["databricks_kube"], lowestLevel: level, sinks: ["stdout"] },
    ],
  });
}

/**
 * Writes the log lines of one part of the operator. Messages are plain text: braces have no meaning. In JSON, fields
 * stand beside the message, for programs.
 */
export type Logger = Record<
  "debug" | "info" | "warning" | "error" | "fatal",
  (message: string, fields?: Readonly<Record<string, string>>) => void
>;

/**
 * The logger of a part of the operator. The given fields are part of each line.
 *
 * @example
 * ```ts
 * import { logger } from "./log.ts";
 *
 * logger("reconciler").info("Created DatabricksJob default/etl");
 * ```
 */
export function logger(part: string, common: Readonly<Record<string, string>> = {}): Logger {
  const log = getLogger(["databricks_kube", part]);
  // The library fills {placeholders}. Text from outside (names, answers) must not be taken for one, and must not steer
  // a terminal.
  const plain = (message: string) => escapeControls(message).replaceAll("{", "{{").replaceAll("}", "}}");
  return {
    debug: (message, fields) => log.debug(plain(message), { ...common, ...fields }),
    info: (message, fields) => log.info(plain(message), { ...common, ...fields }),
    warning: (message, fields) => log.warning(plain(message), { ...common, ...fields }),
    error: (message, fields) => log.error(plain(message), { ...common, ...fields }),
    fatal: (message, fields) => log.fatal(plain(message), { ...common, ...fields }),
  };
}
