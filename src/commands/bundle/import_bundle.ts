/**
 * `import-bundle`: turns a bundle into manifests. Docs: docs/commands.md.
 *
 * @module
 */
import { parseJson } from "../../base/json.ts";
import { resources } from "../../resources/mod.ts";
import { put } from "../export/put.ts";
import { madeManifest } from "../manifests.ts";
import { checkManifests } from "../validate/check.ts";
import { manifestsOfBundle } from "./manifests_of.ts";

/** The options of the command line. */
export interface ImportBundleOptions {
  readonly namespace?: string;
  /** A folder in which each object gets its own file. */
  readonly forGit?: string;
}

/** Runs the command on a file, or on standard input (`-`), and returns the exit code. */
export async function importBundle(file: string, { namespace, forGit }: ImportBundleOptions): Promise<number> {
  const text = file === "-" ? await new Response(Deno.stdin.readable).text() : await Deno.readTextFile(file);
  const { objects, notes } = manifestsOfBundle(parseJson(text), { resources, namespace });
  for (const object of objects) {
    const plural = resources.find(({ kind }) => kind === object.kind)?.plural ?? "";
    await put(object, { plural, folder: forGit });
  }
  const { findings } = checkManifests(objects.map(madeManifest), { resources, namespace: namespace ?? "default" });
  for (const { severity, object, message } of findings) console.error(`${severity}: ${object}: ${message}`);
  for (const note of notes) console.error(note);
  return 0;
}
