/**
 * The packages with code in the binary. They are read from the bundle itself, which excludes packages that are only for
 * tests, only types, or never imported.
 *
 * @module
 */

import { PAGE_SCRIPT } from "./page.ts";

const ROOT = new URL("../", import.meta.url);
/** The bundler's comment before a package's module: its folder, name and version. */
const MODULE = /^\s*\/\/ (.*\/npm\/[^/\n]+\/((?:@[^/\n]+\/)?[^/\n]+)\/(\d[^/\n]*))\//gm;
/** Files with the text of a licence. */
const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** A package in the binary. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** The texts of the licence in the package; none if the package only names its licence. */
  readonly texts: readonly string[];
  /** The hash in the lock file: `sha512-…`. */
  readonly integrity: string;
  /** The names of the other packages in the binary that it uses. */
  readonly uses: readonly string[];
}

/** The part of the lock file that is read. */
interface Lock {
  readonly npm: Record<string, { integrity: string; dependencies?: string[]; optionalDependencies?: string[] }>;
}

/** The packages in the binary, by name. */
export async function findDependencies(): Promise<Dependency[]> {
  const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const bundles = await Promise.all([bundle(["src/main.ts"]), bundle(["--platform", "browser", PAGE_SCRIPT])]);
  const folders = readModules(bundles.join("\n"));
  const names = new Set([...folders.keys()].map((key) => key.replace(/@[^@]*$/, "")));
  const found: Dependency[] = [];
  for (const [key, folder] of folders) {
    const [, name = "", version = ""] = key.match(/^(.+)@([^@]+)$/) ?? [];
    const locked = lock.npm[key] ?? Object.entries(lock.npm).find(([other]) => other.startsWith(`${key}_`))?.[1];
    if (locked === undefined) throw new Error(`Package ${key} is in the bundle but not in deno.lock`);
    const uses = (locked.dependencies ?? []).map((other) => other.replace(/(.)@.*$/, "$1")).filter((other) =>
      names.has(other)
    );
    found.push({ name, version, integrity: locked.integrity, uses, ...await readLicense(folder, key) });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1);
}

/**
 * The packages with modules in a bundle, with their folders.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readModules } from "./dependencies.ts";
 *
 * const bundle = "// ../cache/npm/registry.example/@scope/a/1.0.0/lib/a.js\nlet a;\n// src/main.ts\n";
 * assert.deepEqual([...readModules(bundle)], [["@scope/a@1.0.0", "../cache/npm/registry.example/@scope/a/1.0.0"]]);
 * ```
 */
export function readModules(bundle: string): Map<string, string> {
  const modules = [...bundle.matchAll(MODULE)];
  return new Map(modules.map(([, folder = "", name, version]) => [`${name}@${version}`, folder]));
}

/** Bundles an entry point: the program, or separately the page of `ui`, which the program contains as text. */
async function bundle(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", ...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${args.at(-1)}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function readLicense(folder: string, key: string): Promise<Pick<Dependency, "license" | "texts">> {
  const path = new URL(`${folder}/`, ROOT);
  const { license } = JSON.parse(await Deno.readTextFile(new URL("package.json", path)));
  if (typeof license !== "string") throw new Error(`Package ${key} has no license in its package.json`);
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name)
    .filter((name) => LICENSE_FILE.test(name)).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(new URL(name, path))));
  return { license, texts: texts.map((text) => text.replaceAll("\r\n", "\n").trim()) };
}
