/** The test in docs/testing.md runs unchanged. */
import assert from "node:assert/strict";

Deno.test("the guide's test of a manifest runs, and passes", async () => {
  const guide = await Deno.readTextFile("docs/testing.md");
  const code = guide.match(/```ts ignore\n([\s\S]*?)```/)?.[1] ?? "";
  assert.ok(code.trim().split("\n").length <= 15, "fifteen lines are enough");
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  await Deno.writeTextFile(file, code.replaceAll("../tests/", new URL("./", import.meta.url).href));
  const { code: status, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--config", "deno.json", file],
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  await Deno.remove(file);
  const text = new TextDecoder().decode(stdout);
  assert.equal(status, 0, text);
  assert.match(text, /1 passed/);
});
