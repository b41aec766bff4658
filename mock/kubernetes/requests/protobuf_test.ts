import assert from "node:assert/strict";
import { jsonFromProtobuf } from "./protobuf.ts";

const bytes = (text: string) => [...new TextEncoder().encode(text)];
const field = (number: number, content: readonly number[]) => [number << 3 | 2, content.length, ...content];

/** An object in its envelope. */
function envelope(kind: string, raw: readonly number[]): Uint8Array {
  const typeMeta = [...field(1, bytes("v1")), ...field(2, bytes(kind))];
  return new Uint8Array([...bytes("k8s\0"), ...field(1, typeMeta), ...field(2, raw)]);
}

Deno.test("a ConfigMap in protobuf becomes JSON", () => {
  const metadata = [...field(1, bytes("settings")), ...field(2, [])];
  const entry = [...field(1, bytes("key")), ...field(2, bytes("value"))];
  const immutable = [4 << 3, 1];
  const json = jsonFromProtobuf(envelope("ConfigMap", [...field(1, metadata), ...field(2, entry), ...immutable]));
  assert.deepEqual(JSON.parse(json!), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings" },
    data: { key: "value" },
    immutable: true,
  });
});

Deno.test("other kinds, and what is no protobuf, are not read", () => {
  assert.equal(jsonFromProtobuf(envelope("Pod", [])), undefined);
  assert.equal(jsonFromProtobuf(new TextEncoder().encode("{}")), undefined);
});
