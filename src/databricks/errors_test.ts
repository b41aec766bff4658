import assert from "node:assert/strict";
import {
  AlreadyExistsError,
  classify,
  ConflictError,
  ConnectionError,
  type DatabricksError,
  type Failure,
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
  UnreachableError,
} from "./errors.ts";
import { endpoints as runs } from "../resources/shared/job_runs.ts";
import type { Quirk } from "../resource.ts";
import { resources } from "../resources/mod.ts";

type ErrorClass = new (failure: Failure) => DatabricksError;
type Row = [status: number, code: string, message: string, endpoint: string, error: ErrorClass];

const JOB = "GET /api/2.2/jobs/get";
const CREATE = "POST /api/2.2/jobs/create";
const SCOPE = "POST /api/2.0/secrets/scopes/create";
const REPO = "POST /api/2.0/repos";

const table: readonly Row[] = [
  // Missing.
  [404, "RESOURCE_DOES_NOT_EXIST", "Scope a does not exist!", "GET /api/2.0/secrets/list", NotFoundError],
  [404, "NOT_FOUND", "Repo not found", "GET /api/2.0/repos/{repo_id}", NotFoundError],
  [404, "", "", JOB, UnavailableError],
  [404, "", "<html><h1>404 Not Found</h1></html>", JOB, UnavailableError],
  [404, "", "<html><h1>404 Not Found</h1></html>", "DELETE /api/2.0/repos/{repo_id}", UnavailableError],
  [404, "SOMETHING_NEW", "no route", JOB, UnavailableError],
  [400, "INVALID_PARAMETER_VALUE", "Job 123 does not exist.", JOB, NotFoundError],
  [400, "INVALID_PARAMETER_VALUE", "Job 123 does not exist.", "POST /api/2.1/jobs/reset", NotFoundError],
  [400, "INVALID_PARAMETER_VALUE", "Run 123 does not exist.", "GET /api/2.2/jobs/runs/get", NotFoundError],
  [400, "INVALID_PARAMETER_VALUE", "Run: 1 in job: 2 doesn't exist", "GET /api/2.2/jobs/runs/get", NotFoundError],
  [400, "RESOURCE_DOES_NOT_EXIST", "No such path", "GET /api/2.0/workspace/get-status", NotFoundError],
  // Not missing, although the message contains the words.
  [400, "INVALID_PARAMETER_VALUE", "The job cluster 'a' does not exist", CREATE, InvalidRequestError],
  [400, "INVALID_PARAMETER_VALUE", "Cluster 0101-1 does not exist", CREATE, InvalidRequestError],
  [400, "INVALID_PARAMETER_VALUE", "Job 123 does not exist.", SCOPE, InvalidRequestError],
  [404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /2.9/jobs'", JOB, InvalidRequestError],
  // Taken.
  [400, "RESOURCE_ALREADY_EXISTS", "Scope a already exists!", SCOPE, AlreadyExistsError],
  [409, "ALREADY_EXISTS", "exists", SCOPE, AlreadyExistsError],
  [400, "INVALID_PARAMETER_VALUE", "Path (/Repos/a/b) already exists.", REPO, AlreadyExistsError],
  [400, "GIT_CREDENTIAL_ALREADY_EXISTS", "exists", "POST /api/2.0/git-credentials", AlreadyExistsError],
  [400, "INVALID_PARAMETER_VALUE", "already exists", SCOPE, InvalidRequestError],
  // Identity and permission.
  [401, "", "", JOB, UnauthenticatedError],
  [401, "UNAUTHENTICATED", "Credential was not sent", JOB, UnauthenticatedError],
  [403, "", "Invalid access token.", JOB, UnauthenticatedError],
  [403, "PERMISSION_DENIED", "Invalid Token", JOB, UnauthenticatedError],
  [403, "PERMISSION_DENIED", "The token is expired", JOB, UnauthenticatedError],
  [403, "PERMISSION_DENIED", "User does not have Manage permissions", JOB, PermissionDeniedError],
  [403, "", "<html>Forbidden</html>", JOB, PermissionDeniedError],
  // Not now.
  [429, "REQUEST_LIMIT_EXCEEDED", "slow down", CREATE, RateLimitedError],
  [429, "", "", CREATE, RateLimitedError],
  [400, "RESOURCE_EXHAUSTED", "slow down", CREATE, RateLimitedError],
  [409, "RESOURCE_CONFLICT", "busy", JOB, ConflictError],
  [409, "", "busy", JOB, ConflictError],
  [400, "ABORTED", "busy", JOB, ConflictError],
  [503, "TEMPORARILY_UNAVAILABLE", "back soon", CREATE, UnavailableError],
  [500, "INTERNAL_ERROR", "", CREATE, UnavailableError],
  [502, "", "<html><h1>Bad Gateway</h1></html>", CREATE, UnavailableError],
  [504, "", "", CREATE, UnavailableError],
  [408, "", "", CREATE, UnavailableError],
  [410, "GONE", "", JOB, UnavailableError],
  [301, "", "<html>Moved</html>", JOB, UnavailableError],
  [302, "", "", CREATE, UnavailableError],
  [0, "", "connection closed before message completed", CREATE, ConnectionError],
  [0, "", "client error (SendRequest): connection reset", CREATE, ConnectionError],
  [0, "", "client error (Connect): tcp connect error: Connection refused", CREATE, UnreachableError],
  [0, "", "client error (Connect): dns error: no such host", CREATE, UnreachableError],
  // Wrong.
  [400, "INVALID_PARAMETER_VALUE", "Invalid quartz cron expression", CREATE, InvalidRequestError],
  [400, "MALFORMED_REQUEST", "", CREATE, InvalidRequestError],
  [400, "SOMETHING_NEW", "", CREATE, InvalidRequestError],
  [413, "", "", CREATE, InvalidRequestError],
  // Not supported here: a retry changes nothing.
  [501, "NOT_IMPLEMENTED", "This API is not supported in this workspace", CREATE, InvalidRequestError],
  [501, "", "", JOB, InvalidRequestError],
  // From a proxy.
  [302, "", "", CREATE, UnavailableError],
  [303, "", "", JOB, UnavailableError],
  // Messages for which the official SDKs retry, whatever the status.
  [
    400,
    "INVALID_STATE",
    "com.databricks.backend.manager.util.UnknownWorkerEnvironmentException: 7",
    CREATE,
    UnavailableError,
  ],
  [400, "BAD_REQUEST", "Workspace 7 does not have any associated worker environments", JOB, UnavailableError],
  [404, "RESOURCE_DOES_NOT_EXIST", "There is no worker environment with id 7", JOB, UnavailableError],
  [403, "PERMISSION_DENIED", "Unknown worker environment", JOB, UnavailableError],
  [400, "INVALID_STATE", "ClusterNotReadyException: starting", CREATE, UnavailableError],
  [400, "BAD_REQUEST", "Unexpected error while processing", CREATE, UnavailableError],
  [400, "INVALID_PARAMETER_VALUE", "Please try again later or try a faster operation.", CREATE, UnavailableError],
  [400, "BAD_REQUEST", "RPC token bucket limit has been exceeded", CREATE, RateLimitedError],
  [400, "FEATURE_DISABLED", "Git credentials are turned off", SCOPE, InvalidRequestError],
  [404, "FEATURE_DISABLED", "Git credentials are turned off", SCOPE, InvalidRequestError],
];

/** The quirks of an endpoint as its kind declares it. */
function quirksOf(line: string): readonly Quirk[] {
  const plain = line.replace(/\/2\.[12]\/jobs/, "/{jobs_api_version}/jobs");
  const declared = [...resources.map(({ endpoints }) => endpoints), runs].flatMap((of) => Object.values(of));
  return declared.find(({ method, path }) => `${method} ${path}` === plain)?.errors ?? [];
}

const refused: readonly ErrorClass[] = [
  NotFoundError,
  AlreadyExistsError,
  UnauthenticatedError,
  PermissionDeniedError,
  InvalidRequestError,
  ConflictError,
  RateLimitedError,
  UnreachableError,
];
const transient: readonly ErrorClass[] = [RateLimitedError, UnavailableError, ConnectionError, UnreachableError];

for (const [status, code, message, endpoint, expected] of table) {
  const shown = [status || "no answer", code, message.replace(/\s+/g, " ")].filter(Boolean).join(" ");
  Deno.test(`"${shown}" to ${endpoint} is ${expected.name}`, () => {
    const failure = { status, code, message, endpoint, host: "prod.example.com" };
    const error = classify(failure, { quirks: quirksOf(endpoint) });
    assert.equal(error.constructor, expected);
    assert.equal(error.name, expected.name);
    assert.equal(error.refused, refused.includes(expected), "refused: nothing was done");
    assert.equal(error.transient, transient.includes(expected), "transient: it may succeed later");
  });
}

Deno.test("an error names the endpoint, the workspace and the response, and keeps its cause", () => {
  const cause = new TypeError("connection refused");
  const failure = { endpoint: JOB, status: 403, code: "PERMISSION_DENIED", message: "no", host: "prod.example.com" };
  assert.equal(classify(failure).message, `${JOB}: workspace "prod.example.com" gave 403 PERMISSION_DENIED: no`);
  const lost = classify({ ...failure, status: 0, code: "", message: cause.message, cause });
  assert.equal(lost.message, `${JOB}: workspace "prod.example.com" gave no answer: connection refused`);
  assert.equal(lost.cause, cause);
});
