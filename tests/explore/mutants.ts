/**
 * Mutants: versions of the operator without one of its precautions. The exploration is good enough if it finds each by
 * itself.
 *
 * @module
 */
import type { Sequence } from "./play.ts";

/** A precaution that is removed. */
export interface Mutant {
  /** The resulting defect. */
  readonly name: string;
  /** The file, and the text in it that is replaced. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The root and the sequence by which the exploration finds it. */
  readonly line: string;
}

/** The precautions, each removed in one mutant. */
export const mutants: readonly Mutant[] = [
  {
    name: "does not look at the tag before it deletes",
    file: "src/reconcile/pass/delete/delete.ts",
    from: "if (stranger !== undefined) return `it carries the tag of another object (${stranger})`;",
    to: "if (stranger !== undefined) return undefined;",
    line: "job, ready: tag it for another object; delete",
  },
  {
    name: "takes a finalizer in metadata for a proof that it made something",
    file: "src/reconcile/pass/identity/evidence.ts",
    from: "if (!hasPredecessorFinalizer(pass.object) && pass.status.pending?.absent !== true) return [];",
    to: "if (!pass.object.metadata.finalizers && pass.status.pending?.absent !== true) return [];",
    line: "repo, ready: restore from a backup",
  },
  {
    name: "takes any 404 for an answer of Databricks",
    file: "src/databricks/errors.ts",
    from: '{ why: "404", status: 404, error: UnavailableError }',
    to: '{ why: "404", status: 404, error: NotFoundError }',
    line: "repo, nothing: the next write gets a gateway's 404 and takes effect; apply",
  },
  {
    name: "believes a get alone that something is gone",
    file: "src/reconcile/pass/external/absence.ts",
    from: "    if (!await isListed(resource, { workspace, id, intent, here: work.here })) return;",
    to: "    return void [workspace, intent];",
    line: "job, ready: wait for a sweep; edit; gets answer that nothing exists for 40 s",
  },
  {
    name: "takes a create for settled before a slow server has carried it out",
    file: "src/reconcile/pass/context.ts",
    from: "settleMs: 120_000,",
    to: "settleMs: 10_000,",
    line: "job, nothing: the next write takes effect 110 s later; apply",
  },
  {
    name: "takes an answer without an id for one",
    file: "src/reconcile/pass/write/create.ts",
    from: "if (!isId(id)) throw answerWithoutId(pass, managed);",
    to: "if (id === undefined) throw answerWithoutId(pass, managed);",
    line: "job, nothing: the next write is answered {} and takes effect; apply",
  },
  {
    name: "creates again without a look at who has the place",
    file: "src/reconcile/pass/identity/successor.ts",
    from: "return inItsPlace(pass, managed, { found, others, options });",
    to: "return undefined;",
    line: "repo, ready: replace in Databricks",
  },
];

/** A copy of the project with one mutant. */
export class MutantProject implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {Error} if the source does not contain the mutant's text. */
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

  /** The URL of a file in the copy. */
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
