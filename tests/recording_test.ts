/** The session of the README's recording still works. */
import { playSession, type Shell, type Step } from "../tools/recording/session.ts";
import { isInstalled } from "./support/programs.ts";

const missing = ["kubectl", "curl"].filter((program) => !isInstalled(program)).join(" and ");

/** Runs a step without a terminal; a watching command is ended when it has shown the expected output. */
async function play({ command, shows, isWatch = false }: Step, { cwd, env }: Shell): Promise<string> {
  const child = new Deno.Command("setsid", {
    args: ["bash", "-euo", "pipefail", "-c", command],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (isWatch && shows.test(output)) Deno.kill(-child.pid, "SIGTERM");
  }
  await child.status;
  return output;
}

Deno.test({
  name: `every step of the README's recording shows what it must${missing && ` (needs ${missing} on the PATH)`}`,
  ignore: missing !== "",
  fn: () => playSession(play),
});
