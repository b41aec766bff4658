/**
 * The parts of an object's details.
 *
 * @module
 */
import { html, useState, type VNode } from "./library.ts";
import { browser } from "./browser.ts";
import type { ConditionRow, EventView, PlanView } from "../shapes.ts";

/** The conditions. */
export function Conditions({ conditions }: { conditions: readonly ConditionRow[] }): VNode {
  if (conditions.length === 0) return html`<p>No operator has worked on it.</p>`;
  // Ready and Synced often say the same.
  const same = Map.groupBy(conditions, ({ status, reason, message }) => `${status} ${reason} ${message}`);
  const merged = [...same.values()].map((all) => ({ ...all[0], type: all.map(({ type }) => type).join(", ") }));
  return html`
    <h3>Conditions</h3>
    <dl class="conditions">${merged.map(({ type, status, reason, message, since = "" }) =>
      html`
        <div key=${type}>
          <dt>${type} <b class=${`is-${status}`}>${status}</b></dt>
          <dd><b>${reason}</b> <bdi>${message}</bdi> <${Time} at=${since} /></dd>
        </div>
      `
    )}</dl>
  `;
}

/** A plan that waits for an approval, with its changes and the command that approves it. */
export function Plan({ plan }: { plan: PlanView }): VNode {
  const { cause, since, summary, destructive, cost, total, changes, command } = plan;
  return html`<h3>Waits for an approval</h3>
    <p><bdi>${summary}</bdi></p>
    <p>Cause: ${cause}. It waits since <${Time} at=${since} />.</p>
    ${destructive !== "" && html`<p class="danger">It destroys <bdi>${destructive}</bdi>.</p>`}
    ${cost !== "" && html`<p class="danger">It costs money: <bdi>${cost}</bdi>.</p>`}
    ${
    changes.length > 0 && html`
      <table>
        <caption>${total} ${total === 1 ? "change" : "changes"}</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">In Databricks</th>
            <th scope="col">In the manifest</th>
          </tr>
        </thead>
        <tbody>${changes.map(({ path, from, to }) =>
          html`
            <tr key=${path}>
              <th scope="row"><bdi>${path}</bdi></th>
              <td>
                <del>${from || "–"}</del>
              </td>
              <td>
                <ins>${to || "–"}</ins>
              </td>
            </tr>
          `
        )}</tbody>
      </table>
    `
  }
    ${
    command !== undefined && html`
      <p>To approve it, run:</p>
      <${Command} text=${command} />
    `
  }`;
}

function Command({ text }: { text: string }): VNode {
  const [said, say] = useState("Copy");
  const copy = () =>
    browser.navigator.clipboard.writeText(text).then(() => say("Copied"), () => say("Not copied: select the text"));
  return html`<div class="command"><pre tabindex="0"><code>${text}</code></pre>
    <button type="button" onClick=${copy}>${said}</button></div>`;
}

/** Events; nothing if there are none and `none` is empty. `of` returns the address of each Event's object. */
export function Events({ title, events, none, of }: {
  title: string;
  events: readonly EventView[];
  none: string;
  of?: (key: string) => string;
}): VNode | null {
  if (events.length === 0 && none === "") return null;
  if (events.length === 0) {
    return html`
      <h3>${title}</h3>
      <p>${none}</p>
    `;
  }
  return html`
    <h3>${title}</h3>
    <ol class="events">${events.map(({ key, reason, message, isWarning, count, at }) =>
      html`<li class=${isWarning ? "warning" : ""}><${Time} at=${at} />
      ${of && html`<a href=${of(key)}><bdi>${key}</bdi></a>`}
      <span><b>${reason}</b>${count > 1 ? ` (${count} times)` : ""} <bdi>${message}</bdi></span></li>`
    )}</ol>
  `;
}

/** The manifest's spec. */
export function Spec({ spec }: { spec: string }): VNode {
  return html`
    <details>
      <summary>Manifest (spec)</summary>
      <pre tabindex="0"><code>${spec}</code></pre>
    </details>
  `;
}

/** A time, in the reader's own zone. */
export function Time({ at }: { at: string }): VNode | null {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  const text = new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return html`<time datetime=${new Date(ms).toISOString()}>${text}</time>`;
}
