/**
 * THIRD_PARTY.md: the packages in the binary, and their licences.
 *
 * @module
 */
import type { Dependency } from "./dependencies.ts";

/** The licences that allow everything that the project's own licence allows. */
const ACCEPTED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"];

/**
 * Generates the text of THIRD_PARTY.md. The texts of licences follow the table, each only once.
 *
 * @throws if a package has a licence that is not in the list.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toThirdParty } from "./third_party.ts";
 *
 * const a = { name: "a", version: "1.0.0", license: "MIT", texts: ["Do."], integrity: "sha512-", uses: [] };
 * assert.match(toThirdParty([a, { ...a, name: "b" }]), /## a 1\.0\.0, b 1\.0\.0\n/);
 * assert.throws(() => toThirdParty([{ ...a, license: "GPL-3.0-only" }]), /a 1\.0\.0 .* GPL-3\.0-only/);
 * ```
 */
export function toThirdParty(dependencies: readonly Dependency[]): string {
  for (const { name, version, license } of dependencies) {
    if (ACCEPTED.includes(license)) continue;
    throw new Error(
      `Package ${name} ${version} has the license ${license}, which tools/third_party.ts does not list`,
    );
  }
  const rows = dependencies.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  const users = Map.groupBy(dependencies.flatMap(textsOf), ([text]) => text);
  const texts = [...users].map(([text, pairs]) =>
    `## ${[...new Set(pairs.map(([, user]) => user))].join(", ")}\n\n\`\`\`text\n${text}\n\`\`\`\n`
  );
  return [HEAD, ["| Package | Version | License |", "| --- | --- | --- |", ...rows].join("\n") + "\n", ...texts].join(
    "\n",
  );
}

const HEAD = `# Third-party software in the binary

Written by \`deno task generate\`; do not edit. Packages for tests and tools are not in the binary, and not here. The binary
also contains the [Deno](https://github.com/denoland/deno) runtime (MIT), whose own third-party software its sources list.
`;

function textsOf({ name, version, license, texts }: Dependency): [text: string, user: string][] {
  const known = texts.length > 0 ? texts : [`Its package names the license ${license} without its text.`];
  return known.map((text) => [text, `${name} ${version}`]);
}
