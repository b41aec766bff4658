/** The READMEs of the stand-ins list their judges; `deno task judges` rewrites the tables. */
import assert from "node:assert/strict";
import { clients, countOf, countsIn, partsOf, tableOf } from "./table.ts";

for (const [file, all] of Object.entries(clients)) {
  Deno.test(`${file} names every client and its checks, all of which passed`, async () => {
    const { table } = partsOf(await Deno.readTextFile(file));
    const counts = countsIn(table);
    const expected = tableOf(all, ({ name, checks }) => {
      const { checks: counted = 0 } = counts.get(name) ?? {};
      return { checks: checks ?? counted, passed: checks ?? counted };
    });
    const bare = (text: string) => text.replace(/[ -]+/g, " ").trim();
    assert.equal(bare(table), bare(expected), "to count again: deno task judges");
    assert.ok([...counts.values()].every(({ checks }) => checks > 0));
  });
}

Deno.test("failed and skipped checks do not count as passed", () => {
  const client = { name: "kubectl", about: "a session", isTest: () => true };
  const results = [
    { file: "a_test.ts", name: "kubectl", hasPassed: false },
    { file: "a_test.ts", name: "kubectl > get", hasPassed: true },
    { file: "a_test.ts", name: "kubectl > apply", hasPassed: false },
  ];
  assert.deepEqual(countOf(client, results), { checks: 2, passed: 1 });
  assert.deepEqual(countOf({ ...client, checks: 3 }, results), { checks: 3, passed: 1 });
});
