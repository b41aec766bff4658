/**
 * Writes a manifest to standard output, or to a file of its own.
 *
 * @module
 */
import { stringify } from "yaml";
import type { KubeObject } from "../../kubernetes/client.ts";

/** The place for a manifest. */
export interface Place {
  readonly plural: string;
  /** The folder of all files; without it, standard output. */
  readonly folder: string | undefined;
}

/** Writes a manifest. In a folder its file is `<plural>/<name>.yaml`. */
export async function put(object: KubeObject, place?: Place): Promise<void> {
  const text = stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
  if (place?.folder === undefined) return console.log(`---\n${text.trimEnd()}`);
  const { plural, folder } = place;
  const path = `${folder.replace(/\/$/, "")}/${plural}/${object.metadata.name}.yaml`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
