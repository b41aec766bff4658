/**
 * Tables in Markdown, and the places in a page where generated text belongs.
 *
 * @module
 */

/**
 * A table.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { table } from "./markdown.ts";
 *
 * assert.equal(table(["Key", "What"], [["a|b", "c"]]), "| Key | What |\n| --- | --- |\n| a\\|b | c |");
 * ```
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * A page with other text between `<!-- name -->` and `<!-- end of name -->`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { filled } from "./markdown.ts";
 *
 * const page = "<!-- rows -->\nold\n<!-- end of rows -->\n";
 * assert.equal(filled(page, { rows: "new" }), "<!-- rows -->\n\nnew\n\n<!-- end of rows -->\n");
 * ```
 */
export function filled(page: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((text, [name, own]) => {
    const place = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- end of ${name} -->)`);
    return text.replace(place, (_, begin, end) => `${begin}\n${own}\n\n${end}`);
  }, page);
}
