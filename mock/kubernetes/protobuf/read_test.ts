import assert from "node:assert/strict";
import { EmbeddedKubernetes } from "../server.ts";
import { ask, CONFIG_MAPS, put } from "../testing.ts";
import { messageOf } from "./messages.ts";
import { readProtobuf } from "./read.ts";

const encoder = new TextEncoder();

/** An object in the envelope that clients send. */
function envelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const unknown = messageOf("k8s.io.apimachinery.pkg.runtime.Unknown")!;
  const content = unknown.encode(unknown.create({ typeMeta: { apiVersion, kind }, raw })).finish();
  return new Uint8Array([...encoder.encode("k8s\0"), ...content]);
}

function read(apiVersion: string, kind: string, message: string, fields: Record<string, unknown>): unknown {
  const type = messageOf(message)!;
  const result = readProtobuf(envelope(apiVersion, kind, type.encode(type.create(fields)).finish()));
  assert.equal(result.is, "json");
  return JSON.parse((result as { text: string }).text);
}

const CORE = "k8s.io.api.core.v1";

const cases: readonly [string, unknown, unknown][] = [
  [
    "a ConfigMap, without its empty fields",
    read("v1", "ConfigMap", `${CORE}.ConfigMap`, {
      metadata: { name: "settings", generateName: "", ownerReferences: [{ kind: "A", uid: "1", controller: false }] },
      data: { key: "value" },
      binaryData: { bytes: new Uint8Array([1, 2]) },
      immutable: false,
    }),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", ownerReferences: [{ kind: "A", uid: "1", controller: false }] },
      data: { key: "value" },
      binaryData: { bytes: "AQI=" },
      immutable: false,
    },
  ],
  [
    "a Lease, with times of six digits",
    read("coordination.k8s.io/v1", "Lease", "k8s.io.api.coordination.v1.Lease", {
      metadata: { name: "leader", creationTimestamp: {} },
      spec: { holderIdentity: "a", leaseTransitions: 0, renewTime: { seconds: 1_000, nanos: 5_000 } },
    }),
    {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "leader" },
      spec: { holderIdentity: "a", leaseTransitions: 0, renewTime: "1970-01-01T00:16:40.000005Z" },
    },
  ],
  [
    "the preconditions of a deletion, in whichever group it is",
    read("apps/v1", "DeleteOptions", "k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions", {
      gracePeriodSeconds: 0,
      preconditions: { uid: "1", resourceVersion: "2" },
    }),
    {
      apiVersion: "apps/v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid: "1", resourceVersion: "2" },
    },
  ],
  [
    "a Deployment: embedded structs are in place, quantities and int-or-strings as JSON writes them",
    read("apps/v1", "Deployment", "k8s.io.api.apps.v1.Deployment", {
      metadata: { name: "operator" },
      spec: {
        replicas: 0,
        template: {
          spec: {
            volumes: [{ name: "tmp", volumeSource: { emptyDir: {} } }],
            containers: [{
              name: "operator",
              env: [{ name: "A", valueFrom: { secretKeyRef: { localObjectReference: { name: "s" }, key: "k" } } }],
              resources: { limits: { memory: { string: "256Mi" } } },
              livenessProbe: { handler: { httpGet: { path: "/livez", port: { type: 1, strVal: "http" } } } },
            }],
          },
        },
      },
    }),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "operator" },
      spec: {
        replicas: 0,
        template: {
          spec: {
            volumes: [{ name: "tmp", emptyDir: {} }],
            containers: [{
              name: "operator",
              env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
              resources: { limits: { memory: "256Mi" } },
              livenessProbe: { httpGet: { path: "/livez", port: "http" } },
            }],
          },
        },
      },
    },
  ],
  [
    "a CRD's schema, with the names that protobuf cannot have",
    read(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
      {
        spec: {
          group: "example.com",
          versions: [{
            name: "v1",
            served: false,
            schema: {
              openAPIV3Schema: {
                properties: {
                  spec: {
                    type: "object",
                    nullable: false,
                    xKubernetesPreserveUnknownFields: true,
                    default: { raw: encoder.encode('{"a":1}') },
                    additionalProperties: { allows: true },
                  },
                  list: { items: { schema: { type: "string" } } },
                },
              },
            },
          }],
        },
      },
    ),
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      spec: {
        group: "example.com",
        versions: [{
          name: "v1",
          served: false,
          schema: {
            openAPIV3Schema: {
              properties: {
                spec: {
                  type: "object",
                  "x-kubernetes-preserve-unknown-fields": true,
                  default: { a: 1 },
                  additionalProperties: true,
                },
                list: { items: { type: "string" } },
              },
            },
          },
        }],
      },
    },
  ],
];

for (const [what, found, expected] of cases) {
  Deno.test(`protobuf: ${what}`, () => assert.deepEqual(found, expected));
}

Deno.test("protobuf: an unsupported kind gets another error than invalid protobuf", () => {
  assert.deepEqual(readProtobuf(envelope("v1", "Node", new Uint8Array())), { is: "unknown" });
  assert.deepEqual(readProtobuf(encoder.encode("{}")), { is: "other" });
});

/** Sends protobuf; returns the status and the reason. */
async function send(api: EmbeddedKubernetes, line: string, body: Uint8Array): Promise<[number, string]> {
  const [method = "", path = ""] = line.split(" ");
  const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/vnd.kubernetes.protobuf" };
  const answer = await api.fetch(
    new Request(`http://kubernetes${path}`, { method, headers, body: body.slice().buffer }),
  );
  return [answer.status, (await answer.json()).reason];
}

Deno.test("protobuf: a body of an unsupported kind is rejected with 415, so that the client sends JSON", async () => {
  const api = new EmbeddedKubernetes();
  const node = envelope("v1", "Node", new Uint8Array());
  assert.deepEqual(await send(api, `POST ${CONFIG_MAPS}`, node), [415, "UnsupportedMediaType"]);
});

Deno.test("protobuf: a delete with another UID deletes nothing", async () => {
  const api = new EmbeddedKubernetes();
  await put(api, "a");
  const type = messageOf("k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions")!;
  const options = type.encode(type.create({ preconditions: { uid: "another" } })).finish();
  const sent = envelope("v1", "DeleteOptions", options);
  assert.deepEqual(await send(api, `DELETE ${CONFIG_MAPS}/a`, sent), [409, "Conflict"]);
  assert.equal((await ask(api, `GET ${CONFIG_MAPS}/a`)).status, 200);
});
