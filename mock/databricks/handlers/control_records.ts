/**
 * `/_/ledger`, `/_/faults`, `/_/revoke`, `/_/state` and `/_/ping`, for programs that use a served mock.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import { invalid } from "../errors.ts";
import type { Fault, FaultRule } from "../../faults.ts";
import type { MockWorkspace } from "../workspace.ts";
import { type Call, endpoint } from "./endpoint.ts";

function readRule({ match, ...rest }: Call["body"]): FaultRule {
  if (typeof match !== "string") throw invalid("Missing required field: match");
  try {
    return { ...rest, match: new RegExp(match) };
  } catch (error) {
    throw invalid(`match is not a regular expression: ${error}`);
  }
}

function describe({ rule, name, hits }: Fault): Record<string, unknown> {
  const match = typeof rule.match === "string" ? rule.match : rule.match.source.replaceAll("\\/", "/");
  return { ...rule, match, name, hits };
}

/** The workspace's entire state, without values of secrets and without tokens. */
function stateOf({ jobs, runs, credentials, repos, secrets, unhandled }: MockWorkspace): Record<string, unknown> {
  const scopes = secrets.scopes().map((scope) => ({
    ...scope,
    keys: secrets.keys(scope.name),
    acls: secrets.acls(scope.name),
  }));
  return { jobs: jobs.all(), runs: runs.list(), credentials: credentials.all(), repos: repos.all(), scopes, unhandled };
}

/** The handlers of the ledger, the faults and the state. */
export function controlRecordsHandlers(workspace: MockWorkspace): HttpHandler[] {
  const { ledger, faults } = workspace;
  return [
    endpoint("get", "/_/ping", () => ({ host: workspace.host })),
    endpoint("get", "/_/state", () => stateOf(workspace)),
    endpoint("get", "/_/ledger", ({ query }) => query.flag("count") ? ledger.counts() : { calls: ledger.calls }),
    endpoint("delete", "/_/ledger", () => ledger.clear()),
    // Revokes all OAuth tokens, as an administrator does.
    endpoint("post", "/_/revoke", () => workspace.auth.revokeIssued()),
    endpoint("get", "/_/faults", () => ({ faults: faults.all().map(describe) })),
    endpoint("post", "/_/faults", ({ body }) => describe(faults.add(readRule(body)))),
    endpoint("delete", "/_/faults", () => faults.clear()),
  ];
}
