/**
 * Finds a Python with the required packages, or makes one: a virtual environment in `.cache/python/`, made once for
 * each set of packages.
 *
 * @module
 */

const cache = `${import.meta.dirname}/../../.cache/python/`;

/** A Python with the packages, or the reason why there is none. */
export type Found = { readonly python: string } | { readonly reason: string };

/** Packages and their versions: `{ kopf: "1.45.2" }`. */
export type Packages = Readonly<Record<string, string>>;

/** Finds or makes the Python. */
export async function findPython(packages: Packages): Promise<Found> {
  const wanted = Object.entries(packages).map(([name, version]) => `${name}==${version}`).sort();
  const folder = `${cache}${wanted.join("+")}`;
  const python = `${folder}/bin/python`;
  if (await hasAll(python, packages)) return { python };
  await Deno.mkdir(cache, { recursive: true });
  // An unfinished environment never has the final name, and concurrent runs do not collide.
  const draft = await Deno.makeTempDir({ dir: cache, prefix: "draft-" });
  try {
    await run("python3", ["-m", "venv", draft]);
    await run(`${draft}/bin/python`, ["-m", "pip", "install", "--quiet", ...wanted]);
    if (!await hasAll(python, packages)) {
      await removeAll(folder);
      await Deno.rename(draft, folder);
    }
  } catch (error) {
    if (!await hasAll(python, packages)) return { reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await removeAll(draft);
  }
  return { python };
}

async function hasAll(python: string, packages: Packages): Promise<boolean> {
  const code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))";
  const versions = Object.values(packages).join(" ");
  return await run(python, ["-c", code, ...Object.keys(packages)]).then(
    (text) => text.trim() === versions,
    () => false,
  );
}

/** @throws {Error} with the last line of the program's output if it failed. */
async function run(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await output(program, args);
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const last = `${decoder.decode(stdout)}\n${decoder.decode(stderr)}`.trim().split("\n").at(-1);
  throw new Error(`${program.split("/").at(-1)} ${args.slice(0, 3).join(" ")} failed: ${last}`);
}

async function output(program: string, args: string[]): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`there is no ${program}`, { cause: error });
    throw error;
  }
}

async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
