/**
 * A progress bar on standard error for work that takes a while; nothing if standard error is not a terminal. Colours of
 * lines, if standard output is a terminal and NO_COLOR is not set (https://no-color.org).
 *
 * @module
 */

/** The terminal on which a bar is drawn. */
export interface ProgressOutput {
  write(text: string): void;
  readonly isTerminal: boolean;
}

/** The number of cells of a bar. */
const WIDTH = 20;
/** Moves to the beginning of the line, and clears it. */
const CLEAR = "\r\u001b[K";

const standardError: ProgressOutput = {
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
  isTerminal: Deno.stderr.isTerminal(),
};

/**
 * A progress bar, which is redrawn in place.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Progress } from "./progress.ts";
 *
 * let shown = "";
 * const progress = new Progress({ write: (text) => void (shown += text), isTerminal: true });
 * progress.show({ done: 5, of: 10, what: "objects" });
 * progress.end();
 * assert.match(shown, /\[#{10}-{10}\] 5\/10 objects/);
 * new Progress({ write: () => assert.fail("this is no terminal"), isTerminal: false }).show({ done: 1, of: 1, what: "" });
 * ```
 */
export class Progress {
  readonly #output: ProgressOutput;
  #shown = "";

  constructor(output: ProgressOutput = standardError) {
    this.#output = output;
  }

  /** Shows the progress. */
  show({ done, of, what }: { readonly done: number; readonly of: number; readonly what: string }): void {
    const cells = of === 0 ? WIDTH : Math.floor(done / of * WIDTH);
    this.#draw(`[${"#".repeat(cells)}${"-".repeat(WIDTH - cells)}] ${done}/${of} ${what}`);
  }

  /** Removes the bar, before lines that stay and at the end. */
  end(): void {
    this.#draw("");
  }

  #draw(text: string): void {
    if (!this.#output.isTerminal || this.#shown === text) return;
    this.#output.write(CLEAR + text);
    this.#shown = text;
  }
}

const COLOURS: Readonly<Record<string, number>> = { "+": 32, "~": 33, "-": 31, ">": 36, "!": 31 };

/**
 * Lines in the colour of their leading sign, as plans and diffs have them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { coloured } from "./progress.ts";
 *
 * assert.equal(coloured("+ a\nsame\n    ~ b"), "\u001b[32m+ a\u001b[0m\nsame\n\u001b[33m    ~ b\u001b[0m");
 * ```
 */
export function coloured(text: string): string {
  return text.split("\n").map((line) => {
    const colour = COLOURS[line.trimStart()[0] ?? ""];
    return colour === undefined ? line : `\u001b[${colour}m${line}\u001b[0m`;
  }).join("\n");
}

/** True if lines for people may have colours. */
export function hasColours(): boolean {
  return Deno.stdout.isTerminal() && !Deno.noColor;
}
