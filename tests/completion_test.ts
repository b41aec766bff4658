/** The completions: bash's in a real bash, those of the other shells in their shells if these are installed. */
import assert from "node:assert/strict";
import { resources } from "../src/resources/mod.ts";
import { isInstalled } from "./support/programs.ts";

/** Commands that no help lists. */
const HIDDEN = ["selftest"];

async function run(program: string, args: readonly string[], input = "") {
  const child = new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${program} ${args.join(" ")}: ${err}`);
  return out;
}

const scripts = new Map<string, Promise<string>>();

/** The script that the program prints for a shell. */
function scriptFor(shell: string): Promise<string> {
  const script = scripts.get(shell) ??
    run(Deno.execPath(), ["run", "-qA", "--no-check", "src/main.ts", "completion", shell]);
  scripts.set(shell, script);
  return script;
}

/** The words that bash offers to complete the last word of a command line. */
async function offered(...words: string[]): Promise<string[]> {
  const line = ["databricks-kube-operator", ...words].map((word) => `'${word}'`).join(" ");
  const probe = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}
_databricks_kube_operator; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = await run("bash", ["--norc", "-u"], `${await scriptFor("bash")}\n${probe}\n`);
  return out.split("\n").filter((word) => word !== "");
}

Deno.test("bash completes every command that the help lists, and none that it hides", async () => {
  const help = await run(Deno.execPath(), ["run", "-qA", "--no-check", "src/main.ts", "--help"]);
  const listed = [...help.slice(help.indexOf("Commands:")).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name);
  assert.ok(listed.includes("plan"), help);
  const words = await offered("");
  for (const name of listed) assert.ok(words.includes(name), name);
  for (const name of HIDDEN) assert.ok(!words.includes(name), name);
  assert.deepEqual(await offered("val"), ["validate"]);
});

Deno.test("bash completes options of the command, and the values that they take", async () => {
  assert.deepEqual(await offered("plan", "--no"), ["--no-cluster"]);
  assert.deepEqual(await offered("plan", "-o", "m"), ["markdown"]);
  assert.deepEqual(await offered("validate", "--output", "git"), ["github"]);
  assert.deepEqual(await offered("--no-color", "status", "--ex"), ["--exit-code"]);
  assert.deepEqual(await offered("completion", "z"), ["zsh"]);
});

Deno.test("bash completes kinds for an object argument, and files by default", async () => {
  const kinds = await offered("open", "");
  assert.deepEqual(kinds.sort(), resources.map(({ singular }) => `${singular}/`).sort());
  assert.deepEqual(await offered("sync", "databricksjo"), ["databricksjob/"]);
  assert.deepEqual(await offered("export", "--from-workspace", "--kind", "databricksdash"), ["databricksdashboard"]);
  assert.deepEqual(await offered("run", "--kinds", "databricksdash"), ["databricksdashboard"]);
  assert.deepEqual(await offered("validate", ""), []);
  assert.deepEqual(await offered("plan", "--kubeconfig", ""), []);
});

Deno.test("bash registers the completion for both names of the program, with files as the default", async () => {
  for (const name of ["databricks-kube-operator", "kubectl-databricks"]) {
    const out = await run("bash", ["--norc", "-eu"], `${await scriptFor("bash")}\ncomplete -p ${name}\n`);
    assert.equal(out.trim(), `complete -o default -F _databricks_kube_operator ${name}`);
  }
});

/** For other shells: how to query the loaded completion, and the expected output. */
const others = {
  zsh: {
    options: ["-f"],
    before: "autoload -Uz compinit && compinit -u -D\n",
    question: "print $_comps[databricks-kube-operator] $_comps[kubectl-databricks]",
    answer: /^_databricks_kube_operator _databricks_kube_operator$/m,
  },
  fish: {
    options: ["--no-config"],
    before: "",
    question: "complete -C'databricks-kube-operator pla'; complete -C'kubectl-databricks completion fi'",
    answer: /^plan\t.*\nfish$/m,
  },
};

for (const [shell, { options, before, question, answer }] of Object.entries(others)) {
  const name = `${shell} completes after it has read its script`;
  if (!isInstalled(shell)) {
    Deno.test({ name: `${name} (needs ${shell} on the PATH)`, ignore: true, fn: () => {} });
    continue;
  }
  Deno.test(name, async () => {
    assert.match(await run(shell, options, `${before}${await scriptFor(shell)}\n${question}\n`), answer);
  });
}

Deno.test("the completions of zsh and fish contain every command, option and kind of bash's", async () => {
  const [bash, zsh, fish] = await Promise.all(["bash", "zsh", "fish"].map(scriptFor));
  const [, names = ""] = /^ {6}([a-z| -]+)\)$/m.exec(bash ?? "") ?? [];
  const commands = names.split(" | ");
  assert.ok(commands.length > 10, names);
  for (const command of commands) {
    assert.ok(zsh?.includes(`"${command}:`), `zsh ${command}`);
    assert.match(fish ?? "", new RegExp(`__fish_use_subcommand -a ${command} -d '`));
  }
  for (const { singular } of resources) {
    for (const text of [zsh, fish]) assert.ok(text?.includes(`${singular}/`), singular);
  }
  const options = new Set([...(bash ?? "").matchAll(/--([a-z-]+)/g)].map(([, option = ""]) => option));
  for (const option of options) {
    if (["help", "version"].includes(option)) continue;
    assert.ok(zsh?.includes(`--${option}`), `zsh --${option}`);
    assert.ok(fish?.includes(`-l ${option} `), `fish --${option}`);
  }
});
