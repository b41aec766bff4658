/** The binary as users get it: its commands, and the permissions that it does not have. */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { serveKubernetes } from "../../mock/kubernetes/serve.ts";
import { crdgen } from "../../src/commands/crdgen.ts";
import { kinds } from "../../src/kinds.ts";
import type { Ended } from "../support/command.ts";
import { visitPage } from "../support/page_process.ts";
import { binary, needs } from "./binary.ts";

/** Runs a program with only these environment variables. */
async function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

function binaryTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `binary: ${name}${needs}`, ignore: needs !== "", fn });
}

/** Writes a kubeconfig that is deleted at the end of the test. */
async function kubeconfigFile(text: string) {
  const path = await Deno.makeTempFile({ prefix: "kubeconfig-" });
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

/** Runs `run` until its output matches, and then ends it with SIGTERM; returns the whole output. */
async function runUntil(pattern: RegExp, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = new Deno.Command(binary, {
    args: ["run", ...args],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const err = new Response(child.stderr).text();
  let out = "";
  let isAsked = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += chunk;
    if (isAsked || !pattern.test(out)) continue;
    isAsked = true;
    child.kill("SIGTERM");
  }
  return { code: (await child.status).code, out, err: await err };
}

binaryTest("version and crdgen print the same as the source", async () => {
  assert.deepEqual(await run(binary, ["version"]), { code: 0, out: `${config.version}\n`, err: "" });
  assert.deepEqual(await run(binary, ["crdgen"]), { code: 0, out: crdgen(kinds), err: "" });
});

binaryTest("ui serves its page on loopback, and ends with SIGTERM", async () => {
  await using served = await serveKubernetes();
  await using kubeconfig = await kubeconfigFile(served.kubeconfig);
  const { out, err, code } = await visitPage(binary, {
    args: ["ui", "--kubeconfig", kubeconfig.path],
    clearEnv: true,
    visit: async (url) => {
      assert.match(await (await fetch(url)).text(), /<title>Databricks objects</);
      assert.match(await (await fetch(`${url}page.js`)).text(), /EventSource/);
    },
  });
  assert.match(out, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/\n$/);
  assert.deepEqual([err, code], ["The CRDs are not installed: kubectl apply -f crds/\n", 0]);
});

binaryTest(
  "it cannot run programs, load libraries, write, query the system or reach link-local addresses",
  async () => {
    const { code, out } = await run(binary, ["selftest"]);
    assert.doesNotMatch(out, /ALLOWED/);
    for (
      const what of [
        "run a program",
        "load a native library",
        "write a file",
        "ask for the host's name",
        "read another environment variable",
        "connect to a link-local address",
        "read other files than the mounted credentials, once connected in a pod",
      ]
    ) assert.ok(out.includes(`refused  ${what}\n`), `${what}: ${out}`);
    assert.equal(code, 0);
  },
);

Deno.test("selftest fails for a process with all permissions", async () => {
  const { code, out } = await run(Deno.execPath(), ["run", "-qA", "src/main.ts", "selftest"], {
    HOME: Deno.env.get("HOME") ?? "",
    ...Deno.env.has("DENO_DIR") && { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
  });
  assert.doesNotMatch(out, /refused/);
  assert.equal(code, 1);
});

binaryTest("a kubeconfig with a token works, without output of the libraries that read it", async () => {
  await using api = await serveKubernetes();
  await using file = await kubeconfigFile(api.kubeconfig);
  const { code, out, err } = await runUntil(/Waiting for CRD/, ["--leader-elect"], { KUBECONFIG: file.path });
  assert.match(out, /This process cannot: run programs, .*write files/);
  assert.doesNotMatch(out, /WRN|ERR|FTL/);
  assert.doesNotMatch(err, /punycode|NotCapable/);
  assert.equal(code, 0);
});

binaryTest("a kubeconfig with an exec plugin is rejected with a remedy", async () => {
  const user = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "aws", args: ["eks", "get-token"] } };
  await using file = await kubeconfigFile(JSON.stringify({
    "current-context": "prod",
    clusters: [{ name: "c", cluster: { server: "https://kube.invalid" } }],
    users: [{ name: "eks-admin", user }],
    contexts: [{ name: "prod", context: { cluster: "c", user: "eks-admin" } }],
  }));
  const { code, out } = await run(binary, ["run"], { KUBECONFIG: file.path });
  assert.match(
    out,
    /Kubeconfig user "eks-admin" logs in with the program "aws", .* may not run programs: use a kubeconfig with a token or a client certificate, or run the operator from source/,
  );
  assert.equal(code, 1);
});

binaryTest("a proxy in the environment is logged with its host and without its password", async () => {
  const { out } = await run(binary, ["run"], { HTTPS_PROXY: "http://user:s3cret@proxy.example:3128" });
  assert.match(out, /HTTPS_PROXY is set: .* "proxy\.example:3128"/);
  assert.doesNotMatch(out, /s3cret/);
});

binaryTest("it leaves no compiled code in a folder that other users can write", async () => {
  await using folder = await temporaryFolder();
  await run(binary, ["version"], { TMPDIR: folder.path });
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

async function temporaryFolder() {
  const path = await Deno.makeTempDir({ prefix: "tmp-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
