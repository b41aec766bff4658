/**
 * Renders a recorded session as an animated SVG: lines appear as they were printed, and the screen scrolls. It is one
 * file without scripts, fonts or links, so it can be shown wherever an image can.
 *
 * @module
 */

/** A text, and the time of its output since the start of the command. */
export interface Printed {
  readonly atMs: number;
  readonly text: string;
}

/** The recording of a step. */
export interface Recorded {
  readonly says: string;
  readonly command: string;
  readonly printed: readonly Printed[];
}

/** Options of {@link svgOf}. */
export interface SvgOptions {
  /** The width of the terminal, in characters. */
  readonly columns: number;
  /** The number of visible lines. */
  readonly rows?: number;
}

/** A line on the screen, and the time when it appears (ms). */
interface Line {
  readonly text: string;
  readonly kind: "comment" | "command" | "output";
  readonly atMs: number;
}

const SIZE = { char: 8.4, line: 19, font: 14, padding: 16 };
/** The longest pause between two outputs (ms); a longer one is shortened. */
const MAX_PAUSE = 1_200;
/** The time for typing a character, and for reading a step's result (ms). */
const TYPING = 22;
const READING = { base: 1_400, perLine: 260 };

/** The colours work on light and dark pages: the terminal has its own background. */
const STYLE =
  `text{font:${SIZE.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;white-space:pre;fill:#e6edf3}
.comment{fill:#9ecbff}.command{fill:#fff;font-weight:600}.prompt{fill:#7ee787}`;

/**
 * Renders the session as an SVG that repeats.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { svgOf } from "./svg.ts";
 *
 * const printed = [{ atMs: 10, text: "nightly   <True>\r\n" }];
 * const svg = svgOf([{ says: "Look", command: "kubectl get dbj", printed }], { columns: 80 });
 * assert.match(svg, /# Look[\s\S]*kubectl get dbj[\s\S]*nightly   &lt;True&gt;/);
 * assert.doesNotMatch(svg, /<script|href=/);
 * ```
 */
export function svgOf(session: readonly Recorded[], { columns, rows = 26 }: SvgOptions): string {
  const { lines, endMs } = timeline(session, columns);
  const width = Math.ceil(columns * SIZE.char + 2 * SIZE.padding);
  const height = rows * SIZE.line + 2 * SIZE.padding;
  const percent = (ms: number) => (ms / endMs * 100).toFixed(2);
  const seconds = (endMs / 1000).toFixed(1);
  const rules = lines.map(({ atMs }, index) =>
    `@keyframes l${index}{0%,${percent(atMs)}%{visibility:hidden}${
      percent(Math.min(atMs + 20, endMs))
    }%,100%{visibility:visible}}`
  );
  const uses = lines.map((_, index) => `.l${index}{animation:l${index} ${seconds}s step-end infinite}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">A session in a terminal: ${escape(session.map(({ says }) => says).join("; "))}</title>`,
    `<style>${STYLE}`,
    ...rules,
    scrolling(lines, { rows, percent }),
    ...uses,
    `.screen{animation:scroll ${seconds}s step-end infinite}`,
    // Viewers who prefer reduced motion see the end of the session.
    `@media (prefers-reduced-motion:reduce){.screen,text{animation:none!important}}`,
    `.screen{transform:translateY(${-offset(lines.length, rows)}px)}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#161b22" stroke="#57606a"/>`,
    `<svg x="${SIZE.padding}" y="${SIZE.padding}" width="${width - 2 * SIZE.padding}" height="${rows * SIZE.line}">`,
    `<g class="screen">`,
    ...lines.map((line, index) => lineText(line, index)),
    "</g></svg></svg>",
    "",
  ].join("\n");
}

/** All lines with the times at which they appear, and the end. */
function timeline(session: readonly Recorded[], columns: number): { lines: Line[]; endMs: number } {
  const lines: Line[] = [];
  let now = 600;
  for (const { says, command, printed } of session) {
    if (lines.length > 0) lines.push({ text: "", kind: "output", atMs: now });
    lines.push({ text: `# ${says}`, kind: "comment", atMs: now });
    now += 700;
    for (const text of wrapped(command, columns - 2)) {
      lines.push({ text, kind: "command", atMs: now });
      now += text.length * TYPING;
    }
    const before = lines.length;
    let last = 0;
    for (const { atMs, text } of joined(printed)) {
      now += Math.min(atMs - last, MAX_PAUSE);
      last = atMs;
      for (const line of wrapped(text, columns)) lines.push({ text: line, kind: "output", atMs: now });
    }
    now += READING.base + READING.perLine * (lines.length - before);
  }
  return { lines, endMs: now + 2_500 };
}

/** Joins output into whole lines: a terminal may receive a line in parts. */
function joined(printed: readonly Printed[]): Printed[] {
  const whole: Printed[] = [];
  let open = "";
  for (const { atMs, text } of printed) {
    const parts = (open + plain(text)).split("\n");
    open = parts.pop() ?? "";
    whole.push(...parts.map((part) => ({ atMs, text: part })));
  }
  const end = printed.at(-1);
  if (open !== "" && end !== undefined) whole.push({ atMs: end.atMs, text: open });
  return whole.filter(({ text }) => text.trim() !== "" && text !== "Terminated");
}

/** Removes a terminal's control characters. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- these are control sequences
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r/g, "");
}

function wrapped(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => {
    const parts = [];
    for (let rest = line;; rest = rest.slice(columns)) {
      parts.push(rest.slice(0, columns).trimEnd());
      if (rest.length <= columns) return parts;
    }
  });
}

/** The scroll offset of the screen with this many lines. */
function offset(count: number, rows: number): number {
  return Math.max(0, count - rows) * SIZE.line;
}

function scrolling(
  lines: readonly Line[],
  { rows, percent }: { readonly rows: number; readonly percent: (ms: number) => string },
): string {
  const stops = lines.flatMap(({ atMs }, index) => {
    const by = offset(index + 1, rows);
    return by === 0 ? [] : [`${percent(atMs)}%{transform:translateY(-${by}px)}`];
  });
  return `@keyframes scroll{0%{transform:translateY(0)}${stops.join("")}100%{transform:translateY(-${
    offset(lines.length, rows)
  }px)}}`;
}

function lineText({ text, kind }: Line, index: number): string {
  if (text === "") return "";
  const y = index * SIZE.line + SIZE.font;
  const prompt = kind === "command" ? `<tspan class="prompt">$ </tspan>` : "";
  return `<text class="${kind} l${index}" x="0" y="${y}" xml:space="preserve">${prompt}${escape(text)}</text>`;
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
