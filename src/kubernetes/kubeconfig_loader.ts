/**
 * Loads the library that reads kubeconfig files, without its side effects.
 *
 * @module
 */
import process from "node:process";

/** The library's class for kubeconfig files. */
type Library = typeof import("./kubeconfig_library.ts");

let loaded: Promise<Library["KubeConfig"]> | undefined;

/** Loads the library, once. */
export function loadKubeConfig(): Promise<Library["KubeConfig"]> {
  return loaded ??= load();
}

/**
 * Two of its dependencies misbehave while they load: `debug` lists all environment variables, which the binary may not
 * do, and `tr46` uses Node's `punycode`, whose deprecation warning means nothing to users.
 */
async function load(): Promise<Library["KubeConfig"]> {
  const { env, noDeprecation = false } = process;
  const mayListEnv = (await Deno.permissions.query({ name: "env" })).state === "granted";
  process.noDeprecation = true;
  if (!mayListEnv) process.env = {};
  try {
    return (await import("./kubeconfig_library.ts")).KubeConfig;
  } finally {
    process.env = env;
    process.noDeprecation = noDeprecation;
  }
}
