/** A run of tests with a panicking runtime, which says nothing about the tests. */
import assert from "node:assert/strict";
import { countResults } from "./support/junit.ts";
import { runTests } from "./support/test_run.ts";

/**
 * Writes a test that ends its runtime like a panic or a crash, `times` times. (`Deno.stderr` would be the test's
 * output.)
 */
async function panicking(times: number, end: "panic" | "crash"): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/panicking_test.ts`;
  const marks = Array.from({ length: times }, (_, index) => `${folder}/${index}`);
  await Deno.writeTextFile(
    path,
    `Deno.test("a test that passes", () => {
  for (const mark of ${JSON.stringify(marks)}) {
    try { Deno.statSync(mark); } catch {
      Deno.writeTextFileSync(mark, "");
      ${end === "panic" ? 'Deno.writeTextFileSync("/dev/stderr", "Deno has panicked\\n", { append: true });' : ""}
      Deno.kill(Deno.pid, ${end === "panic" ? '"SIGKILL"' : '"SIGABRT"'});
      // The signal may arrive a moment later.
      for (;;);
    }
  }
});`,
  );
  return path;
}

for (const [times, passed] of [[0, 1], [1, 1], [2, 0]] as const) {
  for (const end of ["panic", "crash"] as const) {
    const what = passed ? "run to their end" : "not called passed";
    Deno.test(`tests whose runtime ends in a ${end} ${times} times are ${what}`, async () => {
      const args = [await panicking(times, end)];
      const { success, xml } = await runTests({ args, env: {}, heading: "of a run in a test" });
      assert.equal(success, passed === 1);
      assert.equal(countResults(xml).passed, passed);
    });
  }
}
