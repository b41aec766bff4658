/**
 * Reads objects that clients send as protobuf: kubectl for commands such as `create configmap`, and client-go from 0.33
 * on for every built-in kind. Answers are always JSON, which every client that sends protobuf also accepts.
 *
 * Protobuf does not distinguish an empty string from an absent one; the field is then absent, because JSON omits most
 * empty fields. Numbers and booleans are kept, except those (below) that Go writes even if they were never set.
 *
 * @module
 */
import type protobuf from "protobufjs";
import { type Json, type JsonObject, parseJson, stringifyJson } from "../../../src/base/json.ts";
import { encodeBase64 } from "../../base64.ts";
import { components } from "../schema/schema.ts";
import { messageOf } from "./messages.ts";

/** Each envelope begins with these bytes (k8s.io/apimachinery, runtime.Unknown). */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const META = "k8s.io.apimachinery.pkg.apis.meta.v1";
const EXTENSIONS = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1";

/** The .proto packages of the API's groups. */
const packages: Readonly<Record<string, string>> = {
  "v1": "k8s.io.api.core.v1",
  "apiextensions.k8s.io/v1": EXTENSIONS,
  "apps/v1": "k8s.io.api.apps.v1",
  "authentication.k8s.io/v1": "k8s.io.api.authentication.v1",
  "authorization.k8s.io/v1": "k8s.io.api.authorization.v1",
  "coordination.k8s.io/v1": "k8s.io.api.coordination.v1",
  "events.k8s.io/v1": "k8s.io.api.events.v1",
  "networking.k8s.io/v1": "k8s.io.api.networking.v1",
  "policy/v1": "k8s.io.api.policy.v1",
  "rbac.authorization.k8s.io/v1": "k8s.io.api.rbac.v1",
};

/** The content of an envelope. */
export type FromProtobuf =
  | { readonly is: "json"; readonly text: string }
  /** Protobuf of a kind that this file does not read. */
  | { readonly is: "unknown" }
  | { readonly is: "other" };

/** The object in a body, as JSON. @throws {RangeError} if the bytes end early. */
export function readProtobuf(bytes: Uint8Array): FromProtobuf {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return { is: "other" };
  const envelope = messageOf("k8s.io.apimachinery.pkg.runtime.Unknown")!.decode(bytes.subarray(MAGIC.length));
  const { typeMeta, raw } = envelope as unknown as { typeMeta?: Record<string, string>; raw?: Uint8Array };
  const { apiVersion = "", kind = "" } = typeMeta ?? {};
  // A deletion's options are sent in the group of the deleted object.
  const name = kind === "DeleteOptions" ? META : packages[apiVersion];
  const type = messageOf(`${name}.${kind}`);
  if (type === undefined || raw === undefined) return { is: "unknown" };
  return { is: "json", text: stringifyJson({ apiVersion, kind, ...objectOf(type, type.decode(raw)) }) };
}

type Message = protobuf.Message & Record<string, unknown>;

/** Messages with a special format in JSON. */
const special: Readonly<Record<string, (message: Message) => Json | undefined>> = {
  [`${META}.Time`]: (time) => instant(time, 0),
  [`${META}.MicroTime`]: (time) => instant(time, 6),
  [`${META}.FieldsV1`]: ({ Raw }) => json(Raw),
  [`${META}.Verbs`]: ({ items }) => items as Json,
  "k8s.io.apimachinery.pkg.api.resource.Quantity": ({ string }) => string as string,
  "k8s.io.apimachinery.pkg.runtime.RawExtension": ({ raw }) => json(raw),
  "k8s.io.apimachinery.pkg.util.intstr.IntOrString": ({ type, intVal, strVal }) =>
    Number(type ?? 0) === 1 ? strVal as string : Number(intVal ?? 0),
  [`${EXTENSIONS}.JSON`]: ({ raw }) => json(raw),
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: ({ schema, allows }) => schemaOf(schema) ?? allows === true,
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: ({ schema, jSONSchemas }) =>
    schemaOf(schema) ?? (jSONSchemas as Message[]).map((one) => schemaOf(one)!),
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: ({ schema, property }) => schemaOf(schema) ?? property as Json,
};

function instant(time: Message, digits: number): Json | undefined {
  // Go's zero time, for a time that was never set.
  if (!Object.hasOwn(time, "seconds")) return undefined;
  const { seconds, nanos } = time;
  const whole = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, "");
  const part = String(nanos ?? 0).padStart(9, "0").slice(0, digits);
  return digits === 0 ? `${whole}Z` : `${whole}.${part}Z`;
}

function json(raw: unknown): Json | undefined {
  return raw instanceof Uint8Array && raw.length > 0 ? parseJson(new TextDecoder().decode(raw)) : undefined;
}

function schemaOf(message: unknown): JsonObject | undefined {
  if (message === undefined || message === null) return undefined;
  return objectOf(messageOf(`${EXTENSIONS}.JSONSchemaProps`)!, message as Message);
}

/** Numbers and booleans that Go writes even if they were never set; elsewhere, 0 and false are real values. */
const UNSAID = new Set([
  ...["generation", "count", "deprecatedCount", "observedGeneration"],
  ...["minReadySeconds", "nodePort", "healthCheckNodePort", "hostPort"],
  ...["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"],
  ...["hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "paused", "readOnly"],
  ...["publishNotReadyAddresses", "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "nullable", "deprecated"],
  ...["xKubernetesEmbeddedResource", "xKubernetesIntOrString"],
]);

function objectOf(type: protobuf.Type, message: protobuf.Message): JsonObject {
  const result: JsonObject = {};
  const declared = components[schemaName(type)]?.properties;
  for (const field of type.fieldsArray) {
    const content = Object.hasOwn(message, field.name) ? (message as Message)[field.name] : undefined;
    // A list or map is empty if no element was sent.
    if (content === undefined || (field.repeated || field.map) && Object.keys(content as object).length === 0) continue;
    const value = fieldOf(field, content);
    if (value === undefined || value === "" || isUnsaid(field.name, value)) continue;
    const isInline = declared !== undefined && !Object.hasOwn(declared, field.name) && isMessage(field);
    if (isInline) Object.assign(result, value);
    else result[nameOf(field.name, type)] = value;
  }
  return result;
}

function isUnsaid(name: string, value: Json): boolean {
  return (value === 0 || value === false) && UNSAID.has(name);
}

function isMessage({ resolvedType, repeated, map }: protobuf.Field): boolean {
  return resolvedType !== null && !repeated && !map;
}

/** The name of a message's schema in the OpenAPI documents. */
function schemaName({ fullName }: protobuf.Type): string {
  return fullName.replace(/^\.k8s\.io\./, "io.k8s.").replace("apiextensions_apiserver", "apiextensions-apiserver");
}

/** The name in JSON if it cannot be a protobuf name: `$ref`, `x-kubernetes-map-type`. */
function nameOf(name: string, { fullName }: protobuf.Type): string {
  if (!fullName.endsWith(".JSONSchemaProps")) return name;
  if (name === "ref" || name === "schema") return `$${name}`;
  return name.startsWith("xKubernetes") ? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : name;
}

function fieldOf(field: protobuf.Field, value: unknown): Json | undefined {
  if (field.repeated) return (value as unknown[]).map((item) => valueOf(field, item) ?? null);
  if (!field.map) return valueOf(field, value);
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, item]) => [key, valueOf(field, item) ?? null]));
}

function valueOf({ resolvedType, type }: protobuf.Field, value: unknown): Json | undefined {
  if (resolvedType !== null) {
    const write = special[resolvedType.fullName.slice(1)];
    return write ? write(value as Message) : objectOf(resolvedType as protobuf.Type, value as Message);
  }
  if (value instanceof Uint8Array) return encodeBase64(value);
  // 64-bit integers are objects; those in Kubernetes are small enough for a number.
  return /int64|fixed64/.test(type) ? Number(value) : value as Json;
}
