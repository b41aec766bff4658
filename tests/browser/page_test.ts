/** The page of `ui` in a real browser. */
import assert from "node:assert/strict";
import { browse, browserTest, type Browsing } from "../support/browser.ts";
import { notReady, PageWorld, READY, viewer } from "../support/page.ts";
import { eventually, problem } from "../support/waiting.ts";

const job = (name: string) => ({ job: { settings: { name, tasks: [] } } });

/** Serves a page with three jobs, one of them not Ready. */
async function small(world: PageWorld): Promise<string> {
  await world.put("DatabricksJob", "etl", { spec: job("etl"), status: READY });
  await world.put("DatabricksJob", "nightly", { spec: job("nightly"), status: READY });
  await world.put("DatabricksJob", "broken", {
    spec: job("broken"),
    status: notReady("PermissionDenied", "the principal may not edit it"),
  });
  return (await world.serve("viewer", viewer())).url;
}

/** Checks at the end of every test that no script failed or was blocked, and nothing was fetched from elsewhere. */
function clean({ asked, troubles }: Browsing, url: string): void {
  assert.deepEqual(troubles, []);
  const { origin } = new URL(url);
  assert.ok(asked.length > 2);
  assert.deepEqual(asked.filter((address) => !address.startsWith(`${origin}/`)), []);
}

browserTest(
  "page: objects are grouped by state with their reasons, and filtered by search, state and kind",
  async () => {
    await using world = await PageWorld.start();
    const url = await small(world);
    await using browsing = await browse();
    const page = await browsing.open(url);
    const rows = page.getByRole("table", { name: "Objects by state" }).locator(".rows").getByRole("row");
    await rows.nth(2).waitFor();
    assert.match(
      await rows.nth(0).innerText(),
      /^Not ready\s+broken\s+DatabricksJob\s+team\s+PermissionDenied the principal/,
    );
    await page.getByLabel("Search").fill("NIGHT job");
    assert.equal(await rows.count(), 1);
    assert.match(await rows.nth(0).innerText(), /nightly/);
    assert.equal(await page.locator(".count").innerText(), "1 of 3 objects");
    await page.getByLabel("Search").fill("");
    await page.getByRole("button", { name: /^Not ready/ }).click();
    assert.equal(await rows.count(), 1);
    await page.getByRole("button", { name: /^All/ }).click();
    await page.getByLabel("Kind").selectOption("DatabricksJob");
    assert.equal(await rows.count(), 3);
    clean(browsing, url);
  },
);

browserTest(
  "page: with the keyboard alone an object is found, opened, read and closed, and the focus is never lost",
  async () => {
    await using world = await PageWorld.start();
    const url = await small(world);
    await using browsing = await browse();
    const page = await browsing.open(url);
    await page.getByRole("link", { name: "nightly" }).waitFor();
    const focused = () => page.evaluate("document.activeElement.textContent || document.activeElement.tagName");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate("document.activeElement.type"), "search");
    await page.keyboard.type("databricks");
    const reached: unknown[] = [];
    for (let i = 0; i < 8 && !reached.includes("broken"); i++) {
      await page.keyboard.press("Tab");
      reached.push(await focused());
    }
    assert.ok(reached.includes("broken"), `Tab reaches the first row: ${reached.join(", ")}`);
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "etl");
    await page.keyboard.press("End");
    assert.equal(await focused(), "nightly");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    assert.equal(outline, "solid", "the focus is visible");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "DatabricksJob team/nightly" }).waitFor();
    assert.equal(await focused(), "DatabricksJob team/nightly", "the panel has the focus");
    await page.getByText("ReconcileSuccess").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "DatabricksJob team/nightly" }).waitFor({ state: "detached" });
    assert.equal(await focused(), "nightly", "the row has the focus again");
    await page.goto(`${url}#/DatabricksJob/team/broken`);
    await page.getByRole("heading", { name: "DatabricksJob team/broken" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "DatabricksJob team/broken" }).waitFor({ state: "detached" });
    assert.equal(await focused(), "broken", "the row of the last object has the focus");
    clean(browsing, url);
  },
);

browserTest("page: a change arrives without a reload, and is announced", async () => {
  await using world = await PageWorld.start();
  const url = await small(world);
  await using browsing = await browse();
  const page = await browsing.open(`${url}#/DatabricksJob/team/etl`);
  await page.getByText("ReconcileSuccess").waitFor();
  await world.setStatus("DatabricksJob", "etl", notReady("RateLimited", "too many requests"));
  await page.locator(".conditions").getByText("too many requests").first().waitFor();
  await page.locator("[aria-live=polite]").getByText("DatabricksJob team/etl: Not ready, RateLimited").waitFor({
    state: "attached",
  });
  assert.equal(await page.getByRole("button", { name: /^Not ready/ }).innerText(), "Not ready 2");
  clean(browsing, url);
});

browserTest("page: 5,000 objects scroll, with few rows in the document", async () => {
  await using world = await PageWorld.start();
  const made = Array.from({ length: 5000 }, (_, index) => `job-${String(index).padStart(4, "0")}`);
  for (let start = 0; start < made.length; start += 100) {
    await Promise.all(
      made.slice(start, start + 100).map((name) => world.put("DatabricksJob", name, { spec: job(name) })),
    );
  }
  const { url } = await world.serve("viewer", viewer());
  await using browsing = await browse();
  const page = await browsing.open(url);
  await page.getByRole("link", { name: "job-0000" }).waitFor();
  const nodes = () => page.evaluate<number>("document.querySelectorAll('*').length");
  assert.ok(await nodes() < 600, `${await nodes()} elements`);
  await page.locator(".list").evaluate((list: { scrollTop: number; scrollHeight: number }) => {
    list.scrollTop = list.scrollHeight / 2;
  });
  await page.getByRole("link", { name: "job-2500" }).waitFor();
  await page.locator(".list").evaluate((list: { scrollTop: number; scrollHeight: number }) => {
    list.scrollTop = list.scrollHeight;
  });
  await page.getByRole("link", { name: "job-4999" }).waitFor();
  assert.ok(await nodes() < 600, `${await nodes()} elements`);
  await page.getByRole("link", { name: "job-4999" }).focus();
  await page.keyboard.press("Home");
  await eventually("the first row has the focus", async () => {
    const text = await page.evaluate<string>("document.activeElement.textContent");
    return text === "job-0000" || problem(text);
  });
  clean(browsing, url);
});

browserTest("page: hostile names and messages are shown, and none of them is executed", async () => {
  await using world = await PageWorld.start();
  const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script>\u202e${"y".repeat(10_000)}`;
  await world.put("DatabricksJob", "etl", {
    spec: { job: { settings: { name: hostile, tasks: [] } } },
    status: {
      ...notReady("InvalidSpec", hostile),
      url: "javascript:alert(3)",
      plan: {
        digest: "0123456789abcdef",
        action: hostile,
        cause: hostile,
        summary: hostile,
        changes: [{ path: hostile, to: hostile }],
      },
    },
  });
  const run = {
    phase: hostile,
    url: "data:text/html,<script>alert(4)</script>",
    tasks: [{ key: hostile, error: hostile }],
  };
  await world.put("DatabricksRun", "etl-1", { spec: { job_ref: { name: "etl" } }, status: run });
  const { url } = await world.serve("viewer", viewer());
  await using browsing = await browse();
  const page = await browsing.open(`${url}#/DatabricksJob/team/etl`);
  await page.getByRole("heading", { name: "Waits for an approval" }).waitFor();
  await page.locator(".conditions").getByText("<img src=x onerror=alert(1)>").first().waitFor();
  await page.getByText("Manifest (spec)").click();
  await page.goto(`${url}#/DatabricksRun/team/etl-1`);
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await page.goto(`${url}#/%3Cimg src=x onerror=alert(5)%3E/team/x`);
  await page.getByText("This object is gone.").waitFor();
  assert.equal(await page.locator("#app img, #app script, #app iframe").count(), 0);
  const links = await page.locator("a").evaluateAll((all: { href: string }[]) => all.map(({ href }) => href));
  assert.deepEqual(links.filter((href) => !/^https?:/.test(href)), []);
  // The browser reports the 404 for the missing object.
  const troubles = browsing.troubles.filter((text) => !text.includes("404"));
  assert.deepEqual(troubles, []);
});

browserTest("page: it is light or dark like the reader's system", async () => {
  await using world = await PageWorld.start();
  const url = await small(world);
  await using browsing = await browse();
  const shots = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browsing.open(url, { colorScheme });
    await page.getByRole("link", { name: "nightly" }).waitFor();
    const color = await page.evaluate<string>("getComputedStyle(document.getElementById('app')).backgroundColor");
    shots.push({ color, png: await page.screenshot() });
  }
  const [light, dark] = shots;
  assert.notEqual(light?.color, dark?.color);
  assert.notDeepEqual(light?.png, dark?.png);
  clean(browsing, url);
});

browserTest("page: a user who may not list all namespaces sees only the own one, with a note", async () => {
  await using world = await PageWorld.start(["team", "other"]);
  await world.put("DatabricksJob", "etl", { spec: job("etl"), status: READY });
  await world.put("DatabricksJob", "foreign", { spec: job("foreign"), status: READY, namespace: "other" });
  const { url } = await world.serve("member", viewer(["team"]));
  await using browsing = await browse();
  const page = await browsing.open(url);
  await page.getByRole("link", { name: "etl" }).waitFor();
  await page.getByText('You may not list the objects of all namespaces, so this shows namespace "team" only').waitFor();
  assert.equal(await page.getByText("foreign").count(), 0);
  clean(browsing, url);
});

browserTest(
  "page: a plan shows each value before and after, and Repairs shows reverted changes as they happen",
  async () => {
    await using world = await PageWorld.start();
    const plan = {
      ...{ digest: "0123456789abcdef", action: "update", cause: "manifest", since: "2026-01-01T00:00:00Z" },
      ...{ summary: "update: name", total: 1, changes: [{ path: "name", from: '"before"', to: '"after"' }] },
    };
    const etl = await world.put("DatabricksJob", "etl", { spec: job("etl"), status: { ...READY, plan } });
    const { url } = await world.serve("viewer", viewer());
    await using browsing = await browse();
    const page = await browsing.open(`${url}#/DatabricksJob/team/etl`);
    const row = page.getByRole("row", { name: /^name/ });
    assert.deepEqual((await row.innerText()).split(/\s+/), ["name", '"before"', '"after"']);
    await page.getByText(
      "kubectl annotate --overwrite databricksjob etl -n team databricks-operator/approve=0123456789abcdef",
    ).waitFor();
    await page.getByRole("link", { name: "Repairs" }).click();
    await page.getByText("None.").waitFor();
    await world.tell(etl, "DriftCorrected", "set back name from a to b");
    const repair = page.getByRole("listitem").filter({ hasText: "set back name from a to b" });
    await repair.getByRole("link", { name: "DatabricksJob/team/etl" }).click();
    await page.getByRole("heading", { name: "Repairs" }).waitFor();
    await page.getByRole("heading", { name: "Waits for an approval" }).waitFor();
    clean(browsing, url);
  },
);

browserTest("page: when the command has ended, the page says so, and keeps its contents", async () => {
  await using world = await PageWorld.start();
  const url = await small(world);
  await using browsing = await browse();
  const page = await browsing.open(url);
  await page.getByRole("link", { name: "nightly" }).waitFor();
  await world.endPages();
  await page.getByRole("status").getByText("not connected: is the command still running?").waitFor();
  assert.equal(await page.getByRole("link", { name: "nightly" }).count(), 1);
});

Deno.test("page: its pictures in docs/images are small", async () => {
  const folder = new URL("../../docs/images/", import.meta.url);
  const sizes = await Array.fromAsync(Deno.readDir(folder), async ({ name }) => {
    return { name, bytes: (await Deno.stat(new URL(name, folder))).size };
  });
  assert.ok(sizes.length >= 2);
  assert.deepEqual(sizes.filter(({ bytes }) => bytes > 200_000), []);
});
