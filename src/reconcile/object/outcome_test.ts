import assert from "node:assert/strict";
import { classify } from "../../databricks/errors.ts";
import { KubeConnectionError, KubeError } from "../../kubernetes/client.ts";
import { BlockedError, type Failure, isStalled, type Outcome, outcome } from "./outcome.ts";

const doing = 'Cannot update job "etl"';
const endpoint = "POST /api/2.2/jobs/reset";
const at = `workspace "prod.example.com"`;

function databricks(status: number, code: string, more: { message?: string; retryAfter?: number } = {}) {
  return classify({ endpoint, host: "prod.example.com", status, code, message: "because", ...more });
}

function kubernetes(status: number, reason: string, retryAfterSeconds?: number) {
  return new KubeError("the API server refused", { status, reason, retryAfterSeconds });
}

const starting = classify(
  { endpoint, host: "prod.example.com", status: 400, code: "INVALID_STATE", message: "PENDING" },
  { quirks: [{ why: "It starts", code: /^INVALID_STATE$/, means: "busy" }] },
);

const parentless = classify(
  { endpoint, host: "prod.example.com", status: 404, code: "CATALOG_DOES_NOT_EXIST", message: "no catalog" },
  { quirks: [{ why: "It is in a catalog", code: /_DOES_NOT_EXIST$/, means: "parent", remedy: "create the catalog" }] },
);

const table: [error: unknown, kind: Outcome["kind"], reason: string, delayMs?: number][] = [
  [databricks(429, "REQUEST_LIMIT_EXCEEDED", { retryAfter: 7 }), "transient", "RateLimited", 7000],
  [databricks(429, ""), "transient", "RateLimited", 1000],
  [databricks(503, "TEMPORARILY_UNAVAILABLE"), "transient", "Unavailable"],
  [databricks(503, "", { retryAfter: 30 }), "transient", "Unavailable", 30_000],
  [databricks(0, ""), "transient", "Unavailable"],
  [databricks(401, ""), "terminal", "Unauthenticated"],
  [databricks(403, "PERMISSION_DENIED"), "passing", "PermissionDenied"],
  [databricks(400, "RESOURCE_ALREADY_EXISTS"), "terminal", "AlreadyExists"],
  [databricks(409, "RESOURCE_CONFLICT"), "passing", "ExternalConflict"],
  [databricks(303, ""), "transient", "Unavailable"],
  [databricks(501, "NOT_IMPLEMENTED"), "terminal", "InvalidRequest"],
  [databricks(400, "BAD_REQUEST", { message: "Unexpected error" }), "transient", "Unavailable"],
  [databricks(400, "INVALID_PARAMETER_VALUE"), "terminal", "InvalidRequest"],
  [databricks(404, "RESOURCE_DOES_NOT_EXIST"), "terminal", "InvalidRequest"],
  [databricks(404, ""), "transient", "Unavailable"],
  [new BlockedError("SecretMissing", "create it"), "terminal", "SecretMissing"],
  [new BlockedError("ScopeMissing", "create it", "retry"), "transient", "ScopeMissing"],
  [kubernetes(409, "Conflict"), "silent", "nobody is told"],
  [kubernetes(409, "AlreadyExists"), "silent", "nobody is told"],
  [kubernetes(403, "Forbidden"), "passing", "KubernetesForbidden"],
  [kubernetes(429, "TooManyRequests", 3), "transient", "KubernetesError", 3000],
  [kubernetes(500, "InternalError"), "transient", "KubernetesError"],
  [new KubeConnectionError("no route"), "transient", "ApiServerUnreachable"],
  [new TypeError("a bug"), "transient", "InternalError"],
  ["a text", "transient", "InternalError"],
  [starting, "busy", "ExternalBusy"],
  [parentless, "transient", "ParentMissing"],
];

for (const [error, kind, reason, delayMs] of table) {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  Deno.test(`"${what}" is ${kind}: ${reason}${delayMs === undefined ? "" : ` after ${delayMs} ms`}`, () => {
    const result = outcome(error, doing);
    const told = result.kind === "silent" ? { reason: "nobody is told" } : result;
    assert.deepEqual([result.kind, told.reason, (told as { delayMs?: number }).delayMs], [kind, reason, delayMs]);
    if (!(error instanceof BlockedError)) assert.ok(result.message.startsWith(`${doing}: `), result.message);
  });
}

Deno.test("messages name the failure, the place, the response and the remedy", () => {
  const said = (error: unknown) => outcome(error, doing).message;
  assert.equal(
    said(databricks(403, "PERMISSION_DENIED")),
    `${doing}: ${at} answered 403 PERMISSION_DENIED to ${endpoint}: because; grant the token's user the permission`,
  );
  assert.equal(said(databricks(0, "")), `${doing}: ${at} gave no answer to ${endpoint}: because`);
  assert.equal(said(databricks(409, "")), `${doing}: ${at} answered 409 to ${endpoint}: because`);
  assert.match(said(databricks(401, "")), /; put a valid access_token into the API Secret$/);
  assert.match(said(databricks(400, "RESOURCE_ALREADY_EXISTS")), /databricks-operator\/adopt: "true"/);
  assert.equal(said(new BlockedError("SecretMissing", "spec.secret_name: create it")), "spec.secret_name: create it");
  assert.equal(said(new Error("boom")), `${doing}: boom`);
});

Deno.test("a 403 or 409 is Stalled only if it lasts longer than half a minute", () => {
  for (const error of [databricks(403, "PERMISSION_DENIED"), databricks(409, "RESOURCE_CONFLICT")]) {
    const told = outcome(error, doing) as Failure;
    assert.deepEqual([1, 5, 6].map((failures) => isStalled(told, failures)), [false, false, true]);
  }
  const wrong = outcome(databricks(400, "INVALID_PARAMETER_VALUE"), doing) as Failure;
  assert.equal(isStalled(wrong, 1), true);
});

Deno.test("an endpoint's hint about a rejection ends its message", () => {
  assert.match((outcome(parentless, doing) as Failure).message, /: no catalog; create the catalog$/);
});
