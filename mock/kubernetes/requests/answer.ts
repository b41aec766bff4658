/**
 * Writes answers in the format that the caller accepts.
 *
 * @module
 */
import { stringify } from "yaml";
import { parseJson, stringifyJson } from "../../../src/base/json.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { ApiError } from "../errors.ts";
import { groupVersion, type ResourceType } from "../resource_type.ts";
import { itemTextOf, textOf } from "../text.ts";
import { type Include, partial, tableOf } from "../views/table.ts";
import type { Page } from "./list.ts";

/** The format of objects. */
export interface Form {
  readonly as: "object" | "table" | "metadata";
  readonly isYaml: boolean;
  readonly include: Include;
}

const ACCEPTED = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/** The first supported format in an `Accept` header. @throws {ApiError} 406 if there is none. */
export function formOf(headers: Headers, query: URLSearchParams): Form {
  const include = (query.get("includeObject") || "Metadata") as Include;
  for (const range of (headers.get("accept") ?? "*/*").split(",")) {
    const [media = "", ...parameters] = range.split(";").map((part) => part.trim());
    const values = new Map(parameters.map((part) => part.split("=") as [string, string]));
    const kind = values.get("as");
    const as = kind === "Table" ? "table" : kind?.startsWith("PartialObjectMetadata") ? "metadata" : "object";
    if (kind !== undefined && (as === "object" || values.get("v") !== "v1")) continue;
    if (["application/json", "application/*", "*/*"].includes(media)) return { as, isYaml: false, include };
    if (media === "application/yaml") return { as, isYaml: true, include };
  }
  throw new ApiError(406, "NotAcceptable", `only the following media types are accepted: ${ACCEPTED}`);
}

/** An answer with JSON text. */
export function jsonAnswer(text: string, { status = 200, headers = {} as Record<string, string> } = {}): Response {
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}

/** The answer for an error. For an unknown path it is plain text. */
export function errorAnswer(error: ApiError): Response {
  if (error.reason === "" && error.code === 404) return new Response(error.message, { status: 404 });
  const seconds = error.details?.retryAfterSeconds;
  const headers: Record<string, string> = seconds === undefined ? {} : { "retry-after": String(seconds) };
  return jsonAnswer(stringifyJson(error.status), { status: error.code, headers });
}

/** Writes a kind's objects in a format; `now` is for ages, which grow during a watch. */
export class Writer {
  readonly #type: ResourceType;
  readonly #form: Form;
  readonly #now: () => number;
  #hasColumns = false;

  constructor(type: ResourceType, form: Form, now: () => number) {
    this.#type = type;
    this.#form = form;
    this.#now = now;
  }

  /** One object, as text. */
  object(object: KubeObject): string {
    const { as, include } = this.#form;
    if (as === "metadata") return stringifyJson(partial(object));
    if (as === "object") return textOf(object);
    const { resourceVersion } = object.metadata;
    const withColumns = !this.#hasColumns;
    this.#hasColumns = true;
    const rows = object.metadata.name === undefined ? [] : [object];
    const options = { metadata: { resourceVersion }, include, now: this.#now(), withColumns };
    return stringifyJson(tableOf(rows, this.#type, options));
  }

  /** A list, as text. */
  list({ items, metadata }: Page): string {
    const { as, include } = this.#form;
    if (as === "table") return stringifyJson(tableOf(items, this.#type, { metadata, include, now: this.#now() }));
    if (as === "metadata") {
      const kind = "PartialObjectMetadataList";
      return stringifyJson({ kind, apiVersion: "meta.k8s.io/v1", metadata, items: items.map(partial) });
    }
    const head = stringifyJson({ kind: this.#type.listKind, apiVersion: groupVersion(this.#type), metadata });
    const texts = items.map((item) => itemTextOf(item, this.#type.isCustom));
    return `${head.slice(0, -1)},"items":[${texts.join(",")}]}`;
  }
}

/** An answer, from JSON text, as JSON or YAML. */
export function answer(
  text: string,
  form: Form,
  options: { status?: number; warnings?: readonly string[] } = {},
): Response {
  const { status = 200, warnings = [] } = options;
  const headers = new Headers({ "content-type": form.isYaml ? "application/yaml" : "application/json" });
  for (const warning of warnings) headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return new Response(form.isYaml ? stringify(parseJson(text)) : text, { status, headers });
}
