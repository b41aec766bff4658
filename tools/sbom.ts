/**
 * `deno task sbom`: prints the contents of the binary as CycloneDX 1.6 JSON. It contains neither a time nor a serial
 * number, so the same source gives the same text.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { type Dependency, findDependencies } from "./dependencies.ts";

/** The described release of the project. */
interface Subject {
  readonly version: string;
  /** The version of the runtime in the binary. */
  readonly deno: string;
}

/**
 * Generates the CycloneDX document.
 *
 * Format: https://cyclonedx.org/docs/1.6/json/
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toSbom } from "./sbom.ts";
 *
 * const a = { name: "@s/a", version: "1.0.0", license: "MIT", texts: [], integrity: "sha512-AAEC", uses: [] };
 * const { components } = toSbom([a], { version: "0.1.0", deno: "2.9.6" });
 * assert.equal(components[0]?.purl, "pkg:npm/%40s/a@1.0.0");
 * assert.equal(components[0]?.hashes?.[0]?.content, "000102");
 * ```
 */
export function toSbom(dependencies: readonly Dependency[], { version, deno }: Subject) {
  const subject = `pkg:generic/databricks-kube-operator@${version}`;
  const runtime = `pkg:generic/deno@${deno}`;
  const refs = Map.groupBy(dependencies, ({ name }) => name);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": subject,
        name: "databricks-kube-operator",
        version,
        licenses: [{ license: { id: "Apache-2.0" } }],
        purl: subject,
      },
    },
    components: [...dependencies.map(toComponent), runtimeComponent(runtime, deno)],
    dependencies: [
      { ref: subject, dependsOn: [...rootsOf(dependencies), runtime] },
      ...dependencies.map((one) => ({
        ref: purlOf(one),
        dependsOn: one.uses.flatMap((name) => (refs.get(name) ?? []).map(purlOf)),
      })),
      { ref: runtime, dependsOn: [] },
    ],
  };
}

/** A package in CycloneDX's format. */
interface Component {
  readonly type: "library" | "platform";
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope: "required";
  readonly hashes?: { alg: string; content: string }[];
  readonly licenses: ({ license: { id: string } })[];
  readonly purl: string;
}

function toComponent(dependency: Dependency): Component {
  const { name, version, license, integrity } = dependency;
  const [, group, rest = name] = name.match(/^(@[^/]+)\/(.+)$/) ?? [];
  const purl = purlOf(dependency);
  return {
    type: "library",
    "bom-ref": purl,
    ...group !== undefined && { group },
    name: rest,
    version,
    scope: "required",
    hashes: [{ alg: "SHA-512", content: Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex() }],
    licenses: [{ license: { id: license } }],
    purl,
  };
}

function runtimeComponent(purl: string, version: string): Component {
  const licenses = [{ license: { id: "MIT" } }];
  return { type: "platform", "bom-ref": purl, name: "deno", version, scope: "required", licenses, purl };
}

/** The packages that deno.json names, as references. */
function rootsOf(dependencies: readonly Dependency[]): string[] {
  const named = Object.values(config.imports).map((specifier) => specifier.replace(/^npm:/, ""));
  return dependencies.filter(({ name, version }) => named.some((one) => one.startsWith(`${name}@${version}`))).map(
    purlOf,
  );
}

function purlOf({ name, version }: Pick<Dependency, "name" | "version">): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

if (import.meta.main) {
  // The runtime in the binary is the compiler's, which may have another version than this one.
  const deno = Deno.env.get("DENO_COMPILE")?.match(/deno@(\d+\.\d+\.\d+)/)?.[1] ?? Deno.version.deno;
  console.log(JSON.stringify(toSbom(await findDependencies(), { version: config.version, deno }), null, 2));
}
