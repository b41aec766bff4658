/**
 * `deno task compile`: creates the binary `dist/databricks-kube-operator`, with its permissions embedded.
 *
 * The Deno that runs this script bundles the source. The same Deno compiles it, or the command in `DENO_COMPILE`
 * (`npx -y deno@2.4.2`). `deno compile` downloads a runtime of its own version; `DENORT_BIN` names a local one, which
 * must have exactly that version.
 *
 *     deno task compile --target aarch64-unknown-linux-gnu --output dist/databricks-kube-operator-arm64
 *
 * @module
 */
import { Command } from "commander";
import { permissionFlags, personalFlags } from "../src/process/permissions.ts";

/** The default path of the binary. */
export const BINARY = "dist/databricks-kube-operator";
const ROOT = new URL("../", import.meta.url);
/**
 * A nursery in which what belongs to one pass dies, and an old generation that grows by a fifth before it is collected.
 * With `--optimize-for-size`, V8 shrinks the nursery to 1 MB and collects everything each second: half of the CPU time.
 */
const V8_FLAGS = "--min-semi-space-size=8,--max-semi-space-size=8,--heap-growing-percent=20";
/** The compiler parses minified code recursively; its default stack of 2 MiB is not always enough (bytes). */
const COMPILER_STACK = String(64 * 2 ** 20);

/** The host of `deno compile`'s runtimes. */
const RUNTIMES = "dl.deno.land";

/** `deno compile` needs a runtime that is not available and cannot be downloaded. */
export class NoRuntimeError extends Error {
  override name = "NoRuntimeError";
}

/** Options of a compilation. */
export interface CompileOptions {
  /** A platform of `deno compile --target`; by default this one. */
  readonly target?: string | undefined;
  readonly output: string;
  /** Allows the binary to reach Azure's metadata service; see docs/connect.md. */
  readonly managedIdentity?: boolean;
  /** Creates the binary for people, which runs with their permissions. */
  readonly plugin?: boolean;
}

/**
 * Bundles and compiles the program.
 *
 * @throws {NoRuntimeError}
 */
export async function compile(options: CompileOptions): Promise<void> {
  const bundle = await Deno.makeTempDir({ prefix: "bundle-" });
  try {
    await run([Deno.execPath(), ...bundleArguments(bundle)]);
    const [program = Deno.execPath(), ...args] = Deno.env.get("DENO_COMPILE")?.split(/\s+/).filter(Boolean) ?? [];
    await run([program, ...args, ...compileArguments({ ...options, bundle })]);
  } finally {
    await Deno.remove(bundle, { recursive: true });
  }
}

/** Splits the bundle into several files, so that a command does not load the code of others. */
function bundleArguments(folder: string): string[] {
  return ["bundle", "--quiet", "--minify", "--code-splitting", "--outdir", folder, "src/main.ts"];
}

/**
 * Uses only the bundle: no configuration, no lock file, no network. It also uses no code cache: the binary would store
 * it in /tmp under a predictable name, despite its permissions, where another user could have placed a file before.
 */
function compileArguments(
  { bundle, target, output, managedIdentity = false, plugin = false }: CompileOptions & { bundle: string },
): string[] {
  return [
    ...["compile", "--quiet", "--no-config", "--no-lock", "--no-remote", "--no-npm", "--no-check", "--no-code-cache"],
    ...plugin ? personalFlags() : permissionFlags({ managedIdentity }),
    `--v8-flags=${V8_FLAGS}`,
    ...target === undefined ? [] : ["--target", target],
    ...["--output", output, `${bundle}/main.js`],
  ];
}

async function run([program = "", ...args]: readonly string[]): Promise<void> {
  const env = { RUST_MIN_STACK: COMPILER_STACK };
  const { success, stderr } = await new Deno.Command(program, { args, cwd: ROOT, env, stdin: "null", stdout: "null" })
    .output();
  if (success) return;
  const text = new TextDecoder().decode(stderr).trim();
  if (!text.includes(RUNTIMES)) throw new Error(`${[program, ...args].join(" ")} failed: ${text}`);
  throw new NoRuntimeError("deno compile cannot fetch its runtime: set DENORT_BIN, and DENO_COMPILE for its version");
}

if (import.meta.main) {
  const program = new Command("compile").description("Makes the binary, with its permissions embedded")
    .option("--target <platform>", "a platform of deno compile, such as aarch64-unknown-linux-gnu")
    .option("--output <path>", "where to put the binary", BINARY)
    .option("--managed-identity", "a binary that may reach Azure's metadata service, for auth_type azure-msi")
    .option("--plugin", "the binary for people, kubectl-databricks, with the permissions of the person")
    .parse(Deno.args, { from: "user" });
  try {
    await compile(program.opts());
  } catch (error) {
    program.error(error instanceof Error ? error.message : String(error));
  }
  const { output } = program.opts<CompileOptions>();
  const { size } = await Deno.stat(new URL(output, ROOT));
  console.log(`${output}: ${(size / 2 ** 20).toFixed(1)} MiB`);
}
