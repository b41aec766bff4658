/**
 * Runs `deno test` as a process, and returns its report.
 *
 * The runtime itself may panic ("attempt to access Handle hosted by disposed Isolate", Deno 2.9.6) or crash, mostly at
 * the end of a file, which says nothing about the tests: if a run panicked after its report was written, the report
 * counts; if it panicked before, the run is repeated once.
 *
 * @module
 */
import { countResults } from "./junit.ts";

const PANIC = "Deno has panicked";
/** The signals that end a crashing program. */
const CRASHES: readonly (Deno.Signal | null)[] = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGTRAP"];

/** Options of {@link runTests}. */
export interface TestRunOptions {
  /** The files, and further options of `deno test`. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /**
   * The heading for the output, which is shown in one piece at the end because something else runs at the same time.
   */
  readonly heading?: string | undefined;
}

/** The result of a run. */
export interface TestRun {
  readonly success: boolean;
  /** The JUnit report; empty if the run died. */
  readonly xml: string;
}

/** Runs tests in parallel, without another type check. */
export async function runTests(options: TestRunOptions): Promise<TestRun> {
  const first = await runOnce(options);
  const isLost = first.hasPanicked && first.xml === "";
  if (isLost) console.log("\nThe runtime panicked before the tests were at their end: they are run once more.");
  const { success, xml, hasPanicked } = isLost ? await runOnce(options) : first;
  const { passed, failed } = countResults(xml);
  return { xml, success: success || hasPanicked && passed > 0 && failed === 0 };
}

async function runOnce({ args, env, heading }: TestRunOptions): Promise<TestRun & { readonly hasPanicked: boolean }> {
  const junit = await Deno.makeTempFile({ suffix: ".xml" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--parallel", `--junit-path=${junit}`, ...args],
    env,
    stdin: "null",
    stdout: heading === undefined ? "inherit" : "piped",
    stderr: "piped",
  }).spawn();
  const isShown = heading === undefined;
  const [out, errors, { success, signal }] = await Promise.all([
    isShown ? "" : textOf(child.stdout),
    textOf(child.stderr, isShown ? Deno.stderr : undefined),
    child.status,
  ]);
  if (heading !== undefined) console.log(`\n=== ${heading}\n${out}${errors}`);
  const xml = await Deno.readTextFile(junit);
  await Deno.remove(junit);
  return { success, xml, hasPanicked: errors.includes(PANIC) || CRASHES.includes(signal) };
}

/** Reads a stream to its end, and shows it as it arrives. */
async function textOf(stream: ReadableStream<Uint8Array>, shown?: typeof Deno.stderr): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    for (let rest = chunk; shown !== undefined && rest.length > 0;) rest = rest.subarray(await shown.write(rest));
  }
  return text;
}
