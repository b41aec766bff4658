/**
 * `deno task bench:report FILE…`: the tables of several runs of `deno task bench`, from what those printed, as
 * bench/RESULTS.md has them. Of what was measured more than once the last one counts.
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
 * The tables of all scenarios, of what a job costs, and of the targets.
 *
 * @param texts what runs printed.
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
