/**
 * `deno task dependencies`: writes docs/dependencies.md: the purpose and use of each package, the release date of its
 * version, and its size. Only unknown versions are looked up in the registry; everything else needs no network.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { findDependencies } from "./dependencies.ts";

const ROOT = new URL("../", import.meta.url);
const FACTS = new URL("tools/api/packages.json", ROOT);
const REPORT = new URL("docs/dependencies.md", ROOT);

/** The known facts about a version of a package. */
export interface Facts {
  /** The day of its release. */
  readonly released: string;
  /** The size of its files, unpacked (bytes). */
  readonly bytes: number;
}

/** The purpose of each package. A package without a purpose does not belong in deno.json. */
export const PURPOSES: Readonly<Record<string, string>> = {
  "@kubernetes/client-node":
    "reads kubeconfig files, with every way to sign in. 2.x does not load on Deno 2.4, with which binaries can be compiled",
  "@logtape/logtape": "writes logs",
  "@marcbachmann/cel-js": "parses CEL rules: for `validate`, and in the embedded Kubernetes API",
  "@peculiar/x509": "creates certificates for servers on loopback: in the stand-ins",
  "@prometheus-io/lezer-promql": "parses the expressions of alerts and dashboards: in tests",
  "@testcontainers/k3s": "starts a Kubernetes API server from an image: in tests",
  ajv: "validates examples against the JSON Schemas: in tests",
  commander: "parses the command line",
  croner: "computes the next time of a cron expression, to find impossible ones",
  "fast-check": "generates inputs for property tests: in tests",
  htm: "templates for the page of `ui`, without a compiler",
  jose: "signs and verifies tokens: in the stand-ins",
  msw: "handles requests: the mock workspace consists of its handlers",
  "oauth4webapi": "signs in by OAuth 2.0",
  "playwright-core": "controls Chromium: in tests, and for pictures",
  preact: "renders the page of `ui`",
  "prom-client": "serves metrics",
  protobufjs: "reads and writes protobuf, which Go clients send: in the embedded Kubernetes API",
  "reflect-metadata": "is needed by @peculiar/x509",
  testcontainers: "starts images: in tests",
  wasmoon: "runs the Lua health check for Argo CD: in tests",
  yaml: "reads and writes manifests",
  zod: "declares the kinds: the source of types, validation and CRDs",
};

/** The packages of deno.json with their versions. */
export function packages(): { readonly name: string; readonly version: string }[] {
  const found = Object.values(config.imports).flatMap((target) => {
    const [, name, version] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target) ?? [];
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
  return [...new Map(found.map((one) => [one.name, one])).values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Generates the report.
 *
 * @throws if there are no facts about a package.
 */
export function reportOf(facts: Readonly<Record<string, Facts>>, inBinary: ReadonlySet<string>): string {
  const rows = packages().map(({ name, version }) => {
    const known = facts[`${name}@${version}`];
    const purpose = PURPOSES[name];
    if (known === undefined || purpose === undefined) {
      throw new Error(
        `${name} ${version} has no entry: add its purpose to PURPOSES, and run deno task dependencies`,
      );
    }
    const size = `${Math.ceil(known.bytes / 1024)} kB`;
    return `| ${name} | ${version} | ${known.released} | ${size} | ${inBinary.has(name) ? "yes" : ""} | ${purpose} |`;
  });
  const others = [...inBinary].filter((name) => !packages().some((one) => one.name === name)).sort();
  return `${HEAD}${rows.join("\n")}

## Packages of packages

The binary also has, because the packages above use them: ${others.join(", ")}. [THIRD_PARTY.md](../THIRD_PARTY.md) has
all licences, and \`deno task sbom\` prints the SBOM.
`;
}

const HEAD = `<!-- Written by deno task dependencies. -->

# Dependencies

Every package has its version and its hash in \`deno.lock\`, and none may run a script when it is installed
(\`allowScripts\` in \`deno.json\`). Renovate proposes newer versions.

| Package | Version | Released | Size, unpacked | In the binary | Purpose |
| --- | --- | --- | ---: | --- | --- |
`;

/** The known facts about packages, from the file. */
export async function knownFacts(): Promise<Record<string, Facts>> {
  return JSON.parse(await Deno.readTextFile(FACTS).catch(() => "{}"));
}

/** The names of the packages in the binary. */
export async function namesInBinary(): Promise<Set<string>> {
  return new Set((await findDependencies()).map(({ name }) => name));
}

async function factsOf({ name, version }: { readonly name: string; readonly version: string }): Promise<Facts> {
  const view = await run("npm", ["view", `${name}@${version}`, "time", "--json"]);
  const released = String(JSON.parse(view)[version]).slice(0, 10);
  const { npmCache } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  return { released, bytes: await sizeOf(`${npmCache}/registry.npmjs.org/${name}/${version}`) };
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd: "/", stdin: "null" })
    .output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}

if (import.meta.main) {
  const known = await knownFacts();
  const facts: Record<string, Facts> = {};
  for (const one of packages()) {
    const key = `${one.name}@${one.version}`;
    facts[key] = known[key] ?? await factsOf(one);
  }
  await Deno.writeTextFile(FACTS, `${JSON.stringify(facts, null, 2)}\n`);
  await Deno.writeTextFile(REPORT, reportOf(facts, await namesInBinary()));
  console.log(`wrote ${REPORT.pathname}`);
}
