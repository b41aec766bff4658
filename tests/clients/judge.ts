/**
 * Judges: programs with third-party libraries that check the stand-ins. A judge prints one line per check, and each
 * check is a test.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A program that uses a stand-in. */
export interface Judge {
  /** Its libraries with their versions, as in the table in the stand-in's README. */
  readonly libraries: string;
  /** Its checks, in order. The test fails if the program runs others. */
  readonly checks: readonly string[];
  /** Prepares the program; returns the command, or the reason why there is none. */
  prepare(): Promise<{ readonly command: readonly string[] } | { readonly reason: string }>;
}

/** The time limit of a judge (ms). */
const PATIENCE = 180_000;

/** Registers a judge's checks as tests; `start` serves the stand-in and returns the judge's arguments. */
export async function judged(
  judge: Judge,
  start: () => Promise<AsyncDisposable & { readonly args: readonly string[] }>,
): Promise<void> {
  const prepared = await judge.prepare();
  if ("reason" in prepared) {
    const name = `${judge.libraries} (not run: ${prepared.reason})`;
    console.log(`not run: ${judge.libraries}, since ${prepared.reason}`);
    Deno.test({ name, ignore: Deno.env.get("CI") !== "true", fn: () => assert.fail(prepared.reason) });
    return;
  }
  await using standIn = await start();
  const { lines, stderr, code } = await run([...prepared.command, ...standIn.args]);
  for (const check of judge.checks) {
    Deno.test(`${judge.libraries}: ${check}`, () => {
      const line = lines.find((one) => one === `ok ${check}` || one.startsWith(`FAILED ${check}: `));
      assert.equal(line, `ok ${check}`, line === undefined ? `the program did not get to it:\n${stderr}` : line);
    });
  }
  Deno.test(`${judge.libraries}: all checks are listed here`, () => {
    const names = lines.map((line) => line.replace(/^ok /, "").replace(/^FAILED (.*?): .*$/, "$1"));
    assert.deepEqual([names, code], [judge.checks, 0], stderr);
  });
}

async function run([program = "", ...args]: readonly string[]) {
  const command = new Deno.Command(program, { args, stdin: "null", signal: AbortSignal.timeout(PATIENCE) });
  const { code, stdout, stderr } = await command.output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => /^(ok|FAILED) /.test(line));
  return { code, lines, stderr: new TextDecoder().decode(stderr).slice(-4000) };
}

/** Builds the Go program in a folder, with the modules pinned by its go.mod and go.sum. */
export async function buildGo(folder: URL, output: string) {
  const build = new Deno.Command("go", { args: ["build", "-o", output, "."], cwd: folder, stdin: "null" });
  try {
    const { success, stderr } = await build.output();
    return success
      ? { command: [output] }
      : { reason: new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { reason: "there is no go on the PATH" };
    throw error;
  }
}
