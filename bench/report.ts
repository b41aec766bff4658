/**
 * `deno task bench:report FILE…`: formats the output of several runs of `deno task bench` as the tables in
 * bench/RESULTS.md. If something was measured more than once, the last result counts.
 *
 * @module
 */
import { type Measured, type Row, scenarioTable, slopeTable, targetTable } from "./table.ts";

/** A line of JSON that `deno task bench` prints. */
interface Line {
  readonly bench: string;
  readonly revision: string;
  readonly rows: readonly Row[];
}

/**
 * The tables of all scenarios, of the cost per job, and of the targets.
 *
 * @param texts The output of the runs.
 */
export function reportOf(texts: readonly string[]): string {
  const lines = texts.flatMap((text) => text.split("\n")).filter((line) => line.startsWith('{"bench"'))
    .map((line) => JSON.parse(line) as Line);
  const measured = [...Map.groupBy(lines, ({ revision }) => revision)].map(([revision, those]): Measured => {
    const rows = new Map(those.flatMap(({ rows }) => rows.map((row) => [`${row.scenario} ${row.jobs}`, row])));
    return { revision, rows: [...rows.values()] };
  });
  const scenarios = new Set(lines.map(({ bench }) => bench));
  const ours = measured.find(({ revision }) => revision === "this one")?.rows ?? [];
  const tables = [...scenarios].map((scenario) => scenarioTable(scenario, measured));
  return [...tables, slopeTable(ours), targetTable(ours)].join("\n\n");
}

if (import.meta.main) console.log(reportOf(await Promise.all(Deno.args.map((path) => Deno.readTextFile(path)))));
