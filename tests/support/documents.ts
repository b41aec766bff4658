/**
 * Runs the commands of documents: each `sh` block in order, in one shell, with the expected output below it.
 *
 * @module
 */

/** A block of commands; a block in the background is one command. */
export interface Step {
  readonly commands: string;
  /** The output that the document shows below it; `undefined` if it shows none. */
  readonly output: string | undefined;
  /** True after `<!-- background -->`: it keeps running beside the others. */
  readonly inBackground: boolean;
  /** The reason given in `<!-- not run: why -->`; the test replaces the step or leaves it out. */
  readonly notRun?: string;
}

/**
 * The steps of a document.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stepsOf } from "./documents.ts";
 *
 * const fence = "\`\`\`";
 * assert.deepEqual(stepsOf(`Do:\n\n${fence}sh\necho 1\n${fence}\n\n${fence}\n1\n${fence}\n`), [
 *   { commands: "echo 1\n", output: "1\n", inBackground: false },
 * ]);
 * ```
 */
export function stepsOf(markdown: string): Step[] {
  const block =
    /(?:<!-- (background|not run: .*?) -->\s*)?^```sh\n([\s\S]*?)^```\n(?:\s*^(`{3,4})\n([\s\S]*?)^\3\n)?/gm;
  return [...markdown.matchAll(block)].map(([, mark, commands = "", _fence, output]) => ({
    commands,
    output,
    inBackground: mark === "background",
    ...mark?.startsWith("not run: ") && { notRun: mark.slice("not run: ".length) },
  }));
}

/**
 * Removes what differs between runs from output: ages, ids, column widths and empty lines.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { masked } from "./documents.ts";
 *
 * assert.equal(masked("etl   True   4m3s\n\n"), masked("etl True  1s"));
 * assert.equal(masked("job 901234567890123456"), "job <id>");
 * ```
 */
export function masked(output: string): string {
  return output.split("\n").map((line) =>
    line.replace(/\b(\d+[dhms])+(?=\s*$)/, "<age>").replace(/\b\d{15,19}\b/g, "<id>").replace(/\s+/g, " ").trim()
  ).filter((line) => line !== "").join("\n");
}

/** Options of {@link runSteps}. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  /** A folder with programs that are not on the PATH. */
  readonly programs?: string;
  /** Called with each step's real output. */
  readonly onOutput: (step: Step, output: string) => void;
}

const END = "@@ end of step";
/** The time limit of all steps (ms). */
const PATIENCE = 300_000;

/**
 * Runs steps in one `bash`, which exits at the first failing command and then ends everything in the background.
 *
 * @throws with the end of standard error if a command failed.
 */
export async function runSteps(all: readonly Step[], { env, programs, onOutput }: RunOptions): Promise<void> {
  const steps = all.filter(({ notRun }) => notRun === undefined);
  // A single command in the background is a job of its own, which a signal reaches; a group would add a shell around
  // it.
  const script = steps.map(({ commands, inBackground }) =>
    inBackground ? `${commands.trim()} > /dev/null &\n` : `${commands}echo "${END}"\n`
  );
  const path = [...programs === undefined ? [] : [programs], Deno.execPath().replace(/\/[^/]*$/, "")];
  path.push(Deno.env.get("PATH") ?? "");
  const child = new Deno.Command("bash", {
    args: [
      "-c",
      `set -euo pipefail\ntrap 'exit 143' TERM\ntrap 'kill $(jobs -p) 2> /dev/null; wait' EXIT\n${script.join("")}`,
    ],
    env: { ...env, PATH: path.join(":"), NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE),
  }).spawn();
  const complaints = new Response(child.stderr).text();
  const output = await new Response(child.stdout).text();
  const { code } = await child.status;
  const parts = output.split(`${END}\n`);
  for (const [index, step] of steps.filter(({ inBackground }) => !inBackground).entries()) {
    if (index < parts.length - 1) onOutput(step, parts[index] ?? "");
    else throw new Error(`${step.commands}\nended with ${code}:\n${parts[index]}\n${(await complaints).slice(-3000)}`);
  }
}

/** The paths of the manifests in examples/, without those that are wrong on purpose. */
export async function exampleFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir("examples")) if (isFile) files.push(`examples/${name}`);
  return files.sort();
}
