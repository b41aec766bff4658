/**
 * The list of objects. Only visible rows are in the document, so that a list of thousands scrolls.
 *
 * @module
 */
import { html, useEffect, useLayoutEffect, useRef, useState, type VNode } from "./library.ts";
import { browser, type Element, type KeyEvent } from "./browser.ts";
import type { Row } from "../shapes.ts";
import { hrefOf } from "./place.ts";
import { LABELS } from "./states.ts";

/** The height of a row, as in page.css (px), and the number of extra rows above and below the visible ones. */
const [HEIGHT, SPARE] = [44, 8];

/** The list. Tab reaches one of its rows; arrow keys, Home, End, PageUp and PageDown move from there to the others. */
export function List({ rows, current, isLoading }: {
  rows: readonly Row[];
  current: string;
  isLoading: boolean;
}): VNode {
  const box = useRef<Element | null>(null);
  const [sight, setSight] = useState<Sight>({ top: 0, height: 800 });
  const { at, activate, go } = useActive(box, { rows, current });
  useSize(box, setSight);
  const onKeyDown = (event: KeyEvent) => onKey(event, { at, height: sight.height, go });
  return html`
    <div class="list" ref=${box} role="table" aria-label="Objects by state" aria-rowcount=${rows.length + 1}
      onScroll=${() => setSight(sightOf(box.current))} onKeyDown=${onKeyDown}>
      <${Head} />
      <div class="rows" role="rowgroup" style=${{ height: `${rows.length * HEIGHT}px` }}>
        ${indexesOf(sight, rows.length, at).map((index) =>
          html`
            <${Line} key=${rows[index]?.key} row=${rows[index]} index=${index}
              isCurrent=${rows[index]?.key === current} isActive=${index === at} activate=${activate} />
          `
        )}
      </div>
      ${rows.length === 0 && html`<p class="none">${isLoading ? "Loading …" : "No object matches."}</p>`}
    </div>
  `;
}

/** The indexes of the visible rows, and of the active one, which keeps the focus wherever the list is scrolled. */
function indexesOf({ top, height }: Sight, count: number, active: number): number[] {
  const first = Math.max(0, Math.floor(top / HEIGHT) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / HEIGHT) + SPARE);
  const indexes = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  if (count === 0 || (active >= first && active < last)) return indexes;
  return active < first ? [active, ...indexes] : [...indexes, active];
}

/** The row that Tab reaches, and a function that moves the focus to another one. */
function useActive(
  box: { readonly current: Element | null },
  { rows, current }: { readonly rows: readonly Row[]; readonly current: string },
) {
  const [active, activate] = useState(current);
  const focusing = useRef("");
  const before = useRef(current);
  const at = Math.max(0, rows.findIndex(({ key }) => key === active));
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    if (rows[next] === undefined || box.current === null) return;
    focusing.current = rows[next].key;
    activate(rows[next].key);
    reveal(box.current, next);
  };
  useLayoutEffect(() => {
    // Closing the panel returns the focus to the row from which it was opened.
    if (before.current !== "" && current === "") go(rows.findIndex(({ key }) => key === before.current));
    before.current = current;
    if (rows[at]?.key !== focusing.current) return;
    const link = box.current?.querySelector(`[data-index="${at}"] a`);
    link?.focus({ preventScroll: true });
    // A row that was not visible exists after the next rendering.
    if (link) focusing.current = "";
  });
  return { at, activate, go };
}

function Head(): VNode {
  return html`
    <div class="head" role="rowgroup">
      <div class="row" role="row" aria-rowindex="1">
        ${["State", "Name", "Kind", "Namespace", "Reason and message"].map((name) =>
          html`<span role="columnheader">${name}</span>`
        )}
      </div>
    </div>
  `;
}

function Line({ row, index, isCurrent, isActive, activate }: {
  row: Row;
  index: number;
  isCurrent: boolean;
  isActive: boolean;
  activate: (key: string) => void;
}): VNode {
  return html`
    <div class="row" role="row" aria-rowindex=${index + 2} data-index=${index} style=${{ top: `${index * HEIGHT}px` }}>
      <span role="cell" class=${`state ${row.state}`}>${LABELS[row.state]}</span>
      <span role="cell" class="name"><a href=${hrefOf(row.key)} tabindex=${isActive ? 0 : -1}
        aria-current=${isCurrent ? "true" : undefined} onFocus=${() => activate(row.key)}><bdi>${row
          .name}</bdi></a></span>
      <span role="cell">${row.kind}</span>
      <span role="cell"><bdi>${row.namespace}</bdi></span>
      <span role="cell" class="why"><b>${row.reason}</b> <bdi>${row.message}</bdi></span>
    </div>
  `;
}

interface Sight {
  readonly top: number;
  readonly height: number;
}

function sightOf(box: Element | null): Sight {
  return { top: box?.scrollTop ?? 0, height: box?.clientHeight ?? 0 };
}

function useSize(box: { current: Element | null }, set: (sight: Sight) => void): void {
  useEffect(() => {
    if (box.current === null) return;
    const observer = new browser.ResizeObserver(() => set(sightOf(box.current)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
}

/** Scrolls only as far as needed to make a row visible. The list's head covers one row. */
function reveal(box: Element, index: number): void {
  const top = index * HEIGHT;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + 2 * HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * HEIGHT - box.clientHeight;
}

function onKey(
  event: KeyEvent,
  { at, height, go }: { at: number; height: number; go: (index: number) => void },
): void {
  const page = Math.max(1, Math.floor(height / HEIGHT) - 2);
  const moves: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: Infinity,
  };
  const to = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
  if (to === undefined) return;
  event.preventDefault();
  go(to);
}
