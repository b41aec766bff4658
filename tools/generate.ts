/**
 * Writes the files that are generated from declarations: `src/databricks/types.ts`, `crds/`, `docs/reference.md`,
 * `docs/kinds/`, `schemas/`, the chart's CRDs, rules, schema of values, table of values, annotations and dashboard,
 * settings for Argo CD, plugins of k9s, the tables of docs/observability.md, `THIRD_PARTY.md`, `docs/doubts.md`, the
 * picture of the README, and the page of `ui`.
 *
 * `deno task generate` writes; `deno task generate --check` exits 1 and names the files that are stale.
 *
 * @module
 */
import { crdYaml } from "../src/commands/crdgen.ts";
import { type DocsSource, pageOf, toPage, toReference } from "../src/generate/docs.ts";
import type { CrdSource } from "../src/generate/crd.ts";
import type { RbacSource } from "../src/generate/rbac.ts";
import { type JsonSchemaSource, schemaFile, toFileSchema, toJsonSchema } from "../src/generate/json_schema.ts";
import { GROUP } from "../src/resource.ts";
import { dashboard } from "./dashboard.ts";
import { argocdFiles } from "./generate_argocd.ts";
import { flowPictures } from "./flow_picture.ts";
import { k9sFiles, type PluginSource } from "./generate_k9s.ts";
import { kubeStateMetricsFiles } from "./generate_kube_state_metrics.ts";
import { chartTexts } from "./chart_readme.ts";
import { CHART, CHART_CRDS, chartFiles } from "./generate_chart.ts";
import { findDependencies } from "./dependencies.ts";
import { doubtsFiles } from "./doubts.ts";
import { observabilityFiles } from "./observability.ts";
import { figureFiles } from "./figures.ts";
import { pageFiles } from "./page.ts";
import { type ApiData, generateTypes } from "./generate_types.ts";
import { toThirdParty } from "./third_party.ts";

const ROOT = new URL("../", import.meta.url);
const TYPES = "src/databricks/types.ts";
const CRDS = "crds/";
const SCHEMAS = `schemas/${GROUP}/`;
const DASHBOARD = `${CHART}files/dashboard.json`;
/** Folders that contain only generated files. */
const FOLDERS = [CRDS, CHART_CRDS, SCHEMAS, "docs/kinds/"];

/** Paths below the project's root, with the contents of the files. */
export type Files = ReadonlyMap<string, string>;

/** The types file. It is generated separately, because the kinds cannot be loaded without it. */
export async function typesFile(): Promise<Files> {
  const data: ApiData = JSON.parse(await Deno.readTextFile(new URL("tools/api/databricks-types.json", ROOT)));
  return new Map([[TYPES, generateTypes(data)]]);
}

/** The files that are generated from the kinds. */
export function kindFiles(
  resources: readonly (CrdSource & DocsSource & JsonSchemaSource & RbacSource & PluginSource)[],
): Files {
  return new Map([
    ...resources.map((resource): [string, string] => [`${CRDS}${resource.plural}.yaml`, crdYaml(resource)]),
    ["docs/reference.md", toReference(resources)],
    ...resources.map((resource): [string, string] => [`docs/${pageOf(resource)}`, toPage(resource)]),
    ...chartFiles(resources),
    ...chartTexts(resources),
    ...schemaFiles(resources),
    ...argocdFiles(resources),
    ...k9sFiles(resources),
    ...kubeStateMetricsFiles(resources),
    ...observabilityFiles(),
    ...figureFiles(),
    ...flowPictures(),
    [DASHBOARD, dashboard()],
  ]);
}

/** JSON Schemas for editors, in the layout of CRD catalogs. */
function schemaFiles(resources: readonly JsonSchemaSource[]): [string, string][] {
  const file = (name: string, schema: unknown): [string, string] => [
    SCHEMAS + name,
    `${JSON.stringify(schema, null, 2)}\n`,
  ];
  return [
    ...resources.map((resource) => file(schemaFile(resource), toJsonSchema(resource))),
    file(schemaFile({ kind: "all" }), toFileSchema(resources)),
  ];
}

/** The licences of the code in the binary. Generated separately, because the source must be bundled for them. */
export async function thirdPartyFile(): Promise<Files> {
  return new Map([["THIRD_PARTY.md", toThirdParty(await findDependencies())]]);
}

/** The paths of `files` whose contents on disk differ, and the CRDs on disk that belong to no kind. */
export async function stale(files: Files): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, text] of files) {
    if (await textOf(path) !== text) changed.push(path);
  }
  return [...changed, ...await leftovers(files)];
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(new URL(path, ROOT));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function leftovers(files: Files): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    if (![...files.keys()].some((path) => path.startsWith(folder))) continue;
    const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
    found.push(...entries.map(({ name }) => folder + name).filter((path) => !files.has(path)));
  }
  return found;
}

async function write(files: Files): Promise<void> {
  for (const path of await stale(files)) {
    const text = files.get(path);
    if (text === undefined) await Deno.remove(new URL(path, ROOT));
    else await Deno.writeTextFile(new URL(path, ROOT), text);
    console.log(`${text === undefined ? "removed" : "wrote"} ${path}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes("--check");
  const types = await typesFile();
  if (!check) await write(types);
  // Loaded only now, after the types that the kinds need were written.
  const { kinds } = await import("../src/kinds.ts");
  const made = kindFiles(kinds);
  if (!check) await write(made);
  const page = await pageFiles();
  if (!check) await write(page);
  const doubts = await doubtsFiles();
  const thirdParty = await thirdPartyFile();
  if (!check) {
    await write(doubts);
    await write(thirdParty);
    return 0;
  }
  const all = [types, made, page, doubts, thirdParty];
  const paths = (await Promise.all(all.map(stale))).flat();
  for (const path of paths) console.error(`stale: ${path} (run: deno task generate)`);
  return paths.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
