/**
 * Programs that some tests run.
 *
 * @module
 */

const known = new Map<string, boolean>();

/** True when a program is on the PATH. */
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
