/**
 * Checks links in the project's documents.
 *
 * @module
 */

/** Folders that are not part of the project, or contain no documents. */
const SKIPPED = /^(\.git|\.cache|dist|node_modules)$/;

/** The paths of all Markdown files, relative to the project's root. */
export async function* documents(folder = "."): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && !SKIPPED.test(name)) yield* documents(path);
    else if (name.endsWith(".md")) yield path;
  }
}

/** The broken links of a document: those to a missing file or to a missing heading. */
export async function brokenLinks(document: string): Promise<string[]> {
  const text = withoutCode(await Deno.readTextFile(document));
  const broken: string[] = [];
  for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^(https?|mailto):/.test(link) && !await resolves(document, link)) broken.push(link);
  }
  return broken;
}

async function resolves(document: string, link: string): Promise<boolean> {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? document : new URL(path, `file:///${document}`).pathname.slice(1);
  try {
    if (anchor === undefined) return (await Deno.stat(target)) !== undefined;
    return anchorsOf(await Deno.readTextFile(target)).has(anchor);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * The anchors of a document: those of headings, in GitHub's format, and explicit ones (`<a id="…">`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { anchorsOf } from "./links.ts";
 *
 * assert.ok(anchorsOf("## Flags of `run`\n").has("flags-of-run"));
 * ```
 */
export function anchorsOf(text: string): Set<string> {
  const set = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id);
  const anchors = new Set<string>(set);
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const base = heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    let anchor = base;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "");
}
