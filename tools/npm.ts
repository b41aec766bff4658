/**
 * Builds the npm package of the mocks, for tests in Node: ES modules and types in `dist/npm/`, ready for `npm pack`.
 *
 * TypeScript compiles the unchanged sources; deno.json contains the versions of their imports.
 *
 * @module
 */
import { dirname, join, normalize } from "node:path";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url).pathname;
const OUT = join(ROOT, "dist/npm");
const TYPESCRIPT = "5.9.3";
/** The exports, and the programs. */
const ENTRIES = { ".": "mock/mod", "./databricks": "mock/databricks/mod", "./kubernetes": "mock/kubernetes/mod" };
const PROGRAMS = { "databricks-mock": "mock/main", "kubernetes-mock": "mock/kubernetes/main" };

/** A source and all its imports: the project's files, and the names of packages. */
async function graph(entries: readonly string[]): Promise<{ files: Set<string>; packages: Set<string> }> {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const todo = [...entries];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    if (!file.endsWith(".ts")) continue;
    const code = (await Deno.readTextFile(join(ROOT, file))).replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, to = ""] of code.matchAll(/^(?:(?:import|export)\s[^;"]*?\sfrom|import)\s+"([^"]+)"/gm)) {
      if (to.startsWith(".")) todo.push(normalize(join(dirname(file), to)));
      else if (!to.startsWith("node:")) packages.add(to);
    }
  }
  return { files, packages };
}

/** `npm:msw@3.0.5/http` → `["msw", "3.0.5"]`. */
function dependency(specifier: string): [string, string] {
  const [, name = "", version = ""] = /^npm:(@?[^@]+)@([^/]+)/.exec(specifier) ?? [];
  return [name, version];
}

function manifest(packages: ReadonlySet<string>): Record<string, unknown> {
  const imports = config.imports as Record<string, string>;
  const file = (path: string, end: string) => `./lib/${path}.${end}`;
  return {
    name: "databricks-kube-operator-testing",
    version: config.version,
    description: "A stand-in Databricks workspace and an embedded Kubernetes API, for tests",
    license: config.license,
    type: "module",
    engines: { node: ">=24" },
    exports: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, path]) => [name, { types: file(path, "d.ts"), default: file(path, "js") }]),
    ),
    bin: Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [name, file(path, "js")])),
    files: ["lib", "LICENSE", "README.md"],
    dependencies: Object.fromEntries(
      [...packages].sort().map((name) => dependency(imports[name] ?? "")).filter(([name]) => name !== ""),
    ),
  };
}

const OPTIONS = {
  target: "esnext",
  module: "nodenext",
  lib: ["esnext", "dom", "dom.iterable"],
  types: ["node"],
  rootDir: "src",
  outDir: "lib",
  declaration: true,
  rewriteRelativeImportExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  ...config.compilerOptions,
};

async function run(args: readonly string[], cwd: string): Promise<void> {
  const { code } = await new Deno.Command(args[0]!, { args: args.slice(1), cwd, stdin: "null" }).spawn().status;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
}

/** Adds the shebang line of a program, and makes it executable. */
async function makeExecutable(path: string): Promise<void> {
  const file = join(OUT, "lib", `${path}.js`);
  await Deno.writeTextFile(file, `#!/usr/bin/env node\n${await Deno.readTextFile(file)}`);
  await Deno.chmod(file, 0o755);
}

if (import.meta.main) {
  await Deno.remove(OUT, { recursive: true }).catch(() => {});
  const { files, packages } = await graph(
    [...Object.values(ENTRIES), ...Object.values(PROGRAMS)].map((path) => `${path}.ts`),
  );
  for (const file of files) {
    await Deno.mkdir(dirname(join(OUT, "src", file)), { recursive: true });
    await Deno.copyFile(join(ROOT, file), join(OUT, "src", file));
  }
  await Deno.writeTextFile(join(OUT, "package.json"), JSON.stringify(manifest(packages), null, 2));
  await Deno.copyFile(join(ROOT, "LICENSE"), join(OUT, "LICENSE"));
  await Deno.copyFile(join(ROOT, "mock/README.md"), join(OUT, "README.md"));
  const include = [...files].filter((file) => file.endsWith(".ts")).map((file) => `src/${file}`);
  await Deno.writeTextFile(join(OUT, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: include }));
  await run([
    "npm",
    "install",
    "--no-fund",
    "--no-audit",
    "--no-save",
    "--silent",
    `typescript@${TYPESCRIPT}`,
    "@types/node@24",
  ], OUT);
  await run(["npx", "tsc", "-p", "."], OUT);
  for (const path of Object.values(PROGRAMS)) await makeExecutable(path);
}
