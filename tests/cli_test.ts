/** The command line, run as a process. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

async function cli(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "src/main.ts", ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out ?? "", err: err ?? "" };
}

Deno.test("version, --version and -V print only the version", async () => {
  for (const asked of ["version", "--version", "-V"]) {
    assert.deepEqual(await cli([asked]), { code: 0, out: `${config.version}\n`, err: "" }, asked);
  }
});

Deno.test("an invalid option is rejected in one line that names it", async () => {
  for (
    const [option, value, why] of [
      ["--log-level", "loud", /Allowed choices are/],
      ["--max-concurrent-reconciles", "many", /whole number/],
      ["--no-such-option", "", /unknown option/],
    ] as const
  ) {
    const { code, err } = await cli(["run", option, value]);
    assert.notEqual(code, 0);
    assert.match(err.split("\n")[0] ?? "", why);
    assert.doesNotMatch(err, /\n\s+at /, "no stack trace");
  }
});

Deno.test("run and crdgen reject an unknown kind, and name the nearest and all valid ones", async () => {
  for (const command of ["run", "crdgen"]) {
    const { code, out, err } = await cli([command, "--kinds=DatabricksJob,DatabricksRum"], {
      KUBECONFIG: "/nonexistent",
    });
    assert.equal(code, 1, command);
    assert.match(
      out + err,
      /There is no kind "DatabricksRum": did you mean databricksruns?\? Otherwise known are DatabricksJob, /,
    );
    assert.match(out + err, /, DatabricksGrants\b/);
    assert.doesNotMatch(out + err, /\n\s+at /, "no stack trace");
  }
});

Deno.test("crdgen prints only the CRDs of chosen kinds", async () => {
  const { code, out } = await cli(["crdgen", "--kinds", "databricksrun, Repo"]);
  assert.equal(code, 0);
  const names = [...out.matchAll(/^ {2}name: (\w+)\.com\.dstancu/gm)].map(([, name]) => name);
  assert.deepEqual(names, ["databricksconnections", "databricksruns", "repos"]);
});

Deno.test("without a cluster run names the missing configuration, and exits", async () => {
  const { code, out } = await cli(["run"], { KUBECONFIG: "/nonexistent/kubeconfig" });
  assert.equal(code, 1);
  assert.match(
    out,
    /No Kubernetes cluster is configured \("\/nonexistent\/kubeconfig" does not exist\): set KUBECONFIG/,
  );
});

Deno.test("run waits for an unreachable API server, and SIGTERM ends it", async () => {
  const kubeconfig = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "x",
      clusters: [{ name: "x", cluster: { server: "http://127.0.0.1:1" } }],
      users: [{ name: "x", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
    }),
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "src/main.ts", "run"],
    env: { KUBECONFIG: kubeconfig, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  let isToldToEnd = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    // Only once: its last output may come after its end.
    if (isToldToEnd || !/cannot be reached/.test(text)) continue;
    child.kill("SIGTERM");
    isToldToEnd = true;
  }
  assert.match(text, /Waiting for CRD: databricksjobs\.com\.dstancu\.databricks/);
  assert.match(text, /http:\/\/127\.0\.0\.1:1 cannot be reached/);
  assert.match(text, /Stopping/);
  assert.equal((await child.status).code, 0);
  await Deno.remove(kubeconfig);
});
