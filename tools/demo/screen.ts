/**
 * The demo's display: a table that is redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */

/** One object, as a row of the table. */
export interface Row {
  readonly kind: string;
  readonly name: string;
  readonly ready: string;
  readonly status: string;
  readonly note: string;
}

/** The output of the demo. */
export interface Output {
  write(text: string): void;
  /** True for a terminal, which can be redrawn. */
  readonly isTerminal: boolean;
}

const COLUMNS = ["kind", "name", "ready", "status", "note"] as const;
/** The number of events that stay visible below the table. */
const KEPT = 14;

/** Standard output. */
export const standardOutput: Output = {
  write: (text) => void Deno.stdout.writeSync(new TextEncoder().encode(text)),
  isTerminal: Deno.stdout.isTerminal(),
};

/**
 * The table as text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { table } from "./screen.ts";
 *
 * const text = table([{ kind: "Repo", name: "reports", ready: "True", status: "", note: "" }]);
 * assert.match(text, /^KIND +NAME +READY/);
 * assert.match(text, /\nRepo +reports +True/);
 * ```
 */
export function table(rows: readonly Row[]): string {
  const cells = [Object.fromEntries(COLUMNS.map((name) => [name, name.toUpperCase()])) as unknown as Row, ...rows];
  const widths = COLUMNS.map((name) => Math.max(...cells.map((row) => row[name].length)));
  return cells.map((row) => COLUMNS.map((name, index) => row[name].padEnd(widths[index] ?? 0)).join("  ").trimEnd())
    .join("\n");
}

/** The screen of the demo. */
export class Screen {
  readonly #output: Output;
  readonly #heading: readonly string[];
  readonly #happened: string[] = [];
  #rows: readonly Row[] = [];
  #shown = new Map<string, string>();

  constructor(output: Output, heading: readonly string[]) {
    this.#output = output;
    this.#heading = heading;
    if (!output.isTerminal) output.write(heading.join("\n") + "\n");
  }

  /** Shows an event. */
  say(text: string): void {
    this.#happened.push(text);
    if (this.#output.isTerminal) this.#draw();
    else this.#output.write(`${text}\n`);
  }

  /** Shows the objects. Without a terminal, it writes a line for each change, and none until there is a status. */
  show(rows: readonly Row[]): void {
    this.#rows = rows;
    if (this.#output.isTerminal) return this.#draw();
    for (const row of rows) {
      if (row.ready === "") continue;
      const details = [row.status, ...row.ready === "True" ? [] : [row.note]].filter((one) => one !== "");
      const line = [`  ${row.kind} ${row.name}: ready ${row.ready}`, ...details].join(", ");
      if (this.#shown.get(`${row.kind}/${row.name}`) === line) continue;
      this.#shown.set(`${row.kind}/${row.name}`, line);
      this.#output.write(`${line}\n`);
    }
  }

  #draw(): void {
    const lines = [...this.#heading, "", table(this.#rows), "", ...this.#happened.slice(-KEPT)];
    // Move home, clear each line to its end, then clear the rest of the screen: this avoids flicker.
    this.#output.write(`\u001b[H${lines.join("\n").split("\n").map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
  }
}
