/** Tests the help of the campaign. */
import assert from "node:assert/strict";
import { stories } from "./stories.ts";

Deno.test("--help prints every option and every story of the campaign, and plays nothing", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "--no-check", "tests/faults/main.ts", "--help"],
  }).output();
  const help = new TextDecoder().decode(stdout);
  const source = await Deno.readTextFile(new URL("main.ts", import.meta.url));
  const [, declared = ""] = /^const options = \{\n([^]*?)\n\} as const;/m.exec(source) ?? [];
  const options = [...declared.matchAll(/^ {2}"?([\w-]+)"?:/gm)].map(([, name]) => name).filter((name) =>
    name !== "help"
  );
  assert.equal(code, 0);
  assert.ok(options.length > 8, "the options are found in the source");
  for (const name of options) assert.match(help, new RegExp(`^  --${name} `, "m"));
  for (const { name } of stories) assert.ok(help.includes(name), name);
});
