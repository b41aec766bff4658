/**
 * The files of the page of `ui`, as a module for the binary: `src/commands/ui/page_files.ts`.
 *
 * @module
 */
const ROOT = new URL("../", import.meta.url);
/** The folder of the page's sources. */
const PAGE = "src/commands/ui/page/";
/** The generated module. */
const FILE = "src/commands/ui/page_files.ts";
/** The page's script, relative to the root. */
export const PAGE_SCRIPT = `${PAGE}main.ts`;

const HEAD = `/**
 * The files of the page, by their paths. Written by \`deno task generate\` from \`page/\`; do not edit.
 *
 * @module
 */
`;

/** The module's path and text. The script is bundled and minified; the other files are unchanged. */
export async function pageFiles(): Promise<ReadonlyMap<string, string>> {
  const text = (name: string) => Deno.readTextFile(new URL(PAGE + name, ROOT));
  const files: [path: string, type: string, text: string][] = [
    ["", "text/html; charset=utf-8", await text("index.html")],
    ["page.css", "text/css; charset=utf-8", await text("page.css")],
    ["page.js", "text/javascript; charset=utf-8", await bundled()],
    ["icon.svg", "image/svg+xml", await text("icon.svg")],
  ];
  const entries = files.map(([path, type, text]) =>
    `  [${JSON.stringify(path)}, ${JSON.stringify({ type, text })}],\n`
  );
  const type = "ReadonlyMap<string, { readonly type: string; readonly text: string }>";
  return new Map([[FILE, `${HEAD}export const PAGE_FILES: ${type} = new Map([\n${entries.join("")}]);\n`]]);
}

async function bundled(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--platform", "browser", PAGE_SCRIPT],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${PAGE_SCRIPT}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
