import assert from "node:assert/strict";
import { reportOf } from "./report.ts";
import type { Row } from "./table.ts";

const row = (scenario: string, jobs: number, calls: number): Row => ({
  ...{ scenario, jobs, calls, seconds: 60, kubernetesWrites: jobs, cpuSeconds: 2, peakMb: 90, residentMb: 80 },
  ...{ heapMb: 20, lagP99Ms: 5, lagMaxMs: 10, measured: {}, endpoints: { "GET /api/2.2/jobs/list": calls } },
});
const line = (revision: string, rows: readonly Row[]) =>
  JSON.stringify({ bench: rows[0]?.scenario, revision, cores: 2, rows });

Deno.test("runs are joined into one table, one line per revision, and a later run replaces an earlier one", () => {
  const first = `noise\n${line("abc", [row("create", 200, 300)])}\n${line("this one", [row("create", 200, 999)])}`;
  const second = `${line("this one", [row("create", 200, 250)])}\n${line("this one", [row("create", 1000, 1000)])}`;
  const text = reportOf([first, second]);
  const lines = text.split("\n");
  assert.deepEqual(lines.filter((one) => /^\| (200|1000) /.test(one)).map((one) => one.split(" | ").slice(0, 4)), [
    ["| 200", "abc", "60", "300"],
    ["| 200", "this one", "60", "250"],
    ["| 1000", "this one", "60", "1000"],
  ]);
  assert.match(text, /\| create \| calls a job \| 1\.25 \| 1 \|/);
  assert.match(text, /\| create \| 200 \| 240 calls \| 250 \| \*\*missed\*\* \|/);
});
