/**
 * Reads the few objects that kubectl sends as protobuf: those of `kubectl create configmap` and its like. Answers are
 * always JSON, which every client that sends protobuf accepts too.
 *
 * The form is that of k8s.io/apimachinery, `runtime/generated.proto` (Unknown); the numbers are those of the kinds' own
 * generated.proto.
 *
 * @module
 */
import { type Json, type JsonObject, stringifyJson } from "../../../src/base/json.ts";

/** How a field is written: a scalar, or the name of a message. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly many?: "list" | "map";
}

type Message = Readonly<Record<number, Field>>;

const text = (name: string): Field => ({ name, type: "string" });
const list = (name: string, type = "string"): Field => ({ name, type, many: "list" });
const map = (name: string, type = "string"): Field => ({ name, type, many: "map" });
const one = (name: string, type: string): Field => ({ name, type });

const metadata = one("metadata", "ObjectMeta");

const messages: Readonly<Record<string, Message>> = {
  Unknown: { 1: one("typeMeta", "TypeMeta"), 2: one("raw", "raw") },
  TypeMeta: { 1: text("apiVersion"), 2: text("kind") },
  ObjectMeta: {
    1: text("name"),
    2: text("generateName"),
    3: text("namespace"),
    5: text("uid"),
    6: text("resourceVersion"),
    11: map("labels"),
    12: map("annotations"),
    14: list("finalizers"),
  },
  Namespace: { 1: metadata },
  ConfigMap: { 1: metadata, 2: map("data"), 3: map("binaryData", "bytes"), 4: one("immutable", "bool") },
  Secret: { 1: metadata, 2: map("data", "bytes"), 3: text("type"), 4: map("stringData"), 5: one("immutable", "bool") },
  ServiceAccount: { 1: metadata, 4: one("automountServiceAccountToken", "bool") },
  TokenRequest: { 1: metadata, 2: one("spec", "TokenRequestSpec") },
  TokenRequestSpec: { 1: list("audiences"), 4: one("expirationSeconds", "int") },
  SelfSubjectReview: { 1: metadata },
  SelfSubjectAccessReview: { 1: metadata, 2: one("spec", "AccessReviewSpec") },
  AccessReviewSpec: {
    1: one("resourceAttributes", "ResourceAttributes"),
    2: one("nonResourceAttributes", "NonResourceAttributes"),
  },
  ResourceAttributes: {
    1: text("namespace"),
    2: text("verb"),
    3: text("group"),
    4: text("version"),
    5: text("resource"),
    6: text("subresource"),
    7: text("name"),
  },
  NonResourceAttributes: { 1: text("path"), 2: text("verb") },
  DeleteOptions: { 1: one("gracePeriodSeconds", "int"), 4: text("propagationPolicy"), 5: list("dryRun") },
};

/** Each envelope begins with these bytes. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** An object in JSON; `undefined` when it is not protobuf, or of a kind that is not known here. */
export function jsonFromProtobuf(bytes: Uint8Array): string | undefined {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const { typeMeta, raw } = read(bytes.subarray(MAGIC.length), "Unknown") as { typeMeta?: JsonObject; raw?: unknown };
  const kind = String(typeMeta?.kind ?? "");
  if (!Object.hasOwn(messages, kind) || !(raw instanceof Uint8Array)) return undefined;
  return stringifyJson({ ...typeMeta, ...read(raw, kind) });
}

function read(bytes: Uint8Array, name: string): JsonObject {
  const result: JsonObject = {};
  const message = messages[name]!;
  for (const { number, value } of fieldsOf(bytes)) {
    const known = message[number];
    if (!known) continue;
    const { name: key, type, many } = known;
    if (many === "map") {
      const entry = Object.fromEntries([...fieldsOf(value as Uint8Array)].map((part) => [part.number, part.value]));
      const item = valueOf(entry[2] ?? new Uint8Array(), type);
      result[key] = { ...result[key] as JsonObject, [String(valueOf(entry[1]!, "string"))]: item };
    } else if (many === "list") result[key] = [...result[key] as Json[] ?? [], valueOf(value, type)];
    // An empty text is one that was not said.
    else if (type !== "string" || value instanceof Uint8Array && value.length > 0) result[key] = valueOf(value, type);
  }
  return result;
}

function valueOf(value: Uint8Array | bigint, type: string): Json {
  if (typeof value === "bigint") return type === "bool" ? value !== 0n : Number(value);
  if (type === "string") return new TextDecoder().decode(value);
  if (type === "bytes") return value.toBase64();
  // The envelope's content is read as what the envelope says that it is.
  return type === "raw" ? value as unknown as Json : read(value, type);
}

/** The fields of a message: numbers, and what they hold. */
function* fieldsOf(bytes: Uint8Array): Generator<{ number: number; value: Uint8Array | bigint }> {
  for (let at = 0; at < bytes.length;) {
    const tag = varint(bytes, at);
    at = tag.end;
    const number = Number(tag.value >> 3n);
    const first = varint(bytes, at);
    at = first.end;
    if ((tag.value & 7n) === 2n) {
      const end = at + Number(first.value);
      yield { number, value: bytes.subarray(at, end) };
      at = end;
    } else yield { number, value: first.value };
  }
}

function varint(bytes: Uint8Array, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length; at++, shift += 7n) {
    value |= BigInt(bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return { value, end: bytes.length };
}
