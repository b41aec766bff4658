/**
 * The measured comparison in docs/migration.md. This operator's figures come from bench/RESULTS.md, so that every claim
 * is supported by the results.
 *
 * @module
 */
import { filled } from "../src/generate/markdown.ts";

const ROOT = new URL("../", import.meta.url);
const PAGE = "docs/migration.md";
const RESULTS = "bench/RESULTS.md";
/** The number of jobs in the compared scenarios. */
const JOBS = "200";

/** The page, with its table up to date. */
export function figureFiles(): [string, string][] {
  const results = Deno.readTextFileSync(new URL(RESULTS, ROOT));
  const page = Deno.readTextFileSync(new URL(PAGE, ROOT));
  return [[PAGE, filled(page, { figures: comparison(results) })]];
}

/**
 * Generates the comparison. The Rust operator's figures were measured once, on the same machine as those of the first
 * version.
 *
 * @throws {Error} if the results lack a row.
 */
export function comparison(results: string): string {
  const create = rowOf(results, "create");
  const steady = rowOf(results, "steady");
  const minutes = Number(steady.s) / 60;
  const calls = Math.round(Number(steady.calls) / minutes);
  const cpu = (Number(steady["CPU s"]) / minutes).toFixed(1);
  const memory = [create["peak MB"], steady["peak MB"]].map(Number).sort((a, b) => a - b);
  return aligned([
    ["Measurement", "The Rust operator", "This one"],
    ["repeated kills while it creates the jobs", "25 duplicates after 8 kills", "no duplicate after 50 kills"],
    ["calls and CPU to create the jobs", "765 calls, 43.7 s", `${create.calls} calls, ${create["CPU s"]} s`],
    ["one idle minute", "194 calls, 8.9 CPU s", `${calls} calls, ${cpu} CPU s`],
    ["memory", "117 to 170 MB", `${memory[0]} to ${memory[1]} MB`],
    ["a schedule that somebody adds in the webapp", "stays", "is removed at the next sweep"],
    ["of 39 public job definitions, those that its CRD keeps whole", "7", "31; the other 8 have values of wrong types"],
  ]);
}

/** A table in the format of `deno fmt`, which also formats the page. */
function aligned([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, index) => Math.max(...[head, ...rows].map((cells) => cells[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** A row of a scenario's table, by column name. */
function rowOf(results: string, scenario: string): Record<string, string> {
  const [, section = ""] = results.split(`\n## ${scenario}\n`);
  const [text = ""] = section.split("\n## ");
  const [head = [], , ...rows] = text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const revision = head.indexOf("revision");
  const row = rows.find((cells) => cells[0] === JOBS && (revision < 0 || cells[revision] === "this one"));
  if (row === undefined) throw new Error(`${RESULTS} has no row "${scenario}" with ${JOBS} jobs`);
  return Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""]));
}
