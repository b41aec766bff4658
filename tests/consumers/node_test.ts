/** The npm package as a Node project gets it: built, packed, installed, and used by that project's tests. */
import assert from "node:assert/strict";

const here = new URL("./", import.meta.url).pathname;
const root = new URL("../../", import.meta.url).pathname;
/** The Node version that the package requires. */
const NODE = ["npx", "-y", "node@24"];
const TESTS = ["consumer.test.ts", "operator.test.ts"];

/** The block of docs/testing.md after a mark. */
async function inGuide(mark: string): Promise<string> {
  const guide = await Deno.readTextFile(`${root}docs/testing.md`);
  return guide.split(`<!-- ${mark} -->`)[1]?.match(/```[\w ]+\n([\s\S]*?)```/)?.[1] ?? "";
}

async function run(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const options = { args: args.slice(1), cwd, stdin: "null", env: { NO_COLOR: "1", ...env } } as const;
  const command = new Deno.Command(args[0] ?? "", options);
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `${args.join(" ")}:\n${text}\n${new TextDecoder().decode(stderr)}`.slice(-6000));
  return text;
}

async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["ping", "--silent"], stdin: "null" }).output()).success;
  } catch {
    return false;
  }
}

const needs = await hasNpm() ? "" : " (needs npm, and its registry)";

Deno.test({
  name: `a Node project tests with the npm package: on a port, by MSW, and against Kubernetes${needs}`,
  ignore: needs !== "" && Deno.env.get("CI") !== "true",
  fn: async (test) => {
    const project = await Deno.makeTempDir({ prefix: "consumer-" });
    for (const file of ["package.json", ...TESTS]) await Deno.copyFile(`${here}node/${file}`, `${project}/${file}`);
    await test.step("docs/testing.md's build and installation work", async () => {
      await run([
        "bash",
        "-euo",
        "pipefail",
        "-c",
        (await inGuide("node commands")).replaceAll("../my-project", project),
      ], root);
    });
    const tools = ["typescript@5.9.3", "@types/node@24"];
    await run(["npm", "install", "--no-fund", "--no-audit", "--silent", ...tools], project);
    await test.step("the test in docs/testing.md passes", async () => {
      await Deno.writeTextFile(`${project}/guide.test.mjs`, await inGuide("node test"));
      assert.match(await run([...NODE, "--test", "--test-reporter=tap", "guide.test.mjs"], project), /^# pass 1$/m);
    });
    await test.step("the operator's program works on both stand-ins", async () => {
      const OPERATOR = `${Deno.execPath()} run --quiet -A ${root}src/main.ts`;
      const report = await run([...NODE, "--test", "--test-reporter=tap", "operator.test.ts"], project, { OPERATOR });
      assert.match(report, /^# pass 1$/m);
    });
    await test.step("its tests pass on Node 24", async () => {
      const report = await run([...NODE, "--test", "--test-reporter=tap", "consumer.test.ts"], project);
      assert.match(report, /^# pass 4$/m);
      assert.match(report, /^# fail 0$/m);
    });
    await test.step("its types are complete", async () => {
      const strict = ["--strict", "--noEmit", "--skipLibCheck", "--target", "esnext", "--module", "nodenext"];
      await run(
        ["npx", "tsc", ...strict, "--lib", "esnext,dom,dom.iterable", "--types", "node", ...TESTS],
        project,
      );
    });
    await test.step("its program serves a workspace with OAuth, faults and doubts", () => serves(project));
    await Deno.remove(project, { recursive: true });
  },
});

async function serves(project: string): Promise<void> {
  // The program that npx runs.
  const help = await run([...NODE, "node_modules/.bin/databricks-mock", "--help"], project);
  assert.match(help, /--oauth <client_id:secret>/);
  const flags = ["--port", "0", "--oauth", "app:s3cret", "--doubt", "missingJob=404", "--error-every", "1"];
  const program = "node_modules/databricks-kube-operator-testing/lib/mock/main.js";
  // Node itself, since a wrapper would take the signal and leave it behind.
  const node = (await run([...NODE, "-p", "process.execPath"], project)).trim();
  const args = [program, ...flags];
  const child = new Deno.Command(node, { args, cwd: project, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = /http:\S+/.exec((await reader.read()).value ?? "")?.[0] ?? "";
  const answer = await fetch(`${url}/oidc/v1/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("app:s3cret")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" }),
  });
  const { access_token } = await answer.json();
  const refused = await fetch(`${url}/api/2.2/jobs/list`, { headers: { authorization: `Bearer ${access_token}` } });
  assert.equal(refused.status, 503);
  await refused.body?.cancel();
  child.kill("SIGTERM");
  await child.status;
  await reader.cancel();
}
