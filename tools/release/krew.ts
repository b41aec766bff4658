/**
 * `deno task release:krew`: prints krew's manifest for installing `kubectl databricks`, for the archives of a release.
 *
 *     deno task --quiet release:krew --version 1.2.3 --repository OWNER/REPOSITORY --archives dist > dist/databricks.yaml
 *
 * Format: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest. The addresses are those that
 * `.github/workflows/release.yml` publishes to: the assets of the tag's release.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Command } from "commander";
import { stringify } from "yaml";

/** A platform of the plugin, and its target for `deno compile`. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
  readonly target: string;
}

/** All platforms. */
export const PLATFORMS: readonly Platform[] = [
  { os: "linux", arch: "amd64", target: "x86_64-unknown-linux-gnu" },
  { os: "linux", arch: "arm64", target: "aarch64-unknown-linux-gnu" },
  { os: "darwin", arch: "amd64", target: "x86_64-apple-darwin" },
  { os: "darwin", arch: "arm64", target: "aarch64-apple-darwin" },
  { os: "windows", arch: "amd64", target: "x86_64-pc-windows-msvc" },
];

/** Options of {@link krewManifest}. */
export interface KrewOptions {
  /** `1.2.3` */
  readonly version: string;
  /** `OWNER/REPOSITORY` */
  readonly repository: string;
  /** The server; by default GitHub. */
  readonly server?: string;
  /** Reads an archive by its name. */
  readonly read: (name: string) => Promise<Uint8Array>;
}

/** The name of a platform's archive. */
export function archiveOf({ os, arch }: Platform): string {
  return `kubectl-databricks-${os}-${arch}.${os === "windows" ? "zip" : "tar.gz"}`;
}

/** The name of the program in the archive. */
export function binaryOf({ os }: Platform): string {
  return os === "windows" ? "kubectl-databricks.exe" : "kubectl-databricks";
}

/**
 * Generates the manifest.
 *
 * @throws if an archive is missing, or the version or the repository is malformed.
 */
export async function krewManifest(options: KrewOptions): Promise<string> {
  const { version, repository, server = "https://github.com" } = options;
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) throw new Error(`"${version}" is not a version such as 1.2.3`);
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new Error(`"${repository}" is not a repository: use OWNER/REPOSITORY`);
  }
  const homepage = `${server}/${repository}`;
  const platforms = [];
  for (const platform of PLATFORMS) {
    const { os, arch } = platform;
    const archive = archiveOf(platform);
    platforms.push({
      selector: { matchLabels: { os, arch } },
      uri: `${homepage}/releases/download/v${version}/${archive}`,
      sha256: createHash("sha256").update(await readArchive(options, archive)).digest("hex"),
      bin: binaryOf(platform),
    });
  }
  return stringify({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "databricks" },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: "Plan, sync and look at Databricks resources",
      description: [
        "Works with the objects of databricks-kube-operator: plan shows what applying manifests would change in",
        "Databricks, status and runs show problems, sync makes the operator compare now, open opens the page",
        "in Databricks, export and import-bundle write manifests of existing resources.",
      ].join("\n"),
      platforms,
    },
  }, { lineWidth: 0 });
}

async function readArchive({ read }: KrewOptions, name: string): Promise<Uint8Array> {
  try {
    return await read(name);
  } catch (cause) {
    throw new Error(`${name} is missing: compile it with deno task compile --plugin, and add LICENSE to the archive`, {
      cause,
    });
  }
}

if (import.meta.main) {
  const program = new Command("krew").description("Prints the manifest for krew")
    .requiredOption("--version <version>", "the version, such as 1.2.3")
    .requiredOption("--repository <owner/repository>", "the repository of the release")
    .option("--server <url>", "the server of the repository", "https://github.com")
    .option("--archives <folder>", "the folder of the archives", "dist")
    .parse(Deno.args, { from: "user" });
  const { archives, ...options } = program.opts<Omit<KrewOptions, "read"> & { archives: string }>();
  try {
    const manifest = await krewManifest({ ...options, read: (name) => Deno.readFile(`${archives}/${name}`) });
    console.log(manifest.trimEnd());
  } catch (error) {
    program.error(error instanceof Error ? error.message : String(error));
  }
}
