/** The log about a connection mentions ingest only for ingested kinds. */
import assert from "node:assert/strict";
import { captureLog } from "../support/captured_log.ts";
import { clusterTest, eventually, job, problem } from "../support/harness.ts";

const logged = captureLog();

function lines(namespace: string): string[] {
  const start = "Looking for uningested ";
  return logged.map(({ rawMessage }) => String(rawMessage))
    .filter((line) => line.startsWith(start) && line.endsWith(` ${namespace}`))
    .map((line) => line.slice(start.length).split(" ")[0] ?? "").sort();
}

clusterTest("the log reports the search for unmanaged resources only in namespaces that have it", async (world) => {
  await world.apply(job("etl"));
  await world.ready("DatabricksJob", "etl");
  assert.deepEqual(lines(world.namespace), []);
  await world.configure({ ingest: "databricksjobs" });
  await eventually("the log names jobs", () => {
    const found = lines(world.namespace);
    return found.length > 0 || problem("no line");
  });
  assert.deepEqual(lines(world.namespace), ["databricksjobs"]);
}, { settings: { ingest: "false" } });
