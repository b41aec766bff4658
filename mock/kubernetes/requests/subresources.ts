/**
 * Subresources that are not parts of an object: tokens of ServiceAccounts.
 *
 * @module
 */
import { type JsonObject, stringifyJson } from "../../../src/base/json.ts";
import { parseBody } from "../decode.ts";
import { notFound } from "../errors.ts";
import type { Objects } from "../objects.ts";
import { asObject } from "../values.ts";
import { jsonAnswer } from "./answer.ts";
import type { Asked } from "./request.ts";

const SECONDS = 3600;

/** Answers a request for a subresource other than `status` and `finalize`. */
export function otherSubresource(objects: Objects, asked: Asked): Response {
  const { type, namespace, name, subresource } = asked;
  if (!type.subresources.includes(subresource!)) throw notFound(type, name ?? "");
  objects.get(type, `${namespace}/${name}`);
  return jsonAnswer(stringifyJson(tokenFor(objects, asked)), { status: 201 });
}

/** A token that names its ServiceAccount, as {@link userOfToken} reads it. */
function tokenFor(objects: Objects, asked: Asked): JsonObject {
  const body = parseBody(asked.body, asked.headers.get("content-type") ?? "", "TokenRequest");
  const seconds = Number(asObject(body.spec).expirationSeconds ?? SECONDS);
  const expirationTimestamp = new Date(objects.now() + seconds * 1000).toISOString().replace(/\.\d+/, "");
  const token = `serviceaccount.${asked.namespace}.${asked.name}.${crypto.randomUUID()}`;
  const spec = { ...asObject(body.spec), expirationSeconds: seconds };
  return {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: { name: asked.name!, namespace: asked.namespace! },
    spec,
    status: { token, expirationTimestamp },
  };
}

/** The ServiceAccount that a token of {@link tokenFor} stands for. */
export function userOfToken(token: string): string | undefined {
  const [, namespace, name] = token.match(/^serviceaccount\.([a-z0-9-]+)\.(.+)\.[0-9a-f-]{36}$/) ?? [];
  return namespace === undefined ? undefined : `system:serviceaccount:${namespace}:${name}`;
}
