/**
 * Writes `src/databricks/types.ts` from `tools/api/databricks-types.json`: a zod schema and a type for each request and
 * answer of the Databricks REST API that the operator's kinds use.
 *
 * A short name drops the module: `jobs.JobSettings` becomes `JobSettings`. If two modules have the same name, the type
 * that is reached first keeps it, and the other gets its module as a prefix: `JobsClusterSpec`.
 *
 * @module
 */

import { type ReferenceField, referenceFieldOf, referenceName } from "../src/databricks/references.ts";

/** A field's type in the data: a scalar's name, or one of the three compounds. */
export type FieldType =
  | string
  | { readonly ref: string }
  | { readonly array: FieldType }
  | { readonly map: FieldType };

/** One field of an object. */
export interface Field {
  readonly type: FieldType;
  readonly required?: boolean;
}

/** One named type: an enum, an object, or the request of a method. */
export interface TypeEntry {
  readonly enum?: readonly string[];
  readonly fields?: Readonly<Record<string, Field>>;
  readonly request?: Readonly<Record<string, Field>>;
}

/** The content of `databricks-types.json`. */
export interface ApiData {
  readonly source: string;
  readonly types: Readonly<Record<string, TypeEntry>>;
}

/**
 * The types that the kinds use; all types that they refer to are written too. The order decides which type keeps a
 * shared short name.
 */
export const ROOTS = [
  "jobs.JobSettings",
  "jobs.JobsAPI.run_now",
  "jobs.Job",
  "jobs.BaseRun",
  "workspace.CredentialInfo",
  "workspace.RepoInfo",
  "workspace.SecretScope",
  "workspace.SecretMetadata",
  "workspace.AclItem",
  "workspace.ObjectInfo",
  "workspace.WorkspaceAPI.import_",
  "jobs.RunOutput",
  "jobs.JobsAPI.submit",
  "jobs.JobsAPI.repair_run",
  "iam.ObjectPermissions",
  "iam.AccessControlRequest",
  "compute.ClustersAPI.create",
  "compute.ClustersAPI.edit",
  "compute.ClustersAPI.resize",
  "compute.ClusterDetails",
  "compute.ClusterPoliciesAPI.create",
  "compute.ClusterPoliciesAPI.edit",
  "compute.Policy",
  "compute.InstancePoolsAPI.create",
  "compute.InstancePoolsAPI.edit",
  "compute.InstancePoolAndStats",
  "compute.ClusterLibraryStatuses",
  "pipelines.PipelinesAPI.create",
  "pipelines.PipelinesAPI.update",
  "pipelines.PipelinesAPI.start_update",
  "pipelines.GetPipelineResponse",
  "pipelines.PipelineStateInfo",
  "pipelines.UpdateInfo",
  "sql.WarehousesAPI.create",
  "sql.WarehousesAPI.edit",
  "sql.GetWarehouseResponse",
  "sql.AlertV2",
  "sql.QueriesAPI.create",
  "sql.Query",
  "dashboards.Dashboard",
  "dashboards.LakeviewAPI.publish",
  "dashboards.PublishedDashboard",
  "dashboards.Schedule",
  "dashboards.GenieAPI.create_space",
  "dashboards.GenieSpace",
  "serving.ServingEndpointsAPI.create",
  "serving.ServingEndpointDetailed",
  "serving.ServingEndpoint",
  "catalog.CatalogsAPI.create",
  "catalog.CatalogsAPI.update",
  "catalog.CatalogInfo",
  "catalog.SchemasAPI.create",
  "catalog.SchemasAPI.update",
  "catalog.SchemaInfo",
  "catalog.VolumesAPI.create",
  "catalog.VolumesAPI.update",
  "catalog.VolumeInfo",
  "catalog.ExternalLocationsAPI.create",
  "catalog.ExternalLocationsAPI.update",
  "catalog.ExternalLocationInfo",
  "catalog.StorageCredentialsAPI.create",
  "catalog.StorageCredentialsAPI.update",
  "catalog.StorageCredentialInfo",
  "catalog.ConnectionsAPI.create",
  "catalog.ConnectionsAPI.update",
  "catalog.ConnectionInfo",
  "catalog.RegisteredModelsAPI.create",
  "catalog.RegisteredModelsAPI.update",
  "catalog.RegisteredModelInfo",
  "catalog.QualityMonitorsAPI.create",
  "catalog.MonitorInfo",
  "catalog.PrivilegeAssignment",
  "catalog.PermissionsChange",
  "catalog.WorkspaceBinding",
  "ml.ExperimentsAPI.create_experiment",
  "ml.Experiment",
  "apps.App",
  "apps.AppDeployment",
  "settings.NotificationDestinationsAPI.create",
  "settings.NotificationDestination",
  "vectorsearch.VectorSearchEndpointsAPI.create_endpoint",
  "vectorsearch.EndpointInfo",
  "vectorsearch.VectorSearchIndexesAPI.create_index",
  "vectorsearch.VectorIndex",
  "database.DatabaseInstance",
];

/** The names of requests that differ from those of {@link requestName}. */
const REQUEST_NAMES: Readonly<Record<string, string>> = { "jobs.JobsAPI.run_now": "jobs.RunNowRequest" };

/**
 * Requests have no type of their own in the data: they are named after the API and its method. `sql.WarehousesAPI.edit`
 * becomes `sql.WarehousesEdit`.
 */
function requestName(typeName: string): string {
  const [module, api, method] = typeName.split(".") as [string, string, string | undefined];
  if (method === undefined) return typeName;
  const words = method.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return REQUEST_NAMES[typeName] ?? `${module}.${api.replace(/API$/, "")}${words.join("")}`;
}

/** Fields that Databricks or the operator fills in: they are required in the API, but not in manifests. */
const SERVER_MADE: Readonly<Record<string, readonly string[]>> = {
  "jobs.RunNowRequest": ["job_id"],
  "workspace.CredentialInfo": ["credential_id"],
};

const SCALARS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "z.boolean()",
  number: "z.number()",
  int64: "int64",
  any: "anything",
};

/** One type before it is written. */
interface Declaration {
  /** The name in the data: `jobs.Task`. */
  readonly typeName: string;
  /** The name in the file: `Task`. */
  readonly name: string;
  readonly entry: TypeEntry;
}

/**
 * Generates the text of `types.ts`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateTypes } from "./generate_types.ts";
 *
 * const data = { source: "sdk 1", types: { "a.Pair": { fields: { key: { type: "string", required: true } } } } };
 * assert.match(generateTypes(data, ["a.Pair"]), /export const Pair = z.looseObject\(\{\n  key: text,/);
 * ```
 */
export function generateTypes(data: ApiData, roots: readonly string[] = ROOTS): string {
  const order = dependencyOrder(data, roots);
  const names = shortNames(order);
  const written = new Set<string>();
  const blocks = order.map((typeName) => {
    const block = declaration({ typeName, name: names.get(typeName)!, entry: data.types[typeName]! }, names, written);
    written.add(typeName);
    return block;
  });
  return [header(data.source, blocks.join("")), ...blocks].join("\n");
}

function header(source: string, body: string): string {
  const all = ["anything", "int64", "openEnum", "optional", "stringMap", "text"];
  const references = /\breference\(/.test(body) ? '\nimport { reference } from "./references.ts";' : "";
  const primitives = all.filter((name) => new RegExp(`\\b${name}\\b(?!:|\\(\\))`).test(body));
  return `// Generated by tools/generate_types.ts; do not edit.
// From ${source}.
// To refresh: pip install databricks-sdk && python tools/api/extract_types.py > tools/api/databricks-types.json,
// then: deno task generate
/**
 * The requests and answers of the Databricks REST API, as zod schemas and types.
 *
 * Objects are loose and enums are open, so that what Databricks adds later survives a round trip.
 *
 * @module
 */
import * as z from "zod";
import { ${primitives.join(", ")} } from "./primitives.ts";${references}
`;
}

function declaration({ typeName, name, entry }: Declaration, names: Names, written: ReadonlySet<string>): string {
  const schema = entry.enum
    ? `openEnum(${JSON.stringify(entry.enum)})`
    : objectSchema({ typeName, name, entry }, names, written);
  return `/** \`${typeName}\` */
export const ${name} = ${schema};
export type ${name} = z.infer<typeof ${name}>;
`;
}

type Names = ReadonlyMap<string, string>;

function objectSchema({ typeName, entry }: Declaration, names: Names, written: ReadonlySet<string>): string {
  const metaName = requestName(typeName);
  const lines = Object.entries(fieldsOf(entry)).flatMap(([key, field]) => {
    const referred = referenceFieldOf(metaName, key);
    const optional = !field.required || SERVER_MADE[metaName]?.includes(key) || referred !== undefined;
    const schema = optional ? optionalSchema(field.type, names) : fieldSchema(field.type, names);
    // A schema that is declared later can only be used in a getter, which zod calls at the first use.
    const later = references(field.type).some((reference) => !written.has(reference));
    const line = later ? `  get ${key}() { return ${schema}; },` : `  ${key}: ${schema},`;
    return referred === undefined ? [line] : [line, referenceLine(referred, field)];
  });
  return `z.looseObject({\n${lines.join("\n")}\n}).meta({ typeName: "${metaName}" })`;
}

/** The field beside an id that accepts a name instead. */
function referenceLine(referred: ReferenceField, { type, required }: Field): string {
  const { id, kind, isRuled = true, isLastPart } = referred;
  const options = [
    ...(type === "int64" ? ["isNumber: true"] : []),
    ...(required ? ["isNeeded: true"] : []),
    ...(isRuled ? [] : ["isRuled: false"]),
    ...(isLastPart ? ["isLastPart: true"] : []),
  ];
  const last = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
  return `  ${referenceName(referred)}: reference("${id}", "${kind}"${last}),`;
}

/** The most frequent types are shared, in primitives.ts: thousands of equal zod schemas would cost time and memory. */
const SHARED: Readonly<Record<string, string>> = {
  string: "optional.text",
  boolean: "optional.flag",
  number: "optional.number",
  int64: "optional.int64",
};

function optionalSchema(type: FieldType, names: Names): string {
  if (typeof type === "string" && SHARED[type] !== undefined) return SHARED[type];
  if (typeof type === "object" && "array" in type && type.array === "string") return "optional.texts";
  if (typeof type === "object" && "map" in type && type.map === "string") return "optional.stringMap";
  return `${fieldSchema(type, names)}.optional()`;
}

function fieldSchema(type: FieldType, names: Names): string {
  if (typeof type === "string") return SCALARS[type] ?? fail(`unknown scalar "${type}"`);
  if ("ref" in type) return names.get(type.ref)!;
  if ("array" in type) return `z.array(${fieldSchema(type.array, names)})`;
  if (type.map === "string") return "stringMap";
  return `z.record(text, ${fieldSchema(type.map, names)})`;
}

function fieldsOf(entry: TypeEntry): Readonly<Record<string, Field>> {
  return entry.fields ?? entry.request ?? {};
}

function references(type: FieldType): string[] {
  if (typeof type === "string") return [];
  if ("ref" in type) return [type.ref];
  return references("array" in type ? type.array : type.map);
}

function dependencies(data: ApiData, typeName: string): string[] {
  const entry = data.types[typeName] ?? fail(`unknown type "${typeName}"`);
  return Object.values(fieldsOf(entry)).flatMap((field) => references(field.type));
}

/** All types that `roots` refer to, each after its own references (except for cycles). */
function dependencyOrder(data: ApiData, roots: readonly string[]): string[] {
  const entered = new Set<string>();
  const order: string[] = [];
  const visit = (typeName: string) => {
    if (entered.has(typeName)) return;
    entered.add(typeName);
    dependencies(data, typeName).forEach(visit);
    order.push(typeName);
  };
  roots.forEach(visit);
  return order;
}

function shortNames(typeNames: readonly string[]): Names {
  const taken = new Set<string>();
  return new Map(typeNames.map((typeName) => {
    const [module, short] = requestName(typeName).split(".") as [string, string];
    const name = taken.has(short) ? module[0]!.toUpperCase() + module.slice(1) + short : short;
    taken.add(name);
    return [typeName, name];
  }));
}

function fail(message: string): never {
  throw new Error(`Cannot generate types: ${message}`);
}
