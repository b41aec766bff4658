/**
 * Discovery: the API's kinds, its version, its health, and the caller's identity.
 *
 * @module
 */
import process from "node:process";
import { stringifyJson } from "../../../src/base/json.ts";
import type { User } from "../access.ts";
import { ApiError } from "../errors.ts";
import type { Registry } from "../registry.ts";
import { jsonAnswer } from "../requests/answer.ts";
import { jwks, openIdConfiguration } from "../tokens.ts";
import { AGGREGATED, aggregatedList, wantsAggregated } from "./aggregated.ts";
import { apiGroup, apiGroupList, apiVersions, groupsOf, resourceList } from "./groups.ts";
import { openApiIndex, openApiV2, openApiV3 } from "./openapi.ts";
import { review } from "./reviews.ts";

/** A request that is not about objects. */
export interface Inquiry {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  readonly user: User;
}

/** Inquiries by their paths; matched groups are passed to the answer. `undefined`: not found. */
const routes: readonly {
  path: RegExp;
  answer: (registry: Registry, inquiry: Inquiry, parts: readonly string[]) => unknown;
}[] = [
  { path: /^\/$/, answer: (registry) => ({ paths: rootPaths(registry) }) },
  {
    path: /^\/\.well-known\/openid-configuration$/,
    answer: (_, { headers }) => only("application/json", headers, openIdConfiguration()),
  },
  {
    path: /^\/openid\/v1\/jwks\/?$/,
    answer: (_, { headers }) => only("application/jwk-set+json", headers, jwks()),
  },
  { path: /^\/version\/?$/, answer: () => VERSION },
  { path: /^\/(?:healthz|livez|readyz)(?:\/.*)?$/, answer: () => new Response("ok") },
  { path: /^\/api\/?$/, answer: (registry, inquiry) => aggregated(registry, inquiry, true) ?? apiVersions() },
  {
    path: /^\/apis\/?$/,
    answer: (registry, inquiry) => aggregated(registry, inquiry, false) ?? apiGroupList(registry),
  },
  { path: /^\/api\/([^/]+)\/?$/, answer: (registry, _, [version]) => resourceList(registry, "", version!) },
  { path: /^\/apis\/([^/]+)\/?$/, answer: (registry, _, [group]) => apiGroup(registry, group!) },
  {
    path: /^\/apis\/(auth[^/]+)\/v1\/(selfsubject[a-z]+)$/,
    answer: (_, inquiry, [group, plural]) => review(inquiry, group!, plural!),
  },
  {
    path: /^\/apis\/([^/]+)\/([^/]+)\/?$/,
    answer: (registry, _, [group, version]) => resourceList(registry, group!, version!),
  },
  { path: /^\/openapi\/v3\/?$/, answer: (registry) => openApiIndex(registry) },
  {
    path: /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/,
    answer: (registry, _, [group, version]) => openApiV3(registry, group ?? "", version!),
  },
  { path: /^\/openapi\/v2$/, answer: (registry, { headers }) => openApiV2(registry, headers) },
];

const VERSION = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.3+embedded",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: `${process.platform}/${process.arch}`,
};

/** All paths below the root, for `kubectl get --raw /`. */
function rootPaths(registry: Registry): string[] {
  const groups = groupsOf(registry).filter(({ name }) => name !== "").flatMap(({ name, versions }) => [
    `/apis/${name}`,
    ...[...versions.keys()].map((version) => `/apis/${name}/${version}`),
  ]);
  return [
    "/api",
    "/api/v1",
    "/apis",
    ...groups,
    "/healthz",
    "/livez",
    "/openapi/v2",
    "/openapi/v3",
    "/readyz",
    "/version",
  ]
    .sort();
}

/** The answer to an inquiry; `undefined` for an unknown path. */
export function answerInquiry(registry: Registry, inquiry: Inquiry): Response | undefined {
  for (const { path, answer } of routes) {
    const parts = inquiry.path.match(path);
    if (!parts) continue;
    const told = answer(registry, inquiry, parts.slice(1));
    if (told === undefined || told instanceof Response) return told;
    return jsonAnswer(stringifyJson(told), { status: inquiry.method === "POST" ? 201 : 200 });
  }
  return undefined;
}

/**
 * An answer that exists in only one media type. Ranges such as `application/*` do not match, as on a real API server.
 *
 * @throws {ApiError} 406 if the caller does not accept it.
 */
function only(mediaType: string, headers: Headers, value: unknown): Response {
  const ranges = (headers.get("accept") ?? "*/*").split(",").map((range) => range.split(";")[0]!.trim());
  if (!ranges.includes(mediaType) && !ranges.includes("*/*")) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${mediaType}`;
    throw new ApiError(406, "NotAcceptable", message);
  }
  return jsonAnswer(stringifyJson(value), { headers: { "content-type": mediaType } });
}

function aggregated(registry: Registry, { headers }: Inquiry, isCore: boolean): Response | undefined {
  if (!wantsAggregated(headers)) return undefined;
  const groups = groupsOf(registry).filter(({ name }) => (name === "") === isCore);
  return jsonAnswer(stringifyJson(aggregatedList(groups)), { headers: { "content-type": AGGREGATED } });
}
