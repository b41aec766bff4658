/**
 * Converts a bundle's resources to manifests, from the output of `databricks bundle summary -o json` or `databricks
 * bundle validate -o json`. Only that JSON is read: interpreting `databricks.yml` is left to the CLI.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import type { KubeObject } from "../../kubernetes/client.ts";
import { annotations } from "../../reconcile/object/status.ts";
import { objectName } from "../../reconcile/observe/ingest.ts";
import { GROUP, type Resource, VERSION } from "../../resource.ts";
import { withoutQuiet } from "../export/quiet.ts";
import { GROUPS, LEFT_OUT, settingsIn } from "./groups.ts";
import { type Target, withNames } from "./references.ts";

/** The result of a conversion. */
export interface Converted {
  readonly objects: readonly KubeObject[];
  /** Remarks for the user: what was left out, and what remains to do. */
  readonly notes: readonly string[];
}

/** Options of {@link manifestsOfBundle}. */
export interface ConvertOptions {
  readonly resources: readonly Resource[];
  readonly namespace?: string | undefined;
}

/** A resource of a bundle. */
interface Found extends Target {
  /** `jobs`, and its key in that group. */
  readonly group: string;
  readonly key: string;
  readonly id: string | undefined;
  readonly fields: Record<string, unknown>;
  readonly resource: Resource;
}

/** @throws if the value is not output of the CLI. */
export function manifestsOfBundle(bundle: unknown, { resources, namespace }: ConvertOptions): Converted {
  const groups = isObject(bundle) ? bundle.resources : undefined;
  if (!isObject(groups)) {
    throw new Error("This is no bundle: pipe in the output of databricks bundle summary -o json");
  }
  const notes: string[] = [];
  const found = Object.entries(groups).flatMap(([group, content]) => foundIn(group, content, { resources, notes }));
  const objects = found.map((one) => objectOf(one, { all: found, namespace, notes }));
  notes.push(...filesNote(bundle as Record<string, unknown>, objects), ...unbindNotes(found));
  return { objects, notes };
}

function foundIn(
  group: string,
  content: unknown,
  { resources, notes }: { readonly resources: readonly Resource[]; readonly notes: string[] },
): Found[] {
  if (!isObject(content) || Object.keys(content).length === 0) return [];
  const resource = resources.find(({ kind }) => kind === GROUPS[group]);
  if (resource === undefined) {
    const why = LEFT_OUT[group] ?? "since there is no kind for them";
    notes.push(`resources.${group}: ${Object.keys(content).join(", ")}: left out, ${why}`);
    return [];
  }
  return Object.entries(content).flatMap(([key, fields]) => {
    if (!isObject(fields)) return [];
    const id = typeof fields.id === "string" && fields.id !== "" ? fields.id : undefined;
    return [{ group, key, id, fields, resource, kind: resource.kind, name: objectName(key, resource.singular) }];
  });
}

interface Converting {
  readonly all: readonly Found[];
  readonly namespace: string | undefined;
  readonly notes: string[];
}

function objectOf(found: Found, { all, namespace, notes }: Converting): KubeObject {
  const { kind, name, id, fields, resource } = found;
  const { lifecycle } = fields;
  const isKept = isObject(lifecycle) && lifecycle.prevent_destroy === true;
  const set = {
    ...id !== undefined && { [annotations.adopt]: "true" },
    ...isKept && { [annotations.deletionPolicy]: "retain" },
  };
  const spec = withNames(resource.spec, specOf(found, notes), (text, asked) => targetIn(all, text, asked));
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: {
      name,
      ...namespace !== undefined && { namespace },
      ...Object.keys(set).length > 0 && { annotations: set },
    },
    spec: withoutQuiet(kind, spec as Record<string, unknown>),
  };
}

function specOf({ group, key, fields, id, resource: { desiredPath, specId } }: Found, notes: string[]) {
  const { settings, beside, note } = settingsIn(group, fields);
  if (note !== undefined) notes.push(`resources.${group}: ${key}: ${note}`);
  const [, root = "", below] = desiredPath.split(".");
  // Only a job has its settings a level deeper, beside its id.
  const body = below === undefined
    ? settings
    : { ...id !== undefined && specId && { job_id: BigInt(id) }, [below]: settings };
  return { [root]: body, ...beside };
}

/** `${resources.jobs.load.id}`, or the id itself if the CLI has resolved it. */
const REFERENCE = /^\$\{resources\.(\w+)\.([\w-]+)\.(?:id|name)\}$/;

function targetIn(all: readonly Found[], text: string, kind: string): Target | undefined {
  const [, group, key] = REFERENCE.exec(text) ?? [];
  const isMeant = group === undefined
    ? ({ id }: Found) => id === text
    : (one: Found) => one.group === group && one.key === key;
  return all.find((one) => one.kind === kind && isMeant(one));
}

/** The CLI still uploads the bundle's files: a manifest only names them. */
function filesNote({ workspace }: Record<string, unknown>, objects: readonly KubeObject[]): string[] {
  const root = isObject(workspace) && typeof workspace.file_path === "string" ? workspace.file_path : undefined;
  if (root === undefined || !objects.some((object) => JSON.stringify(object, bigints).includes(root))) return [];
  return [
    `Some paths are below ${root}, to which the bundle uploads files: go on uploading them, or use git_source`,
  ];
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function unbindNotes(found: readonly Found[]): string[] {
  const deployed = found.filter(({ id }) => id !== undefined);
  if (deployed.length === 0) return [];
  const commands = deployed.map(({ key }) => `databricks bundle deployment unbind ${key}`);
  return [
    `So that two tools do not fight, unbind the resources once the objects are Ready:\n  ${commands.join("\n  ")}`,
  ];
}
