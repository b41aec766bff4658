/**
 * The operator of another revision, for a comparison with this one.
 *
 * @module
 */

/** An operator that can be started. */
export interface Program extends AsyncDisposable {
  /** The name in tables: a revision, or "this one". */
  readonly name: string;
  /** The program and its first arguments. */
  readonly command: readonly string[];
}

/** This tree's operator: `OPERATOR_BINARY`, or the source. */
export function thisProgram(): Program {
  const binary = Deno.env.get("OPERATOR_BINARY");
  return {
    name: "this one",
    command: binary === undefined ? fromSource("src/main.ts") : [binary],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * The operator of another revision: compiled if `OPERATOR_BINARY` is set, otherwise run from source. Its files are in a
 * git worktree, which is removed at the end.
 *
 * @throws {Error} if the revision is unknown, or cannot be compiled.
 */
export async function programOf(revision: string): Promise<Program> {
  const folder = await Deno.makeTempDir({ prefix: "revision-" });
  await run(["git", "worktree", "add", "--quiet", "--detach", folder, revision]);
  const end = () => run(["git", "worktree", "remove", "--force", folder]);
  const isCompiled = Deno.env.has("OPERATOR_BINARY");
  const binary = `${folder}/dist/operator`;
  try {
    if (isCompiled) await run([Deno.execPath(), "task", "--quiet", "compile", "--output", binary], folder);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    name: revision,
    command: isCompiled ? [binary] : fromSource(`${folder}/src/main.ts`),
    [Symbol.asyncDispose]: end,
  };
}

function fromSource(main: string): string[] {
  return [Deno.execPath(), "run", "-qA", "--no-prompt", main];
}

async function run([program = "", ...args]: readonly string[], cwd?: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, ...cwd !== undefined && { cwd } }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr).trim()}`);
}
