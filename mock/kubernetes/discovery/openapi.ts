/**
 * The API's OpenAPI documents, as far as kubectl uses them: schemas for `explain` and for patches, and paths that
 * declare that the server validates fields itself.
 *
 * @module
 */
import { ApiError } from "../errors.ts";
import { OPENAPI_ASKED, OPENAPI_PROTOBUF, openApiProtobuf, type OpenApiV2 } from "../protobuf/write_openapi.ts";
import type { Registry } from "../registry.ts";
import { jsonAnswer } from "../requests/answer.ts";
import { groupVersion, type ResourceType } from "../resource_type.ts";
import { components, type Schema } from "../schema/schema.ts";
import { groupsOf } from "./groups.ts";

const PREFIX = "#/components/schemas/";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const KINDS = "x-kubernetes-group-version-kind";

function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** The paths of the documents, which change with the content, so that clients may cache the documents. */
export function openApiIndex(registry: Registry): Record<string, unknown> {
  const paths = groupsOf(registry).flatMap(({ name, versions }) =>
    [...versions.keys()].map((version) => pathOf(name, version))
  );
  const address = (path: string) => ({ serverRelativeURL: `/openapi/v3/${path}?hash=${registry.edition}` });
  return { paths: Object.fromEntries(paths.map((path) => [path, address(path)])) };
}

const INFO = { title: "Kubernetes", version: "1.36" };

/** The document of a group's version; `undefined` if it does not exist. */
export function openApiV3(registry: Registry, group: string, version: string): Record<string, unknown> | undefined {
  const types = registry.all().filter((type) => type.group === group && type.version === version);
  if (types.length === 0) return undefined;
  const schemas = { ...metaSchemas(), ...Object.fromEntries(types.map((type) => [nameOf(type), schemaOf(type)])) };
  return { openapi: "3.0.0", info: INFO, paths: pathsOf(types), components: { schemas: withReferences(schemas) } };
}

/** The document of all kinds in its older form, as JSON or as protobuf, whichever the caller lists first. */
export function openApiV2(registry: Registry, headers: Headers): Response {
  const document = documentV2(registry);
  for (const range of (headers.get("accept") ?? "*/*").split(",")) {
    const media = range.split(";")[0]!.trim();
    if (media === OPENAPI_ASKED || media === OPENAPI_PROTOBUF) {
      return new Response(openApiProtobuf(document), { headers: { "content-type": OPENAPI_PROTOBUF } });
    }
    if (["application/json", "application/*", "*/*"].includes(media)) return jsonAnswer(JSON.stringify(document));
  }
  throw new ApiError(406, "NotAcceptable", "only the following media types are accepted: application/json");
}

function documentV2(registry: Registry): OpenApiV2 {
  const types = registry.all();
  const schemas = { ...metaSchemas(), ...Object.fromEntries(types.map((type) => [nameOf(type), schemaOf(type)])) };
  const text = JSON.stringify(withReferences(schemas)).replaceAll(PREFIX, "#/definitions/");
  return { swagger: "2.0", info: INFO, paths: pathsOf(types), definitions: JSON.parse(text) };
}

/** The schemas that all kinds share. */
function metaSchemas(): Record<string, Schema> {
  return Object.fromEntries(Object.entries(components).filter(([name]) => name.startsWith(META)));
}

/** Adds the schemas that are referred to. */
function withReferences(schemas: Record<string, Schema>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const todo = Object.entries(schemas);
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [name, schema] = next;
    if (found[name]) continue;
    found[name] = schema;
    for (const [, other] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const target = components[other!];
      if (target) todo.push([other!, target]);
    }
  }
  return found;
}

/** The name of a kind's schema: the reversed group, the version, the kind. */
function nameOf({ group, version, kind, isCustom }: ResourceType): string {
  if (isCustom) return `${group.split(".").reverse().join(".")}.${version}.${kind}`;
  const known = Object.entries(components).find(([, schema]) =>
    (schema[KINDS] as { group: string; kind: string }[] | undefined)?.some((one) =>
      one.group === group && one.kind === kind
    )
  );
  return known?.[0] ?? kind;
}

function schemaOf(type: ResourceType): Schema {
  const { group, version, kind, schema } = type;
  if (!type.isCustom) return schema;
  const { apiVersion, metadata } = components["io.k8s.api.core.v1.ConfigMap"]!.properties!;
  const properties = { ...schema.properties, apiVersion: apiVersion!, kind: kindField(), metadata: metadata! };
  return { ...schema, properties, [KINDS]: [{ group, version, kind }] };
}

function kindField(): Schema {
  return components["io.k8s.api.core.v1.ConfigMap"]!.properties!.kind!;
}

function pathsOf(types: readonly ResourceType[]): Record<string, Record<string, Record<string, unknown>>> {
  return Object.fromEntries(types.flatMap((type) => {
    const { group, version, plural, namespaced } = type;
    const base = `/${pathOf(group, version)}/${namespaced ? "namespaces/{namespace}/" : ""}${plural}`;
    return [[base, { get: read(type), post: write(type) }], [`${base}/{name}`, {
      get: read(type),
      put: write(type),
      patch: write(type),
    }]];
  }));
}

function operation({ group, version, kind, plural }: ResourceType) {
  const answer = { description: "OK" };
  return {
    tags: [groupVersion({ group, version })],
    description: plural,
    responses: { "200": answer },
    [KINDS]: { group, version, kind },
  };
}

function read(type: ResourceType) {
  return operation(type);
}

const QUERY = ["dryRun", "fieldManager", "fieldValidation"];

function write(type: ResourceType) {
  const parameters = QUERY.map((name) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } }));
  const body = { content: { "application/json": { schema: { $ref: `${PREFIX}${nameOf(type)}` } } } };
  return { ...operation(type), parameters, requestBody: body };
}
