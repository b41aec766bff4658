/** A second look at real tests that fail at first: a plain one, and one with a failing step. */
import assert from "node:assert/strict";
import { failures } from "./support/junit.ts";
import { passedAlone } from "./support/second_look.ts";
import { runTests } from "./support/test_run.ts";

/** Tests that fail only in their first run, and one that always fails. */
async function unsteadyTests(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/unsteady_test.ts`;
  await Deno.writeTextFile(
    path,
    `function failAtFirst(mark) {
  try { Deno.statSync("${folder}/" + mark); } catch {
    Deno.writeTextFileSync("${folder}/" + mark, "");
    throw new Error("not yet");
  }
}
Deno.test("a plain one (of two)", () => failAtFirst("plain"));
Deno.test("one with steps", async (test) => {
  await test.step("that passes", () => {});
  await test.step("that fails at first", () => failAtFirst("step"));
});
Deno.test("one that fails always", () => { throw new Error("never"); });`,
  );
  return path;
}

Deno.test("a failed test counts as passed if it passes at a second look, and as failed otherwise", async () => {
  const args = [await unsteadyTests()];
  const first = await runTests({ args, env: {}, heading: "of a run in a test" });
  const passed = await passedAlone(failures(first.xml), { args, env: {} });
  assert.deepEqual(passed.map(({ name }) => name).sort(), [
    "a plain one (of two)",
    "one with steps",
    "one with steps > that fails at first",
  ]);
});
