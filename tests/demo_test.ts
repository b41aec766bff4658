/** The demo, as a newcomer runs it. */
import assert from "node:assert/strict";

async function demo(args: readonly string[]) {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test("demo --once plays its story to the end, with nothing but this machine's Deno", async () => {
  const { code, text } = await demo(["--once"]);
  assert.equal(code, 0, text);
  for (
    const line of [
      /^ {2}Kubernetes \(embedded\): {2}export KUBECONFIG=\S+; kubectl -n databricks-demo get databricks$/m,
      /^✓ everything is Ready$/m,
      /^ {2}DatabricksJob nightly-report: ready True, TERMINATED SUCCESS$/m,
      /^✓ the manifest holds again/m,
      /^✓ it appears as DatabricksJob ad-hoc-analysis, owned by the API$/m,
    ]
  ) assert.match(text, line);
});

Deno.test("demo refuses an option that it does not know", async () => {
  assert.notEqual((await demo(["--kube", "moon"])).code, 0);
});
