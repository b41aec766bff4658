import assert from "node:assert/strict";
import { doubts } from "../mock/databricks/doubts.ts";
import { doubtsFiles, toDoubts } from "./doubts.ts";
import { stale } from "./generate.ts";

Deno.test("docs/doubts.md and the type of a setting are up to date with deno task generate", async () => {
  assert.deepEqual(await stale(await doubtsFiles()), []);
});

Deno.test("docs/doubts.md has every doubt once, with its question, answers, source and tests", () => {
  const text = toDoubts((name) => name === "missingJob" ? ["tests/a_test.ts"] : []);
  for (const [name, { question, answers, source }] of Object.entries(doubts)) {
    assert.equal(text.split(`\n### ${name}\n`).length, 2, name);
    for (const part of [question, source, ...answers]) assert.ok(text.includes(part), part);
  }
  assert.match(text, /missingJob[\s\S]*?tests of its answers: `tests\/a_test\.ts`/);
});
