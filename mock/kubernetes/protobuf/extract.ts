/**
 * Writes messages.json, the protobuf messages of the built-in kinds, from the .proto files that Kubernetes publishes:
 * `deno run -A mock/kubernetes/protobuf/extract.ts FOLDER`, where FOLDER contains the Go modules `k8s.io/api`,
 * `k8s.io/apimachinery`, `k8s.io/apiextensions-apiserver` and `github.com/google/gnostic-models` at these paths.
 *
 * @module
 */
import protobuf from "protobufjs";

const FILES = [
  "k8s.io/apimachinery/pkg/runtime/generated.proto",
  "k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto",
  "k8s.io/api/apps/v1/generated.proto",
  "k8s.io/api/authentication/v1/generated.proto",
  "k8s.io/api/authorization/v1/generated.proto",
  "k8s.io/api/coordination/v1/generated.proto",
  "k8s.io/api/core/v1/generated.proto",
  "k8s.io/api/events/v1/generated.proto",
  "k8s.io/api/networking/v1/generated.proto",
  "k8s.io/api/policy/v1/generated.proto",
  "k8s.io/api/rbac/v1/generated.proto",
  "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/generated.proto",
  "github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto",
];

/** The messages that are read or written; the messages that they use are extracted too. */
const MESSAGES = [
  "k8s.io.apimachinery.pkg.runtime.Unknown",
  "k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions",
  ...["Deployment", "StatefulSet"].map((kind) => `k8s.io.api.apps.v1.${kind}`),
  ...["SelfSubjectReview", "TokenRequest"].map((kind) => `k8s.io.api.authentication.v1.${kind}`),
  ...["SelfSubjectAccessReview", "SelfSubjectRulesReview"].map((kind) => `k8s.io.api.authorization.v1.${kind}`),
  "k8s.io.api.coordination.v1.Lease",
  ...["ConfigMap", "Event", "Namespace", "Secret", "Service", "ServiceAccount"].map((kind) =>
    `k8s.io.api.core.v1.${kind}`
  ),
  "k8s.io.api.events.v1.Event",
  "k8s.io.api.networking.v1.NetworkPolicy",
  "k8s.io.api.policy.v1.PodDisruptionBudget",
  ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind) => `k8s.io.api.rbac.v1.${kind}`),
  "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  "openapi.v2.Document",
];

function load(folder: string): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_, path) => path.startsWith("google/protobuf/") ? path : `${folder}/${path}`;
  root.loadSync(FILES, { keepCase: true }).resolveAll();
  return root;
}

/** The messages, with all those that they use. */
function reachable(root: protobuf.Root): protobuf.Type[] {
  const found = new Set<protobuf.Type>();
  const todo = MESSAGES.map((name) => root.lookupType(name));
  for (let type = todo.pop(); type !== undefined; type = todo.pop()) {
    if (found.has(type)) continue;
    found.add(type);
    for (const { resolvedType } of type.fieldsArray) if (resolvedType instanceof protobuf.Type) todo.push(resolvedType);
  }
  return [...found].sort((a, b) => a.fullName < b.fullName ? -1 : 1);
}

function describe(type: protobuf.Type): Record<string, unknown> {
  const { fields } = type.toJSON({ keepComments: false });
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, absolute(type, name, field)])),
  };
}

/** A field with the full name of its type, because messages are extracted one by one. */
function absolute(type: protobuf.Type, name: string, field: protobuf.IField): protobuf.IField {
  const { resolvedType } = type.fields[name]!;
  const { options: _, ...rest } = field;
  return resolvedType === null ? rest : { ...rest, type: resolvedType.fullName };
}

if (import.meta.main) {
  const [folder = ""] = Deno.args;
  const messages = Object.fromEntries(reachable(load(folder)).map((type) => [type.fullName.slice(1), describe(type)]));
  await Deno.writeTextFile(new URL("messages.json", import.meta.url), `${JSON.stringify(messages)}\n`);
}
