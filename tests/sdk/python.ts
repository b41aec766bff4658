/**
 * Finds a Python that has the official Databricks SDK, and makes one where there is none: a virtual environment in
 * `.cache/sdk/`, made once for each version of the SDK.
 *
 * @module
 */

const cache = `${import.meta.dirname}/../../.cache/sdk/`;

/** A Python with the SDK, or why there is none. */
export type Found = { readonly python: string } | { readonly reason: string };

/** The version of the SDK from which the API's types were read: the mock is measured with the same one. */
export async function sdkVersion(): Promise<string> {
  const types = await Deno.readTextFile(new URL("../../tools/api/databricks-types.json", import.meta.url));
  const version = /databricks-sdk (\d+\.\d+\.\d+)/.exec(JSON.parse(types).source)?.[1];
  if (version === undefined) throw new Error("Cannot tell the SDK's version: databricks-types.json names none");
  return version;
}

/** Finds the Python, or makes it. */
export async function findPython(version: string): Promise<Found> {
  const folder = `${cache}${version}`;
  const python = `${folder}/bin/python`;
  if (await hasSdk(python, version)) return { python };
  await Deno.mkdir(cache, { recursive: true });
  // What is half made is never seen under its final name; two runs at the same time do not meet.
  const draft = await Deno.makeTempDir({ dir: cache, prefix: "draft-" });
  try {
    await run("python3", ["-m", "venv", draft]);
    await run(`${draft}/bin/python`, ["-m", "pip", "install", "--quiet", `databricks-sdk==${version}`]);
    if (!await hasSdk(python, version)) {
      await removeAll(folder);
      await Deno.rename(draft, folder);
    }
  } catch (error) {
    if (!await hasSdk(python, version)) return { reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await removeAll(draft);
  }
  return { python };
}

async function hasSdk(python: string, version: string): Promise<boolean> {
  const code = "from importlib.metadata import version; print(version('databricks-sdk'))";
  return await run(python, ["-c", code]).then((text) => text.trim() === version, () => false);
}

/** @throws {Error} with the last line that the program wrote, when it failed. */
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
