/**
 * The command `ui` as a process.
 *
 * @module
 */
import type { Ended } from "./command.ts";

/** Options of {@link visitPage}. */
export interface PageProcessOptions {
  readonly args: readonly string[];
  readonly clearEnv?: boolean;
  /** Visits the page at the printed address. */
  readonly visit: (url: string) => Promise<void>;
}

/** Runs the command until its page was visited, and ends it with SIGTERM. */
export async function visitPage(
  program: string,
  { args, clearEnv = false, visit }: PageProcessOptions,
): Promise<Ended> {
  const child = new Deno.Command(program, {
    args: [...args],
    clearEnv,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const err = new Response(child.stderr).text();
  let out = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    out += chunk;
    if (!out.endsWith("/\n")) continue;
    await visit(out.trim());
    child.kill("SIGTERM");
  }
  return { code: (await child.status).code, out, err: await err };
}
