import assert from "node:assert/strict";
import { ENVIRONMENT } from "./permissions.ts";

/** The text of all files below a folder, tests left out. */
async function* texts(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* texts(new URL(`${name}/`, folder));
    else if (/(?<!_test|_fake)\.ts$/.test(name)) yield await Deno.readTextFile(new URL(name, folder));
  }
}

Deno.test("every environment variable that the operator reads is one that the binary may read", async () => {
  const read = new Set<string>();
  for await (const text of texts(new URL("../", import.meta.url))) {
    for (const [, name = ""] of text.matchAll(/\benv(?:\.get)?\(\s*"([A-Z_]+)"/g)) read.add(name);
  }
  assert.ok(read.has("KUBECONFIG"), "the search finds what is known to be read");
  assert.deepEqual([...read].filter((name) => !ENVIRONMENT.includes(name)), []);
});
