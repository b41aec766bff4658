/**
 * Patches an object: JSON patch, merge patch, strategic merge patch, server-side apply.
 *
 * @module
 */
import type { Json, JsonObject } from "../../../src/base/json.ts";
import { isObject, parseJson, stringifyJson } from "../../../src/base/json.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { decode } from "../decode.ts";
import { ApiError, badRequest, invalid, unknownFormat } from "../errors.ts";
import { field } from "../field_errors.ts";
import type { Objects } from "../objects.ts";
import { jsonPatch } from "../patch/json_patch.ts";
import { mergePatch } from "../patch/merge_patch.ts";
import { strategicMergePatch } from "../patch/strategic_merge_patch.ts";
import { readText } from "../read_text.ts";
import { groupVersion, type ResourceType } from "../resource_type.ts";
import { type Asked, isTrue } from "./request.ts";

/** A patched object. */
export interface Patched {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  readonly status?: number;
}

type Patch = (target: Json, patch: Json, type: ResourceType) => Json;

const patches: Record<string, Patch> = {
  "application/json-patch+json": (target, patch) => jsonPatch(target, patch),
  "application/merge-patch+json": mergePatch,
  "application/strategic-merge-patch+json": (target, patch, type) => strategicMergePatch(target, patch, type.schema),
};
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";

/** Patches an object, or creates an applied one. */
export function patch(objects: Objects, asked: Asked, key: string): Patched {
  const type = asked.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  checkOptions(asked, type === APPLY);
  if (type === APPLY) return applyPatch(objects, asked, key);
  const change = patches[type];
  if (!change || asked.type.isCustom && type === STRATEGIC) throw unsupported(asked.type);
  const content = read(asked.body);
  let warnings: readonly string[] = [];
  const object = objects.update(asked.type, key, asked, (old) => {
    const decoded = decodePatched(asObject(change(old as Json, content, asked.type)), asked);
    warnings = decoded.warnings;
    const { name } = decoded.object.metadata;
    if (name !== old.metadata.name) {
      throw badRequest(
        `the name of the object (${name ?? ""}) does not match the name on the URL (${old.metadata.name})`,
      );
    }
    return decoded.object;
  });
  return { object, warnings };
}

/** If a patch adds unknown fields that are not allowed, the error is "invalid", not "bad request". */
function decodePatched(patched: JsonObject, asked: Asked) {
  try {
    return decode(patched, asked.type, asked);
  } catch (error) {
    const [, why] = error instanceof ApiError ? error.message.match(/: (strict decoding error: .*)$/) ?? [] : [];
    if (why === undefined) throw error;
    throw invalid({ group: "", kind: "" }, "", [field.invalid("patch", stringifyJson(patched), why)]);
  }
}

function applyPatch(objects: Objects, asked: Asked, key: string): Patched {
  const { type, query, namespace, name } = asked;
  const { object, warnings, unknown } = decode(asObject(readText(asked.body)), type, {
    validation: "Ignore",
    defaults: false,
  });
  const { metadata } = object;
  if (unknown.length > 0) throw undeclared(object, type, unknown);
  if (metadata.managedFields !== undefined) throw badRequest("metadata.managedFields must be nil");
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const placed = { ...metadata, name: name ?? "", ...namespace !== undefined && { namespace } };
  const isNew = objects.find(type, key) === undefined;
  const force = isTrue(query.get("force"));
  const applied = objects.apply(type, key, { ...object, metadata: placed }, { ...asked, force });
  return { object: applied, warnings, status: isNew ? 201 : 200 };
}

/** Rejects an unknown field in an applied configuration, regardless of `fieldValidation`. */
function undeclared({ metadata }: KubeObject, type: ResourceType, paths: readonly string[]): ApiError {
  const what = `${metadata.namespace ?? ""}/${metadata.name ?? ""}; ${groupVersion(type)}, Kind=${type.kind}`;
  const errors = paths.map((path) => `.${path}: field not declared in schema`);
  const text = errors.length === 1 ? errors[0] : ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
  return new ApiError(500, "", `failed to create typed patch object (${what}): ${text}`);
}

function checkOptions({ query }: Asked, isApply: boolean): void {
  const errors = [
    ...isApply && !query.get("fieldManager") ? [field.required("fieldManager", "is required for apply patch")] : [],
    ...!isApply && query.get("force") !== null
      ? [field.forbidden("force", "may not be specified for non-apply patch")]
      : [],
  ];
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "PatchOptions" }, "", errors);
}

function unsupported(type: ResourceType): ApiError {
  const known = [...Object.keys(patches), APPLY].filter((name) => !type.isCustom || name !== STRATEGIC);
  return unknownFormat(known);
}

function read(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`);
  }
}

function asObject(value: unknown): JsonObject {
  if (isObject(value)) return value as JsonObject;
  throw badRequest("the patch does not make an object");
}
