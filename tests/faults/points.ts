/**
 * Names the I/O points of the operator: requests by their purpose, without what differs between runs.
 *
 * @module
 */

/**
 * Names a request to the API server: `PATCH databricksjobs/status`, `WATCH secrets[databricks-api-secret]`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kubernetesPoint } from "./points.ts";
 *
 * const at = (path: string) => new URL(path, "http://kubernetes");
 * const jobs = "/apis/com.dstancu.databricks/v1/namespaces/team/databricksjobs";
 * assert.equal(kubernetesPoint("PATCH", at(`${jobs}/etl/status?fieldManager=x`)), "PATCH databricksjobs/status");
 * assert.equal(kubernetesPoint("GET", at(`${jobs}?watch=true`)), "WATCH databricksjobs");
 * assert.equal(kubernetesPoint("GET", at("/api/v1/secrets?fieldSelector=metadata.name%3Da")), "LIST secrets[a]");
 * assert.equal(kubernetesPoint("GET", at("/apis/com.dstancu.databricks/v1")), "DISCOVER com.dstancu.databricks");
 * ```
 */
export function kubernetesPoint(method: string, { pathname, searchParams }: URL): string {
  const [, group = "", rest = ""] = pathname.match(/^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/(.*))?$/) ?? [];
  const [plural = "", name, subresource] = rest.replace(/^namespaces\/[^/]+\//, "").split("/");
  if (plural === "") return `DISCOVER ${group}`;
  const [, selected] = searchParams.get("fieldSelector")?.match(/^metadata\.name=(.*)$/) ?? [];
  const what = `${plural}${subresource === undefined ? "" : `/${subresource}`}${selected ? `[${selected}]` : ""}`;
  if (method !== "GET") return `${method} ${what}`;
  return `${name !== undefined ? "GET" : searchParams.get("watch") === "true" ? "WATCH" : "LIST"} ${what}`;
}

/**
 * Names a request to Databricks: `PATCH /api/2.0/repos/{id}`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { databricksPoint } from "./points.ts";
 *
 * const at = (path: string) => new URL(path, "http://databricks");
 * assert.equal(databricksPoint("GET", at("/api/2.0/repos/601234567890123456")), "GET /api/2.0/repos/{id}");
 * const pipeline = "/api/2.0/pipelines/00000000-0000-4000-8000-000000000001";
 * assert.equal(databricksPoint("POST", at(`${pipeline}/updates`)), "POST /api/2.0/pipelines/{id}/updates");
 * ```
 */
export function databricksPoint(method: string, { pathname }: URL): string {
  return `${method} ${pathname.replace(/\/(\d{5,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\/|$)/g, "/{id}")}`;
}

/** True for a point that may change something. */
export function isWrite(point: string): boolean {
  return /^(POST|PUT|PATCH|DELETE) /.test(point);
}
