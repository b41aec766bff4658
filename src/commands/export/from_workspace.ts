/**
 * `export --from-workspace`: prints the resources of a workspace as manifests. Docs: docs/commands.md.
 *
 * It only reads. A manifest that is exported with `--owner operator` takes over its resource when it is applied; with
 * `--owner api` it follows the resource.
 *
 * @module
 */
import type { KubeObject } from "../../kubernetes/client.ts";
import { defaults } from "../../reconcile/connect/settings.ts";
import { objectNames } from "../../reconcile/observe/ingest.ts";
import { type External, isIngestible, type Resource } from "../../resource.ts";
import { resources } from "../../resources/mod.ts";
import { resourceNamed } from "../kinds.ts";
import { madeManifest } from "../manifests.ts";
import { checkManifests } from "../validate/check.ts";
import { connectWorkspace } from "../workspace.ts";
import type { WorkspaceClient } from "../../databricks/workspace.ts";
import { Progress } from "../progress.ts";
import { put } from "./put.ts";
import { type ExportedOwner, isExportable, manifestOf } from "./specs.ts";

/** The options of the command line. */
export interface FromWorkspaceOptions {
  readonly profile?: string | true;
  /** Kinds, separated by commas; by default all that can be exported. */
  readonly kind?: string;
  /** A pattern of names in Databricks, with `*`. */
  readonly name?: string;
  readonly namespace?: string;
  readonly owner: ExportedOwner;
  /** A folder in which each object gets its own file. */
  readonly forGit?: string;
}

const progress = new Progress();

/** Prints a line on standard error, beside the manifests. */
function say(line: string): void {
  progress.end();
  console.error(line);
}

/** Runs the command and returns the exit code. */
export async function exportWorkspace(options: FromWorkspaceOptions): Promise<number> {
  const chosen = followable(choose(options.kind), options);
  const workspace = await connectWorkspace(options);
  let count = 0;
  for (const [index, resource] of chosen.entries()) {
    progress.show({ done: index, of: chosen.length, what: `kinds, ${count} objects: ${resource.kind}` });
    for await (const object of objectsOf(resource, workspace, options)) {
      count++;
      progress.end();
      await put(object, { plural: resource.plural, folder: options.forGit });
    }
  }
  say(`${count} objects of ${chosen.map(({ kind }) => kind).join(", ")}`);
  return 0;
}

/** @throws when a kind is unknown, or cannot be exported. */
function choose(kinds: string | undefined): Resource[] {
  const exportable = resources.filter(isExportable);
  if (kinds === undefined) return exportable;
  return kinds.split(",").map((asked) => {
    const found = resourceNamed(asked, exportable);
    if (isExportable(found)) return found;
    const known = exportable.map(({ kind }) => kind).join(", ");
    throw new Error(
      `${found.kind} cannot be exported: Databricks does not return all that a manifest needs; known are ${known}`,
    );
  });
}

/** The kinds whose objects can have the requested owner. Standard error names the others, with the reason. */
function followable(chosen: readonly Resource[], { owner }: FromWorkspaceOptions): Resource[] {
  if (owner === "operator") return [...chosen];
  return chosen.filter((resource) => {
    if (isIngestible(resource)) return true;
    const why = `an object with owner api finds its ${resource.noun} by a name or path, and such names are not unique`;
    console.error(`${resource.kind} is left out: ${why}; --owner operator exports it`);
    return false;
  });
}

async function* objectsOf(
  resource: Resource,
  workspace: WorkspaceClient,
  { name: pattern, namespace, owner }: FromWorkspaceOptions,
): AsyncGenerator<KubeObject> {
  const used = new Set<string>();
  for await (const page of resource.external.list?.(workspace, {}) ?? []) {
    for (const row of page) {
      if (pattern !== undefined && !matches(pattern, resource.displayName?.(row.observed) ?? row.id)) continue;
      const observed = await wholeOf(row, resource, workspace);
      if (observed === undefined) continue;
      const name = objectNames(resource, row.id, observed).find((one) => !used.has(one)) ?? row.id;
      used.add(name);
      const object = manifestOf({ resource, observed, name, namespace, owner, tag: defaults.ownershipTag });
      const problem = owner === "operator" ? problemOf(object, namespace) : undefined;
      if (problem === undefined) yield object;
      else say(`${resource.kind} "${name}" (${row.id}) is left out: ${problem}`);
    }
  }
}

/** The reason why a manifest would be refused: it needs a Secret with a value that Databricks does not return. */
function problemOf(object: KubeObject, namespace = "default"): string | undefined {
  const { findings } = checkManifests([madeManifest(object)], { resources, namespace });
  return findings.find(({ severity }) => severity === "error")?.message;
}

/** Rows of some lists leave fields out. */
async function wholeOf({ id, observed, partial, lacks }: External, resource: Resource, workspace: WorkspaceClient) {
  if (partial !== true && lacks !== true && resource.external.rows === "whole") return observed;
  const whole = await resource.external.observe(workspace, id);
  const cut = whole === undefined ? undefined : resource.cut?.(whole);
  if (cut === undefined) return whole;
  say(`${resource.kind} ${id} is left out: it was read in part only: ${cut}`);
  return undefined;
}

function matches(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`, "i").test(name);
}
