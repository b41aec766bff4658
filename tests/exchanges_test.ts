/**
 * The requests and answers of each kind's lifecycle are recorded in `tests/exchanges/*.http`, so that a change shows up
 * in review. `UPDATE_EXCHANGES=1` (or `-- --update`) rewrites the files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAtOnce, type Resource } from "../src/resource.ts";
import { resources } from "../src/resources/mod.ts";
import { recordLifecycle } from "./support/exchanges.ts";

const folder = new URL("exchanges/", import.meta.url);
const isUpdate = Deno.env.get("UPDATE_EXCHANGES") === "1" || Deno.args.includes("--update");

for (const resource of resources) {
  Deno.test(`exchanges: ${resource.kind} says what is written in ${fileOf(resource)}`, async () => {
    const text = await recordLifecycle(resource, exampleOf(resource));
    const file = new URL(fileOf(resource), folder);
    if (isUpdate) await Deno.writeTextFile(file, text);
    const written = await Deno.readTextFile(file).catch(() => "");
    assert.equal(text, written, "set UPDATE_EXCHANGES=1 to write the new exchange, and review it");
  });

  Deno.test(`exchanges: ${resource.kind} is written down in the same words twice, and without secrets`, async () => {
    const example = exampleOf(resource);
    const text = await recordLifecycle(resource, example);
    assert.equal(await recordLifecycle(resource, example), text);
    for (const secret of ["token-of-the-test", ...Object.values(example.secret ?? {})]) {
      assert.ok(!text.includes(`"${secret}"`) && !text.includes(` ${secret}`), `${secret} is masked`);
    }
    assert.doesNotMatch(text, /\d{13}/);
  });
}

Deno.test("exchanges: every file belongs to a kind", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) files.push(name);
  assert.deepEqual(files.sort(), resources.map(fileOf).sort());
});

/**
 * The most instructive example: the one with permissions or grants, which is the last, or else the first editable one.
 */
function exampleOf({ examples, parts }: Resource) {
  if (parts !== undefined && isAtOnce(parts)) return examples.at(-1)!;
  return examples.find(({ edited }) => edited !== undefined) ?? examples[0]!;
}

function fileOf({ kind }: Resource): string {
  return `${kind.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_").toLowerCase()}.http`;
}
