/** Links within the project's documents have a target, and the files named in docs/architecture.md exist. */
import assert from "node:assert/strict";
import { anchorsOf, brokenLinks, documents } from "../tools/release/links.ts";

for await (const document of documents()) {
  Deno.test(`links: those of ${document} resolve`, async () => {
    assert.deepEqual(await brokenLinks(document), []);
  });
}

Deno.test("links: the files that docs/architecture.md names exist", async () => {
  const text = await Deno.readTextFile("docs/architecture.md");
  const names = [...text.matchAll(/(?<![\w/.])((?:[a-z_]+\/)*[a-z_]+\.ts)\b/g)].map(([, name = ""]) => name);
  assert.ok(names.length > 25);
  for (const name of names) assert.ok((await Deno.stat(`src/${name}`)).isFile, name);
});

Deno.test("links: anchors follow GitHub's rules", () => {
  const text = "# A `code` & more\n## Twice\n## Twice\n```sh\n# no heading\n```\n## What's there?\n";
  assert.deepEqual([...anchorsOf(text)], ["a-code--more", "twice", "twice-1", "whats-there"]);
});
