import assert from "node:assert/strict";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { logger } from "./log.ts";

Deno.test("logger writes braces and their contents unchanged", () => {
  const records: LogRecord[] = [];
  configureSync({
    sinks: { memory: (record: LogRecord) => void records.push(record) },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["memory"] },
      { category: ["databricks_kube"], lowestLevel: "info", sinks: ["memory"] },
    ],
  });
  try {
    logger("test").info('GET /repos/{repo_id} said {"a": {}}');
    assert.equal(records[0]?.message.join(""), 'GET /repos/{repo_id} said {"a": {}}');
  } finally {
    resetSync();
  }
});
