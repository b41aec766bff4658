/**
 * `deno task release:notes 1.2.3`: prints a version's section of the changelog, for its release.
 *
 * @module
 */
import { sectionOf } from "./changelog.ts";

if (import.meta.main) {
  const [version = ""] = Deno.args;
  const section = sectionOf(await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url)), version);
  if (!section) {
    console.error(`CHANGELOG.md has no section for "${version}"`);
    Deno.exit(1);
  }
  console.log(section);
}
