/** The program as a plugin of kubectl, with the permissions of its user; and the plugins of k9s. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import config from "../deno.json" with { type: "json" };
import { personalFlags } from "../src/process/permissions.ts";
import { resources } from "../src/resources/mod.ts";
import { isInstalled } from "./support/programs.ts";

async function run([program = "", ...args]: readonly string[]): Promise<string> {
  const path = program === "deno" ? Deno.execPath() : program;
  const { stdout, stderr } = await new Deno.Command(path, { args, env: { NO_COLOR: "1" }, stdin: "null" }).output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

const asPlugin = "the program works as kubectl databricks, under whatever name it is called";
if (isInstalled("kubectl")) {
  Deno.test(asPlugin, async () => {
    const folder = await Deno.makeTempDir();
    const main = new URL("../src/main.ts", import.meta.url).pathname;
    const script = `#!/bin/sh\nexec "${Deno.execPath()}" run -qA --no-check "${main}" "$@"\n`;
    await Deno.writeTextFile(`${folder}/kubectl-databricks`, script, { mode: 0o755 });
    const path = `export PATH="${folder}:$PATH"\n`;
    assert.equal(await run(["bash", "--norc", "-euc", `${path}kubectl databricks version`]), `${config.version}\n`);
    await Deno.remove(folder, { recursive: true });
  });
} else Deno.test({ name: `${asPlugin} (needs kubectl on the PATH)`, ignore: true, fn: () => {} });

Deno.test("with the permissions of the plugin a kubeconfig may use an exec plugin", async () => {
  const folder = await Deno.makeTempDir();
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "t" },
  };
  await Deno.writeTextFile(
    `${folder}/sign-in`,
    `#!/bin/sh\ntouch "${folder}/called"\necho '${JSON.stringify(credential)}'\n`,
    { mode: 0o755 },
  );
  const exec = { apiVersion: credential.apiVersion, command: `${folder}/sign-in`, interactiveMode: "Never" };
  const kubeconfig = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "x" },
    clusters: [{ name: "x", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "x", user: { exec } }],
    contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
  };
  await Deno.writeTextFile(`${folder}/config`, JSON.stringify(kubeconfig));
  const args = ["run", "-q", "--no-check", ...personalFlags(), "src/main.ts", "status"];
  const out = await run(["deno", ...args, "--kubeconfig", `${folder}/config`]);
  assert.match(out, /127\.0\.0\.1:1 cannot be reached/);
  assert.ok((await Deno.stat(`${folder}/called`)).isFile);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("each k9s plugin calls an existing command for all of its kinds", async () => {
  const { plugins } = parse(await Deno.readTextFile("deploy/k9s/plugins.yaml"));
  const help = await run(["deno", "run", "-qA", "--no-check", "src/main.ts", "--help"]);
  const commands = [...help.matchAll(/^ {2}([a-z-]+)/gm)].map(([, command]) => command);
  const plurals = resources.map(({ plural }) => plural);
  for (const [name, { scopes, args }] of Object.entries<{ scopes: string[]; args: string[] }>(plugins)) {
    assert.deepEqual(scopes.filter((plural) => !plurals.includes(plural)), [], name);
    const [, command = ""] = /kubectl databricks ([a-z-]+) /.exec(args.join(" ")) ?? [];
    assert.ok(commands.includes(command), `${name}: ${command}`);
  }
});
