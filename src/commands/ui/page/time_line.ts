/**
 * Runs on a time line, and the tasks of a run.
 *
 * @module
 */
import { html, useEffect, useState, type VNode } from "./library.ts";
import type { RunView, TaskView } from "../shapes.ts";
import { Time } from "./detail.ts";
import { hrefOf } from "./place.ts";

/** The narrowest bar (percent). */
const NARROW = 0.8;

/** A bar on the time line, in percent of its width. */
export interface Bar {
  readonly left: number;
  readonly width: number;
}

/**
 * The bars of runs: from the first start to the last end; the end is `now` (ms) for a run that has not ended. A run
 * that has not started has no bar.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { barsOf } from "./time_line.ts";
 *
 * const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`;
 * const bars = barsOf([{ started: at(0), ended: at(1) }, { started: at(3), ended: "" }], Date.parse(at(4)));
 * assert.deepEqual(bars, [{ left: 0, width: 25 }, { left: 75, width: 25 }]);
 * ```
 */
export function barsOf(runs: readonly Pick<RunView, "started" | "ended">[], now: number): (Bar | undefined)[] {
  const spans = runs.map(({ started, ended }) => {
    const [from, to] = [Date.parse(started), ended === "" ? now : Date.parse(ended)];
    return from <= to ? { from, to } : undefined;
  });
  const known = spans.filter((span) => span !== undefined);
  const from = Math.min(...known.map((span) => span.from));
  const whole = Math.max(1, Math.max(...known.map((span) => span.to)) - from);
  const percent = (ms: number) => Math.round(ms / whole * 1000) / 10;
  return spans.map((span) => {
    if (span === undefined) return undefined;
    const width = Math.max(NARROW, percent(span.to - span.from));
    return { left: Math.min(percent(span.from - from), 100 - width), width };
  });
}

/** The runs, the newest first; nothing if there are none. */
export function TimeLine({ runs }: { runs: readonly RunView[] }): VNode | null {
  const isActive = runs.some(({ started, ended }) => started !== "" && ended === "");
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isActive) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isActive]);
  if (runs.length === 0) return null;
  const bars = barsOf(runs, now);
  return html`
    <h3>Newest runs</h3>
    <ol class="runs">${runs.map((run, index) => html`<${Run} run=${run} bar=${bars[index]} now=${now} />`)}</ol>
  `;
}

function Run({ run, bar, now }: { run: RunView; bar: Bar | undefined; now: number }): VNode {
  const { key, name, phase, started, ended, message, url } = run;
  const length = bar && lengthOf((ended === "" ? now : Date.parse(ended)) - Date.parse(started));
  return html`<li>
    <p>${key === undefined ? html`<bdi>${name}</bdi>` : html`<a href=${hrefOf(key)}><bdi>${name}</bdi></a>`}
      <b class=${`phase ${phase.toLowerCase()}`}>${phase}</b>
      <span><${Time} at=${started} />${length && `, ${length}`}</span>
      ${url !== undefined && html`<a href=${url} target="_blank" rel="noopener noreferrer">in Databricks</a>`}</p>
    <div class="line" aria-hidden="true">${
    bar &&
    html`<i class=${`phase ${phase.toLowerCase()}`} style=${{ left: `${bar.left}%`, width: `${bar.width}%` }}></i>`
  }</div>
    ${message !== "" && html`<p class="why"><bdi>${message}</bdi></p>`}
  </li>`;
}

/** The tasks of a run; nothing if there are none. */
export function Tasks({ tasks }: { tasks: readonly TaskView[] }): VNode | null {
  if (tasks.length === 0) return null;
  return html`
    <h3>Tasks</h3>
    <ol class="tasks">${tasks.map(({ key, phase, message, url }) =>
      html`<li><bdi>${key}</bdi> <b class=${`phase ${phase.toLowerCase()}`}>${phase}</b>
      ${url !== undefined && html`<a href=${url} target="_blank" rel="noopener noreferrer">in Databricks</a>`}
      <bdi>${message}</bdi></li>`
    )}</ol>
  `;
}

/** A duration (ms) in kubectl's format. */
function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
