/**
 * Tests in a real browser: Chromium, driven by playwright-core.
 *
 * @module
 */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { isInstalled } from "./programs.ts";

/** The browser's program: `CHROMIUM_BINARY`, or Chromium on the PATH; `undefined` if there is none. */
function programOf(): string | undefined {
  const named = Deno.env.get("CHROMIUM_BINARY");
  if (named) return named;
  const found = ["chromium", "chromium-browser", "google-chrome"].find(isInstalled);
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => `${folder}/${found}`).find((path) => found !== undefined && isFile(path));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The longest wait for a page's content (ms). */
const PATIENCE = 60_000;

/** A browser, and a record of what its pages did. */
export interface Browsing extends AsyncDisposable {
  /** Opens a page in a context of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** The addresses that its pages requested. */
  readonly asked: readonly string[];
  /** Script errors, violations of the Content-Security-Policy, and dialogs. */
  readonly troubles: readonly string[];
}

/** Starts a browser. @throws if there is none. */
export async function browse(): Promise<Browsing> {
  const executablePath = programOf();
  if (executablePath === undefined) throw new Error("There is no chromium: set CHROMIUM_BINARY");
  // Chromium's own sandbox needs privileges that a container does not have.
  const browser: Browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const [asked, troubles, contexts]: [string[], string[], BrowserContext[]] = [[], [], []];
  return {
    asked,
    troubles,
    async open(url, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      contexts.push(context);
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => troubles.push(error.message));
      page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
      page.on("dialog", (dialog) => {
        troubles.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

/** Registers a test that needs a browser. */
export function browserTest(name: string, fn: () => Promise<void>): void {
  const ignore = programOf() === undefined;
  // The library keeps timers running.
  const options = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({
    name: ignore ? `${name} (needs chromium on the PATH, or CHROMIUM_BINARY)` : name,
    ignore,
    fn,
    ...options,
  });
}
