/**
 * All handlers of one workspace.
 *
 * @module
 */
import type { HttpHandler } from "msw/http";
import type { MockWorkspace } from "../workspace.ts";
import { controlJobsHandlers } from "./control_jobs.ts";
import { controlRecordsHandlers } from "./control_records.ts";
import { gitCredentialsHandlers } from "./git_credentials.ts";
import { jobsHandlers, jobsVersions } from "./jobs.ts";
import { grantsHandlers } from "./grants.ts";
import { oauthHandlers } from "./oauth.ts";
import { permissionsHandlers } from "./permissions.ts";
import { plainHandlers } from "./plain.ts";
import { reposHandlers } from "./repos.ts";
import { runRecordsHandlers } from "./run_records.ts";
import { runsHandlers } from "./runs.ts";
import { scimHandlers } from "./scim.ts";
import { secretsHandlers } from "./secrets.ts";
import { workspaceHandlers } from "./workspace.ts";

/** Databricks' REST API. */
export function apiHandlers(workspace: MockWorkspace): HttpHandler[] {
  const { credentials, repos, files, secrets, plain, kinds, auth, doubts } = workspace;
  return [
    ...jobsVersions.flatMap((
      version,
    ) => [
      ...jobsHandlers(workspace, version),
      ...runsHandlers(workspace, version),
      ...runRecordsHandlers(workspace, version),
    ]),
    ...secretsHandlers(secrets, auth, doubts),
    ...reposHandlers(repos, auth, doubts),
    ...workspaceHandlers(repos, files, () => doubts),
    ...gitCredentialsHandlers(credentials, doubts),
    ...permissionsHandlers(workspace),
    ...grantsHandlers(workspace.grants, doubts),
    ...oauthHandlers(auth),
    ...scimHandlers(auth),
    ...Object.values(kinds).flatMap((kind) => kind.handlers()),
    ...plainHandlers(plain),
  ];
}

/** The endpoints under `/_/`, which let another program act as a person, read the ledger and set faults. */
export function controlHandlers(workspace: MockWorkspace): HttpHandler[] {
  return [...controlJobsHandlers(workspace), ...controlRecordsHandlers(workspace)];
}

/**
 * Creates handlers. MSW records the call site of each from a stack trace; without stack traces, a workspace is created
 * fifteen times as fast.
 */
export function withoutStacks<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
