/**
 * Programs that some tests run.
 *
 * @module
 */

const known = new Map<string, boolean>();

/** True if a program is on the PATH. */
export function isInstalled(program: string): boolean {
  const found = known.get(program) ??
    (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(`${folder}/${program}`));
  known.set(program, found);
  return found;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Runs kubectl and returns its standard output.
 *
 * @throws {Error} with its standard error if it fails.
 */
export async function runKubectl(kubeconfig: string, args: readonly string[], input = ""): Promise<string> {
  const child = new Deno.Command("kubectl", {
    args: ["--kubeconfig", kubeconfig, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`kubectl ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
