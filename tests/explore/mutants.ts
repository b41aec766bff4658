/**
 * Mutants: the operator with one of its precautions taken out. The exploration is good enough when it finds each by itself.
 *
 * @module
 */
import type { Sequence } from "./play.ts";

/** A precaution that is taken out. */
export interface Mutant {
  /** What the operator does without it. */
  readonly name: string;
  /** The file, and the text in it that is replaced. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Where the exploration finds it, and the sequence that it found. */
  readonly line: string;
}

/** The precautions, each taken out for itself. */
export const mutants: readonly Mutant[] = [
  {
    name: "does not look at the tag before it deletes",
    file: "src/reconcile/pass/delete.ts",
    from: "if (stranger !== undefined) {",
    to: "if (stranger !== undefined && pass.name === '') {",
    line: "job, ready: tag it for another object; delete",
  },
  {
    name: "takes a finalizer in metadata for a proof that it made something",
    file: "src/reconcile/pass/identity.ts",
    from: "  return hasPredecessorFinalizer(pass.object);\n}",
    to: "  return pass.object.metadata.finalizers !== undefined;\n}",
    line: "repo, ready: restore from a backup",
  },
];

/** A copy of the project with a mutant in it. */
export class MutantProject implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {Error} when the source is not as the mutant expects it. */
  static async make({ file, from, to, name }: Mutant): Promise<MutantProject> {
    const root = new URL("../../", import.meta.url).pathname;
    const folder = await Deno.makeTempDir({ prefix: "mutant-" });
    await copy(`${root}src`, `${folder}/src`);
    for (const name of ["mock", "tests", "deno.json", "deno.lock"]) {
      await Deno.symlink(root + name, `${folder}/${name}`);
    }
    const text = await Deno.readTextFile(`${folder}/${file}`);
    if (text.split(from).length !== 2) throw new Error(`Mutant "${name}": ${file} does not hold once: ${from}`);
    await Deno.writeTextFile(`${folder}/${file}`, text.replace(from, () => to));
    return new MutantProject(folder);
  }

  /** The address of a file in the copy. */
  url(path: string): string {
    return new URL(path, `file://${this.#folder}/`).href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else if (!name.endsWith("_test.ts")) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Plays a sequence on a mutant. */
export async function playOn(project: MutantProject, sequence: Sequence): Promise<readonly string[]> {
  const { play } = await import(project.url("tests/explore/play.ts")) as typeof import("./play.ts");
  return (await play(sequence)).violations;
}
