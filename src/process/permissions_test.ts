import assert from "node:assert/strict";
import { ENVIRONMENT, permissionFlags } from "./permissions.ts";

/** The text of all files below a folder, without tests. */
async function* texts(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* texts(new URL(`${name}/`, folder));
    else if (/(?<!_test|_fake)\.ts$/.test(name)) yield await Deno.readTextFile(new URL(name, folder));
  }
}

Deno.test("the binary may read every environment variable that the operator reads", async () => {
  const read = new Set<string>();
  for await (const text of texts(new URL("../", import.meta.url))) {
    for (const [, name = ""] of text.matchAll(/\benv(?:\.get)?\(\s*"([A-Z_]+)"/g)) read.add(name);
  }
  assert.ok(read.has("KUBECONFIG"), "the search finds the variables that are known to be read");
  assert.deepEqual([...read].filter((name) => !ENVIRONMENT.includes(name)), []);
});

/** True for each host that a process with these permissions may connect to; nothing is sent to them. */
async function mayReach(flags: readonly string[], hosts: readonly string[]): Promise<boolean[]> {
  const code = `const states = Deno.args.map((host) => Deno.permissions.querySync({ name: "net", host }).state);
    console.log(JSON.stringify(states.map((state) => state === "granted")));`;
  const script = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(script, code);
    const args = ["run", "--no-config", ...flags, script, ...hosts];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const text = new TextDecoder().decode(stdout);
    assert.notEqual(text, "", new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(script);
  }
}

Deno.test("only a binary for managed identities may reach Azure's metadata service, and no other link-local address", async () => {
  const service = "169.254.169.254";
  const others = ["169.254.169.253", "169.254.169.255", "169.254.0.1", "169.254.255.255", "169.254.170.2"];
  const elsewhere = ["169.253.169.254", "10.0.0.1", "adb-1.azuredatabricks.net"];
  const hosts = [service, ...others, "[fd00:ec2::254]", ...elsewhere];
  const denied = [...others, ""].map(() => false);
  assert.deepEqual(await mayReach(permissionFlags(), hosts), [false, ...denied, true, true, true]);
  assert.deepEqual(await mayReach(permissionFlags({ managedIdentity: true }), hosts), [
    true,
    ...denied,
    true,
    true,
    true,
  ]);
});
