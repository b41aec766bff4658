/** The JSR package as a Deno project gets it: packed, linked, and used by that project's tests. */
import assert from "node:assert/strict";
import { copyPackage, publishDry } from "../support/jsr_package.ts";

const here = new URL("./", import.meta.url);

async function testIn(project: string, args: readonly string[] = []): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...args],
    cwd: project,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `${text}\n${new TextDecoder().decode(stderr)}`.slice(-6000));
  return text;
}

Deno.test("a Deno project tests its manifests with the package, without flags, and each test shows its own output", async () => {
  const project = await Deno.makeTempDir({ prefix: "consumer-" });
  const { files } = await publishDry();
  await copyPackage(files, `${project}/package`);
  for (const file of ["deno.json", "consumer_test.ts"]) {
    await Deno.copyFile(new URL(`deno/${file}`, here), `${project}/${file}`);
  }
  const report = await testIn(project);
  assert.match(report, /^ok \| 6 passed \| 0 failed/m);
  for (const name of ["nightly", "hourly", "weekly"]) {
    const own = new RegExp(
      `^${name} becomes a job \\.\\.\\.\n-+ output -+\nthis is printed by ${name}\n-+ output end`,
      "m",
    );
    assert.match(report, own);
  }
  await Deno.remove(project, { recursive: true });
});

Deno.test("a project beside a checkout links it, and needs no package", async () => {
  const project = await Deno.makeTempDir({ prefix: "consumer-" });
  const config = JSON.parse(await Deno.readTextFile(new URL("deno/deno.json", here)));
  config.links = [new URL("../../", here).pathname];
  await Deno.writeTextFile(`${project}/deno.json`, JSON.stringify(config));
  await Deno.copyFile(new URL("deno/consumer_test.ts", here), `${project}/consumer_test.ts`);
  assert.match(await testIn(project, ["--no-check"]), /^ok \| 6 passed \| 0 failed/m);
  await Deno.remove(project, { recursive: true });
});
