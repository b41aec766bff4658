/**
 * Subresources that are not part of an object: tokens of ServiceAccounts.
 *
 * @module
 */
import { type JsonObject, stringifyJson } from "../../../src/base/json.ts";
import { parseBody } from "../decode.ts";
import { invalid, notFound } from "../errors.ts";
import { field } from "../field_errors.ts";
import type { Objects } from "../objects.ts";
import { ISSUER, issueToken } from "../tokens.ts";
import { asObject } from "../values.ts";
import { jsonAnswer } from "./answer.ts";
import type { Asked } from "./request.ts";

const SECONDS = 3600;
const LEAST = 600;

/** Answers a request for a subresource other than `status` and `finalize`. */
export function otherSubresource(objects: Objects, asked: Asked): Response {
  const { type, namespace, name, subresource } = asked;
  if (!type.subresources.includes(subresource!)) throw notFound(type, name ?? "");
  const { metadata } = objects.get(type, `${namespace}/${name}`);
  return jsonAnswer(stringifyJson(tokenFor(objects, asked, metadata.uid ?? "")), { status: 201 });
}

function tokenFor(objects: Objects, asked: Asked, uid: string): JsonObject {
  const body = parseBody(asked.body, asked.headers.get("content-type") ?? "", "TokenRequest");
  const { expirationSeconds, audiences = [] } = asObject(body.spec) as {
    expirationSeconds?: number;
    audiences?: string[];
  };
  const seconds = Number(expirationSeconds ?? SECONDS);
  if (seconds < LEAST) {
    const problem = field.invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
    throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, asked.name ?? "", [problem]);
  }
  const now = objects.now();
  const [namespace, name] = [asked.namespace ?? "", asked.name ?? ""];
  const token = issueToken({ namespace, name, uid, audiences, now, seconds });
  const expirationTimestamp = new Date(now + seconds * 1000).toISOString().replace(/\.\d+/, "");
  return {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: { name, namespace },
    spec: {
      ...asObject(body.spec),
      audiences: audiences.length > 0 ? audiences : [ISSUER],
      expirationSeconds: seconds,
    },
    status: { token, expirationTimestamp },
  };
}
