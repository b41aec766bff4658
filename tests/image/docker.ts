/**
 * Docker's command line, and base images for machines that cannot pull any.
 *
 * @module
 */
import { isInstalled } from "../support/programs.ts";

/** The Debian packages that programs linked against glibc need: the content of `distroless/cc`. */
const LIBRARIES = ["libc6", "libgcc-s1"];
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** The reason why images cannot be built here, for a test's name; empty if they can. */
export const needs: string = await obstacle();

/** Runs a program and returns its standard output; fails with its standard error. */
export async function run(program: string, args: readonly string[], options: Deno.CommandOptions = {}) {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null", ...options })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${err?.slice(-5000)}${out?.slice(-5000)}`);
  return out ?? "";
}

/** Runs `docker`. The older builder needs no plugin, which may be missing. */
export function docker(...args: readonly string[]): Promise<string> {
  return run("docker", args, { env: { DOCKER_BUILDKIT: "0" } });
}

/**
 * Builds an image like `gcr.io/distroless/cc-debian12`, as far as programs notice: glibc and libgcc, certificates, an
 * unprivileged user, no shell. It is made from Debian's packages.
 *
 * @param tag the image's name.
 */
export async function buildLibrariesImage(tag: string): Promise<void> {
  await inTemporary(async (folder) => {
    await Deno.mkdir(`${folder}/root`);
    await download(folder);
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".deb")) await run("dpkg-deb", ["--extract", `${folder}/${name}`, `${folder}/root`]);
    }
    for (const path of ["etc/ssl/certs", "tmp", "home/nonroot"]) {
      await Deno.mkdir(`${folder}/root/${path}`, { recursive: true });
    }
    await Deno.chmod(`${folder}/root/tmp`, 0o1777);
    await Deno.copyFile(CERTIFICATES, `${folder}/root${CERTIFICATES}`);
    await Deno.writeTextFile(
      `${folder}/root/etc/passwd`,
      "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    );
    await Deno.writeTextFile(`${folder}/Dockerfile`, "FROM scratch\nCOPY root /\nUSER 65532:65532\n");
    await docker("build", "--quiet", "--tag", tag, folder);
  });
}

/** Builds an image with the Deno that runs this, on {@link buildLibrariesImage}, as a stand-in for `denoland/deno`. */
export async function buildDenoImage(tag: string): Promise<void> {
  const libraries = `${tag}-libraries`;
  await buildLibrariesImage(libraries);
  await inTemporary(async (folder) => {
    await Deno.copyFile(Deno.execPath(), `${folder}/deno`);
    await Deno.chmod(`${folder}/deno`, 0o755);
    const lines = [
      `FROM ${libraries}`,
      "COPY deno /bin/deno",
      `ENV PATH=/bin DENO_DIR=/deno-dir HOME=/tmp DENO_CERT=${CERTIFICATES}`,
      "USER 0:0",
    ];
    await Deno.writeTextFile(`${folder}/Dockerfile`, `${lines.join("\n")}\n`);
    await docker("build", "--quiet", "--tag", tag, folder);
  });
  await docker("image", "rm", libraries);
}

/** Builds the mock workspace's image from its Dockerfile, on {@link buildDenoImage}. */
export async function buildMockImage(tag: string): Promise<void> {
  const base = `${tag}-deno`;
  await buildDenoImage(base);
  const args = ["--network", "host", "--build-arg", `BASE=${base}`, "--file", "mock/Dockerfile", "--tag", tag];
  await docker("build", "--quiet", ...args, ".");
  await docker("image", "rm", base);
}

async function obstacle(): Promise<string> {
  for (const program of ["docker", "apt-get", "dpkg-deb"]) {
    if (!isInstalled(program)) return ` (needs ${program} on the PATH)`;
  }
  return await docker("version").then(() => "", () => " (needs Docker to run)");
}

async function download(folder: string): Promise<void> {
  const fetch = () => run("apt-get", ["download", "--quiet", ...LIBRARIES], { cwd: folder });
  // A new machine has no package lists yet.
  await fetch().catch(async () => {
    await run("apt-get", ["update", "--quiet"]);
    await fetch();
  });
}

async function inTemporary(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "image-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
