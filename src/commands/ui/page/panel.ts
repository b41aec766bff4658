/**
 * The panel beside the list: one object, or the repairs of all.
 *
 * @module
 */
import { type Children, html, useEffect, useLayoutEffect, useRef, useState, type VNode } from "./library.ts";
import type { Element } from "./browser.ts";
import type { Detail, EventView } from "../shapes.ts";
import { Conditions, Events, Plan, Spec } from "./detail.ts";
import type { Live } from "./live.ts";
import { hrefOf, type Place } from "./place.ts";
import { LABELS } from "./states.ts";
import { Tasks, TimeLine } from "./time_line.ts";

/** The panel; nothing if it is closed. */
export function Panel({ place, live }: { place: Place; live: Live }): VNode | null {
  if (place.view === "repairs") return html`<${Repairs} live=${live} />`;
  if (place.view === "object") return html`<${ObjectPanel} key=${place.key} of=${place.key} live=${live} />`;
  return null;
}

/** A panel with a heading, which takes the focus when the panel opens. */
function Frame({ title, lead, children }: { title: string; lead?: unknown; children?: Children }): VNode {
  const heading = useRef<Element | null>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return html`
    <section class="panel" aria-labelledby="panel-title">
      <div class="top"><h2 id="panel-title" tabindex="-1" ref=${heading}><bdi>${title}</bdi></h2>
        <a class="close" href="#/">Close</a></div>
      ${lead}
      ${children}
    </section>
  `;
}

function ObjectPanel({ of, live }: { of: string; live: Live }): VNode {
  const [kind = "", namespace = "", name = ""] = of.split("/");
  const detail = useFetched<Detail>(`object?key=${encodeURIComponent(of)}`, live.moved.has(of) ? live : undefined);
  const title = `${kind} ${namespace}/${name}`;
  if (detail === "gone") {
    return html`
      <${Frame} title=${title}>
        <p>This object is gone.</p>
        <//>
    `;
  }
  if (detail === undefined) {
    return html`
      <${Frame} title=${title}>
        <p>Loading …</p>
        <//>
    `;
  }
  const { row, url, id, conditions, plan, runs, tasks, events, spec } = detail;
  const lead = html`<p class="lead"><span class=${`state ${row.state}`}>${LABELS[row.state]}</span>
    ${id !== "" && html`<span>id <bdi>${id}</bdi></span>`}
    ${url !== undefined && html`<a href=${url} target="_blank" rel="noopener noreferrer">Open in Databricks</a>`}</p>`;
  return html`<${Frame} title=${title} lead=${lead}>
    ${plan && html`<${Plan} plan=${plan} />`}
    <${Conditions} conditions=${conditions} />
    <${TimeLine} runs=${runs} />
    <${Tasks} tasks=${tasks} />
    <${Events} title="Repairs" events=${events.filter(isRepair)} none="" />
    <${Events} title="Events" events=${events.filter((event) => !isRepair(event))} none="No Events in the last hour." />
    <${Spec} spec=${spec} />
  <//>`;
}

function isRepair({ reason }: EventView): boolean {
  return reason === "DriftCorrected";
}

function Repairs({ live }: { live: Live }): VNode {
  const repairs = useFetched<EventView[]>("repairs", live.moved.size > 0 ? live : undefined);
  const known = repairs === undefined || repairs === "gone" ? [] : repairs;
  return html`
    <${Frame} title="Repairs">
      <p>Changes that were made in Databricks and that the operator set back, as far as Kubernetes keeps the Events.</p>
      <${Events} title="Newest first" events=${known} none="None." of=${hrefOf} />
      <//>
  `;
}

/** The server's answer at an address; fetched again with each new `change`. */
function useFetched<Type>(path: string, change: unknown): Type | "gone" | undefined {
  const [value, setValue] = useState<Type | "gone" | undefined>(undefined);
  const last = useRef<unknown>(undefined);
  if (change !== undefined) last.current = change;
  useEffect(() => {
    const stop = new AbortController();
    fetch(path, { signal: stop.signal }).then(async (answer) => {
      setValue(answer.ok ? await answer.json() : "gone");
    }).catch(() => {});
    return () => stop.abort();
  }, [path, last.current]);
  return value;
}
