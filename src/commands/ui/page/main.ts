/**
 * The page of `ui`: list, filters, and beside the list one object or the repairs.
 *
 * @module
 */
import { html, render, useEffect, useMemo, useRef, useState, type VNode } from "./library.ts";
import { browser } from "./browser.ts";
import { choose, type Chosen, EVERYTHING, Filters } from "./filters.ts";
import { List } from "./list.ts";
import { connectLive, type Live, START } from "./live.ts";
import { placeOf } from "./place.ts";
import { Panel } from "./panel.ts";

function App(): VNode {
  const [live, setLive] = useState<Live>(START);
  const [place, setPlace] = useState(() => placeOf(browser.location.hash));
  const [chosen, setChosen] = useState<Chosen>(EVERYTHING);
  useEffect(() => connectLive(setLive), []);
  useEffect(() => {
    const moved = () => setPlace(placeOf(browser.location.hash));
    browser.addEventListener("hashchange", moved);
    return () => browser.removeEventListener("hashchange", moved);
  }, []);
  useKeys();
  const rows = useMemo(() => choose(live.rows, chosen), [live.rows, chosen]);
  return html`
    <${Top} live=${live} isRepairs=${place.view === "repairs"} />
    <main class=${place.view === "list" ? "" : "split"}>
      <section class="objects" aria-label="Objects">
        <${Filters} rows=${live.rows} chosen=${chosen} choose=${setChosen} shown=${rows.length} />
        <${List} rows=${rows} current=${place.key} isLoading=${live.isLoading} />
      </section>
      <${Panel} place=${place} live=${live} />
    </main>
  `;
}

function Top({ live, isRepairs }: { live: Live; isRepairs: boolean }): VNode {
  const { about } = live;
  const where = about.namespaces === "all" ? "all namespaces" : `namespace ${about.namespaces.join(", ")}`;
  return html`
    <header>
      <h1>Databricks objects</h1>
      <p class="where">${about.server === "" ? "" : html`${where} of <bdi>${about.server}</bdi>`}</p>
      <nav aria-label="Views">
        <a href="#/" aria-current=${isRepairs ? undefined : "page"}>Objects</a>
        <a href="#/repairs" aria-current=${isRepairs ? "page" : undefined}>Repairs</a>
      </nav>
      <p class=${`link ${live.isLive ? "on" : "off"}`} role="status">${live.isLive
        ? "live"
        : "not connected: is the command still running?"}</p>
    </header>
    <p class="visually-hidden" aria-live="polite">${live.news}</p>
    ${about.notes.length > 0 &&
      html`<ul class="notes">${about.notes.map((note) => html`<li><bdi>${note}</bdi></li>`)}</ul>`}
  `;
}

/** `/` focuses the search, and Escape closes the panel beside the list. */
function useKeys(): void {
  const isSet = useRef(false);
  useEffect(() => {
    if (isSet.current) return;
    isSet.current = true;
    browser.addEventListener("keydown", (event) => {
      const { tagName } = browser.document.activeElement ?? {};
      if (event.key === "Escape" && browser.location.hash.length > 2) browser.location.hash = "#/";
      if (event.key !== "/" || ["INPUT", "SELECT"].includes(tagName ?? "")) return;
      event.preventDefault();
      browser.document.querySelector("input[type=search]")?.focus();
    });
  }, []);
}

const root = browser.document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(html`<${App} />`, root);
}
