/**
 * `deno task recording`: plays the session of session.ts in a pseudo terminal and writes docs/images/session.svg. It
 * needs kubectl, curl, and script (util-linux).
 *
 * @module
 */
import { playSession, type Shell, type Step } from "./session.ts";
import { type Printed, type Recorded, svgOf } from "./svg.ts";

const FILE = new URL("../../docs/images/session.svg", import.meta.url);
/** The width of the terminal, in characters. */
const COLUMNS = 100;

const CTRL_C = new Uint8Array([3]);

const recorded: Recorded[] = [];

/** Runs a step in a pseudo terminal, and records the time of each output. */
async function play(step: Step, { cwd, env }: Shell): Promise<string> {
  const command = `stty cols ${COLUMNS}; ${step.command}`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", `bash -c ${quoted(command)}`, "/dev/null"],
    cwd,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(120_000),
  }).spawn();
  const began = performance.now();
  const keys = child.stdin.getWriter();
  let isEnded = false;
  const printed: Printed[] = [];
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    printed.push({ atMs: performance.now() - began, text });
    if (step.isWatch === true && step.shows.test(output) && !isEnded) {
      isEnded = true;
      await keys.write(CTRL_C);
    }
  }
  await keys.close().catch(() => {});
  await child.status;
  recorded.push({ says: step.says, command: step.command, printed });
  console.error(output);
  return output;
}

/** Quotes a text for the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

if (import.meta.main) {
  await playSession(play);
  const svg = svgOf(recorded, { columns: COLUMNS });
  await Deno.writeTextFile(FILE, svg);
  console.log(`wrote ${FILE.pathname}: ${Math.round(svg.length / 1024)} kB`);
  Deno.exit(0);
}
