/** docs/compatibility.md names only existing tests. */
import assert from "node:assert/strict";

const rows = (await Deno.readTextFile("docs/compatibility.md")).split("\n")
  .map((line) => line.match(/^\|\s*(\d+)\s*\|.*\|\s*`(.+)` in (\w+_test\.ts)\s*\|$/))
  .filter((match) => match !== null);

/** The folders of tests outside tests/cluster. */
const folders: Record<string, string> = {
  "other_crds_test.ts": "server",
  "chart_test.ts": "chart",
  "server_test.ts": "chart",
  "migration_test.ts": "chart",
  "new_kind_test.ts": ".",
};

Deno.test("every promise of the predecessor has a test of that name", async () => {
  assert.ok(rows.length > 40);
  for (const [, promise, name = "", file = ""] of rows) {
    const folder = folders[file] ?? "cluster";
    const text = await Deno.readTextFile(`tests/${folder}/${file}`);
    assert.ok(text.includes(name), `promise ${promise}: ${file} has no test "${name}"`);
  }
});

Deno.test("every promise is covered", () => {
  const promises = new Set(rows.map(([, promise]) => Number(promise)));
  assert.deepEqual([...promises].sort((a, b) => a - b), Array.from({ length: 18 }, (_, index) => index + 1));
});
