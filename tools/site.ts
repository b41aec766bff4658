/**
 * `deno task site`: builds the documentation site into dist/site with MkDocs and Material for MkDocs, and fails on a
 * broken link. The documents are the repository's; a link to any other file leads to its source.
 *
 *     deno task site --repository https://github.com/OWNER/databricks-kube-operator
 *
 * @module
 */
import { parseArgs } from "node:util";
import { stringify } from "yaml";

const ROOT = new URL("../", import.meta.url);
/** The versions are pinned, like those of all dependencies. */
const GENERATOR = ["mkdocs-material==9.8.2", "mkdocs==1.6.1"];

/** Documents outside of docs/, and their names on the site. */
const OTHERS: Readonly<Record<string, string>> = {
  "README.md": "index.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md",
  "CHANGELOG.md": "changelog.md",
  "bench/RESULTS.md": "benchmarks.md",
  "charts/databricks-kube-operator/README.md": "chart.md",
  "mock/README.md": "mock.md",
};

/** The pages, in order. */
const NAV = [
  {
    Start: [
      "index.md",
      "tutorial.md",
      "connect.md",
      "practise.md",
      "adopt.md",
      "bundles.md",
      "migration.md",
      "which.md",
    ],
  },
  {
    Operate: [
      ...["chart.md", "operations.md", "review.md", "approve.md", "rights.md", "observability.md", "scaling.md"],
      ...["benchmarks.md", "gitops.md", "runs.md", "security.md"],
    ],
  },
  { "Look up": ["commands.md", "reference.md", "compatibility.md", "changelog.md"] },
  {
    Develop: [
      "testing.md",
      "mock.md",
      "architecture.md",
      "decisions.md",
      "doubts.md",
      "contributing.md",
      "dependencies.md",
    ],
  },
];

/** The names of documents on the site, by path in the repository. */
export async function pagesOf(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map(Object.entries(OTHERS));
  for await (const { name } of Deno.readDir(new URL("docs", ROOT))) {
    if (name.endsWith(".md")) pages.set(`docs/${name}`, name);
  }
  return pages;
}

/** Options of {@link rewritten}. */
export interface RewriteOptions {
  /** The path of the document in the repository. */
  readonly path: string;
  readonly pages: ReadonlyMap<string, string>;
  readonly repository: string;
}

/**
 * Rewrites the links of a document for the site.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { rewritten } from "./site.ts";
 *
 * const pages = new Map([["README.md", "index.md"], ["docs/runs.md", "runs.md"]]);
 * const to = (text: string) => rewritten(text, { path: "docs/runs.md", pages, repository: "https://git.example/r" });
 * assert.equal(to("[a](../README.md#kinds)"), "[a](index.md#kinds)");
 * assert.equal(to("[a](../examples/)"), "[a](https://git.example/r/blob/main/examples/)");
 * assert.equal(to("![a](images/x.svg)"), "![a](images/x.svg)");
 * ```
 */
export function rewritten(text: string, { path, pages, repository }: RewriteOptions): string {
  const target = (link: string) => {
    if (/^([a-z]+:|#)/.test(link)) return link;
    const { pathname, hash } = new URL(link, `file:///${path}`);
    const file = pathname.slice(1);
    if (file.startsWith("docs/images/")) return file.slice("docs/".length);
    const page = pages.get(file);
    return page === undefined ? `${repository}/blob/main/${file}${hash}` : `${page}${hash}`;
  };
  return text.replace(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${target(link)})`)
    .replace(/\b(src|srcset)="([^"]+)"/g, (_, name: string, link: string) => `${name}="${target(link)}"`);
}

function configuration(repository: string): string {
  return stringify({
    site_name: "databricks-kube-operator",
    site_description: "Manages Databricks from Kubernetes manifests",
    repo_url: repository,
    docs_dir: "docs",
    site_dir: "html",
    strict: true,
    nav: NAV,
    validation: {
      links: { not_found: "warn", anchors: "warn", unrecognized_links: "warn" },
      nav: { omitted_files: "warn" },
    },
    plugins: ["search"],
    theme: {
      name: "material",
      font: false,
      logo: "images/icon.svg",
      favicon: "images/icon.svg",
      features: ["navigation.tabs", "navigation.top", "content.code.copy", "search.suggest"],
      palette: [
        { media: "(prefers-color-scheme: light)", scheme: "default" },
        { media: "(prefers-color-scheme: dark)", scheme: "slate" },
      ],
    },
    markdown_extensions: ["tables", "sane_lists", "attr_list", "md_in_html", "SUPERFENCES", "TOC"],
  })
    .replace("- SUPERFENCES", SUPERFENCES).replace("- TOC", TOC);
}

/** YAML values that only Python can parse. */
const SUPERFENCES = `- pymdownx.superfences:
      custom_fences:
        - { name: mermaid, class: mermaid, format: !!python/name:pymdownx.superfences.fence_code_format }`;
/** Anchors in GitHub's format. */
const TOC = `- toc:
      permalink: true
      slugify: !!python/object/apply:pymdownx.slugs.slugify { kwds: { case: lower } }`;

/** Writes the sources of the site. */
async function prepare(folder: string, repository: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${folder}/docs/images`, { recursive: true });
  const pages = await pagesOf();
  for (const [path, name] of pages) {
    const text = rewritten(await Deno.readTextFile(new URL(path, ROOT)), { path, pages, repository });
    await Deno.writeTextFile(`${folder}/docs/${name}`, text);
  }
  for await (const { name } of Deno.readDir(new URL("docs/images", ROOT))) {
    await Deno.copyFile(new URL(`docs/images/${name}`, ROOT), `${folder}/docs/images/${name}`);
  }
  await Deno.writeTextFile(`${folder}/mkdocs.yml`, configuration(repository));
}

async function run(program: string, args: readonly string[], cwd?: string): Promise<boolean> {
  // Suppresses Material's advertisement for another generator.
  const env = { NO_MKDOCS_2_WARNING: "1", NO_COLOR: "1" };
  const command = new Deno.Command(program, { args: [...args], env, ...cwd !== undefined && { cwd }, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  if (!success) { for (const bytes of [stdout, stderr]) await Deno.stderr.write(bytes); }
  return success;
}

/** Installs the generator in its own environment below .cache. */
async function generator(): Promise<string> {
  const folder = new URL(".cache/site", ROOT).pathname;
  const program = `${folder}/bin/mkdocs`;
  const isThere = await Deno.readTextFile(`${folder}/generator`).catch(() => "") === GENERATOR.join();
  if (isThere) return program;
  const pip = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", ...GENERATOR];
  if (!await run("python3", ["-m", "venv", "--clear", folder]) || !await run(`${folder}/bin/pip`, pip)) {
    throw new Error("Cannot install MkDocs: it needs python3 with venv, and PyPI");
  }
  await Deno.writeTextFile(`${folder}/generator`, GENERATOR.join());
  return program;
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: { repository: { type: "string", default: "https://github.com/databricks-kube/databricks-kube-operator" } },
  });
  const folder = new URL("dist/site", ROOT).pathname;
  await prepare(folder, values.repository.replace(/\/$/, ""));
  const isBuilt = await run(await generator(), ["build", "--strict"], folder);
  console.log(isBuilt ? `wrote ${folder}/html` : "The site is not built");
  Deno.exit(isBuilt ? 0 : 1);
}
