/** Runs the demo as a newcomer would. */
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

Deno.test("demo --once plays its story to the end, with only Deno", async () => {
  const { code, text } = await demo(["--once"]);
  assert.equal(code, 0, text);
  for (
    const line of [
      /^ {2}Kubernetes \(embedded\): {2}export KUBECONFIG=\S+; kubectl -n databricks-demo get databricks$/m,
      /^✓ everything is Ready$/m,
      /^ {2}DatabricksJob nightly-report: ready True, TERMINATED SUCCESS$/m,
      /^✓ the operator reverted both changes/m,
      /^✓ the operator created DatabricksJob ad-hoc-analysis with owner "api"/m,
    ]
  ) assert.match(text, line);
  const readme = await Deno.readTextFile("README.md");
  const shown = /^→ applying the manifests[\s\S]*?^```/m.exec(readme)?.[0].match(/^[→✓].*$/gm) ?? [];
  const masked = text.replaceAll(/\d+ calls/g, "N calls").split("\n");
  assert.ok(shown.length >= 8, "the README shows the demo's output");
  for (const line of shown) assert.ok(masked.includes(line.replace(/\d+ calls/, "N calls")), line);
  assert.doesNotMatch(text, /ready (\?|False$)/m, "a line about what is not ready says why");
});

Deno.test("demo rejects an unknown option", async () => {
  assert.notEqual((await demo(["--kube", "moon"])).code, 0);
});
