/**
 * The version of a release, in every file that contains it.
 *
 * @module
 */
import { parse } from "yaml";

/** A place that contains a version, and the version. */
export interface Named {
  readonly where: string;
  readonly version: string;
}

/** Semantic Versioning, without build metadata. */
const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/**
 * Returns the differences between versions: each must equal the first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { disagreements } from "./versions.ts";
 *
 * const versions = [{ where: "deno.json", version: "1.0.0" }, { where: "the tag", version: "1.0.1" }];
 * assert.deepEqual(disagreements(versions), ["the tag says 1.0.1, and deno.json 1.0.0"]);
 * ```
 */
export function disagreements([first, ...others]: readonly Named[]): string[] {
  if (first === undefined) return [];
  return [
    ...SEMVER.test(first.version) ? [] : [`${first.where}: "${first.version}" is not a version such as 1.2.3`],
    ...others.filter(({ version }) => version !== first.version)
      .map(({ where, version }) => `${where} says ${version}, and ${first.where} ${first.version}`),
  ];
}

/** All versions in the project's files. The chart and deploy/ may be absent. */
export async function versionsOf(root: URL): Promise<Named[]> {
  const read = async (path: string): Promise<string | undefined> => {
    try {
      return await Deno.readTextFile(new URL(path, root));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
  const { version } = JSON.parse(await read("deno.json") ?? "{}");
  const named: Named[] = [{ where: "deno.json", version: String(version) }];
  const chart = "charts/databricks-kube-operator/Chart.yaml";
  const { version: ours, appVersion } = parse(await read(chart) ?? "{}");
  if (ours !== undefined) named.push({ where: `version of ${chart}`, version: String(ours) });
  if (appVersion !== undefined) named.push({ where: `appVersion of ${chart}`, version: String(appVersion) });
  const install = await read("deploy/install.yaml") ?? "";
  const image = /^\s*(?:- )?image: \S*databricks-kube-operator:(\S+)$/gm;
  for (const [, tag = ""] of install.matchAll(image)) {
    named.push({ where: "the image in deploy/install.yaml", version: tag.replace(/["']/g, "") });
  }
  return named;
}
