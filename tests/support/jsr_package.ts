/**
 * The package for JSR, as it would be published.
 *
 * @module
 */
import { dirname } from "node:path";

const ROOT = new URL("../../", import.meta.url);

/** The result of a dry run of publishing. */
export interface DryRun {
  readonly success: boolean;
  /** Its output. */
  readonly text: string;
  /** The files of the package, relative to the project's root. */
  readonly files: readonly string[];
}

/**
 * Does everything that publishing does except the upload. It checks that types are explicit, but not the types
 * themselves, which the gate checks.
 */
export async function publishDry(): Promise<DryRun> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  const lines = text.matchAll(/^ +(file:\/\/\S+) \([\d.]+[A-Z]*B\)$/gm);
  return { success, text, files: [...lines].map(([, url = ""]) => url.slice(ROOT.href.length)) };
}

/** Copies the package's files to a folder. */
export async function copyPackage(files: readonly string[], folder: string): Promise<void> {
  for (const file of files) {
    await Deno.mkdir(dirname(`${folder}/${file}`), { recursive: true });
    await Deno.copyFile(new URL(file, ROOT), `${folder}/${file}`);
  }
}
