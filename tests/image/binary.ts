/**
 * The binary for tests, compiled once per importing file.
 *
 * @module
 */
import { compile, NoRuntimeError } from "../../tools/compile.ts";

const folder = await Deno.makeTempDir({ prefix: "binary-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** The binary's path. */
export const binary = `${folder}/databricks-kube-operator`;

/** The reason why it cannot be compiled here, for a test's name; empty if it can. */
export const needs: string = await compile({ output: binary }).then(() => "", (error) => {
  if (error instanceof NoRuntimeError) return " (needs a runtime for deno compile: DENORT_BIN and DENO_COMPILE)";
  throw error;
});
