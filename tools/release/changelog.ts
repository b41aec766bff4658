/**
 * Sections of a changelog in the format of https://keepachangelog.com.
 *
 * @module
 */

/**
 * The text below a version's heading, such as `## 1.2.3 - 2026-01-31`; `undefined` if there is no such heading.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sectionOf } from "./changelog.ts";
 *
 * const text = "# Changelog\n\n## Unreleased\n\n## [1.0.0] - 2026-01-31\n\n- All of it.\n";
 * assert.equal(sectionOf(text, "1.0.0"), "- All of it.");
 * assert.equal(sectionOf(text, "Unreleased"), "");
 * assert.equal(sectionOf(text, "1.0.1"), undefined);
 * ```
 */
export function sectionOf(changelog: string, version: string): string | undefined {
  for (const section of changelog.split(/^## /m).slice(1)) {
    const [heading = "", ...lines] = section.split("\n");
    if (heading.match(/^\[?([^\]\s]+)\]?/)?.[1] === version) return lines.join("\n").trim();
  }
}

/** Returns the changelog's problems: a release needs a section for its version; otherwise, Unreleased also counts. */
export function changelogProblems(changelog: string, { version, isRelease }: {
  version: string;
  isRelease: boolean;
}): string[] {
  const names = isRelease ? [version] : [version, "Unreleased"];
  if (names.some((name) => sectionOf(changelog, name))) return [];
  return [
    `CHANGELOG.md has no section "## ${version} - YYYY-MM-DD" with content${
      isRelease ? "" : ', and none "## Unreleased"'
    }`,
  ];
}
