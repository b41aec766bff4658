/**
 * The filters of the list: by state, kind, namespace and text.
 *
 * @module
 */
import { html, type VNode } from "./library.ts";
import type { FieldEvent } from "./browser.ts";
import type { Row, State } from "../shapes.ts";
import { LABELS, STATES } from "./states.ts";

/** The chosen filters; an empty text matches everything. */
export interface Chosen {
  readonly state: State | "";
  readonly kind: string;
  readonly namespace: string;
  readonly text: string;
}

/** All rows. */
export const EVERYTHING: Chosen = { state: "", kind: "", namespace: "", text: "" };

/**
 * The matching rows, the most urgent first. Each word of the text has to occur in the kind, namespace, name, reason or
 * message.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { choose, EVERYTHING } from "./filters.ts";
 *
 * const row = { key: "A/n/x", kind: "A", namespace: "n", name: "x", state: "failed", reason: "R", message: "" } as const;
 * const rows = new Map([[row.key, row]]);
 * assert.equal(choose(rows, { ...EVERYTHING, text: "X  r" }).length, 1);
 * assert.equal(choose(rows, { ...EVERYTHING, text: "x y" }).length, 0);
 * ```
 */
export function choose(rows: ReadonlyMap<string, Row>, { state, kind, namespace, text }: Chosen): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const chosen = [...rows.values()].filter((row) =>
    (state === "" || row.state === state) && (kind === "" || row.kind === kind) &&
    (namespace === "" || row.namespace === namespace) && hasAll(row, words)
  );
  const rank = new Map(STATES.map((name, index) => [name, index]));
  return chosen.sort((a, b) =>
    (rank.get(a.state) ?? 0) - (rank.get(b.state) ?? 0) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  );
}

function hasAll({ key, reason, message }: Row, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const all = `${key} ${reason} ${message}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

/** The form of the filters, with the number of objects in each state. */
export function Filters({ rows, chosen, choose, shown }: {
  rows: ReadonlyMap<string, Row>;
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  shown: number;
}): VNode {
  const all = [...rows.values()];
  const set = (field: keyof Chosen) => ({ target }: FieldEvent) => choose({ ...chosen, [field]: target.value });
  return html`
    <form role="search" aria-label="Filter" onSubmit=${(event: { preventDefault(): void }) => event.preventDefault()}>
      <${States} all=${all} chosen=${chosen.state} choose=${(state: State | "") => choose({ ...chosen, state })} />
      <div class="fields">
        <label>Search <input type="search" value=${chosen.text} onInput=${set(
          "text",
        )} placeholder="name, reason, message (/)" /></label>
        <${Select} label="Kind" value=${chosen.kind} values=${all.map(({ kind }) => kind)} set=${set("kind")} />
        <${Select} label="Namespace" value=${chosen.namespace} values=${all.map(({ namespace }) =>
          namespace
        )} set=${set("namespace")} />
        <p class="count" role="status">${shown} of ${all.length} objects</p>
      </div>
    </form>
  `;
}

function States({ all, chosen, choose }: {
  all: readonly Row[];
  chosen: State | "";
  choose: (state: State | "") => void;
}): VNode {
  const counts = Map.groupBy(all, ({ state }) => state);
  const button = (state: State | "", label: string, count: number) =>
    html`<button type="button" class=${`state ${state}`} aria-pressed=${chosen === state} onClick=${() =>
      choose(state)}>
      ${label} <b>${count}</b></button>`;
  return html`<div class="states" role="group" aria-label="State">
    ${button("", "All", all.length)}
    ${STATES.map((state) => button(state, LABELS[state], counts.get(state)?.length ?? 0))}
  </div>`;
}

function Select({ label, value, values, set }: {
  label: string;
  value: string;
  values: readonly string[];
  set: (event: FieldEvent) => void;
}): VNode {
  // The chosen value stays in the list even if no object has it.
  const choices = [...new Set([...values, ...value === "" ? [] : [value]])].sort();
  return html`<label>${label} <select value=${value} onChange=${set}>
    <option value="">all</option>
    ${choices.map((one) => html`<option value=${one} key=${one}>${one}</option>`)}
  </select></label>`;
}
