/** A run of tests whose runtime panics: it says nothing about the tests. */
import assert from "node:assert/strict";
import { countResults } from "./support/junit.ts";
import { runTests } from "./support/test_run.ts";

/** A test that ends its runtime as a panic does, as often as `times` says. (`Deno.stderr` would be the test's output.) */
async function panicking(times: number): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/panicking_test.ts`;
  const marks = Array.from({ length: times }, (_, index) => `${folder}/${index}`);
  await Deno.writeTextFile(
    path,
    `Deno.test("a test that passes", () => {
  for (const mark of ${JSON.stringify(marks)}) {
    try { Deno.statSync(mark); } catch {
      Deno.writeTextFileSync(mark, "");
      Deno.writeTextFileSync("/dev/stderr", "Deno has panicked\\n", { append: true });
      Deno.kill(Deno.pid, "SIGKILL");
    }
  }
});`,
  );
  return path;
}

for (const [times, passed] of [[0, 1], [1, 1], [2, 0]] as const) {
  Deno.test(`tests whose runtime panics ${times} times are ${passed ? "run to their end" : "not called passed"}`, async () => {
    const { success, xml } = await runTests({ args: [await panicking(times)], env: {}, heading: "of a run in a test" });
    assert.equal(success, passed === 1);
    assert.equal(countResults(xml).passed, passed);
  });
}
